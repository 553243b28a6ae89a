package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

// recovered turns a panic of a handler into an error with its stack, so that only its request
// fails. The panic's own error is not wrapped: the answer must not depend on it.
var recovered = middleware.RecoverWithConfig(middleware.RecoverConfig{
	StackSize: 16 << 10, DisableStackAll: true, DisableErrorHandler: true,
	LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
		return fmt.Errorf("%w: %v\n%s", errPanic, err, stack)
	},
})

// errPanic marks the error of a handler that panicked.
var errPanic = errors.New("panic")

// Csp is the Content-Security-Policy of every page. It allows only files of the desk itself,
// and no script or style within a page.
const Csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// headers sets the headers that every answer has. Echo's Secure has no
// Cross-Origin-Opener-Policy, trusts the X-Forwarded-Proto of every client, and cannot be
// used for [Env.RefusalHead].
func (s *Env) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.secureHeaders(c.Response().Header())
		return next(c)
	}
}

// secureHeaders sets the headers that every answer has.
func (s *Env) secureHeaders(h http.Header) {
	h.Set(echo.HeaderContentSecurityPolicy, Csp)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderReferrerPolicy, "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if s.Secure {
		h.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}

// WithoutSlash removes one slash from the end of a path, so that both addresses lead to the
// same route, for every method. An escaped slash (%2F) is part of a name and stays.
func WithoutSlash(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		path, cut := strings.CutSuffix(u.Path, "/")
		raw, rawCut := strings.CutSuffix(u.RawPath, "/")
		switch {
		case u.Path == "" && u.Opaque == "": // http://desk.example (RFC 9110, 4.2.3)
			u.Path = "/"
		case cut && (rawCut || u.RawPath == "") && path != "" && !strings.HasSuffix(path, "/") && !strings.HasPrefix(path, "/static"):
			u.Path, u.RawPath = path, raw
		}
		return next(c)
	}
}
