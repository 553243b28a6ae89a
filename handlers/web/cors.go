package web

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"
)

// cors lets the pages of the configured origins call the API from a browser
// (Fetch Standard, 3.2). Without configured origins, browsers refuse other sites. Failures
// have its headers too, so that a script can read the error. Echo's CORS takes every OPTIONS
// request for a preflight, and allows credentials to all allowed origins or to none.
func (o *Origins) cors(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if !IsAPI(c) {
			return next(c)
		}
		h := c.Response().Header()
		h.Add(echo.HeaderVary, echo.HeaderOrigin)
		allowed := o.allowOrigin(h, r.Header.Get(echo.HeaderOrigin))
		if !isPreflight(r) {
			return next(c)
		}
		if allowed {
			h.Set(echo.HeaderAccessControlAllowMethods, "GET, HEAD, POST, PUT, PATCH, DELETE")
			h.Set(echo.HeaderAccessControlAllowHeaders, "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match")
			h.Set(echo.HeaderAccessControlMaxAge, "600")
		}
		return c.NoContent(http.StatusNoContent)
	}
}

// isPreflight reports whether a browser asks if it may send a request (Fetch
// Standard, 3.2.2).
func isPreflight(r *http.Request) bool {
	return r.Method == http.MethodOptions && r.Header.Get(echo.HeaderOrigin) != "" && r.Header.Get(echo.HeaderAccessControlRequestMethod) != ""
}

// allowOrigin sets the headers for an origin that may call, and reports whether
// it may. Credentials are allowed to an origin that is configured by name, and
// not to all of "*": clients of the first system send them with every request,
// although the API ignores cookies.
func (o *Origins) allowOrigin(h http.Header, origin string) bool {
	switch {
	case origin == "":
		return false
	case origin != "*" && slices.Contains(o.allowed, origin):
		h.Set(echo.HeaderAccessControlAllowOrigin, origin)
		h.Set(echo.HeaderAccessControlAllowCredentials, "true")
	case slices.Contains(o.allowed, "*"):
		h.Set(echo.HeaderAccessControlAllowOrigin, "*")
	default:
		return false
	}
	h.Set(echo.HeaderAccessControlExposeHeaders, "Content-Disposition, ETag, Link, Location, Retry-After, X-Request-Id")
	return true
}
