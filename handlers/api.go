package handlers

import (
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/views"
)

// The JSON API stands beside the pages, on the same verbs of the desk. It knows
// bearer tokens and no cookies, so that no other site can act through a browser.

// apiRoute is one endpoint, and what its document says of it.
type apiRoute struct {
	method, path string
	access       access
	handle       echo.HandlerFunc
	doc          endpoint
}

// apiRoutes is the map of the API, below /api.
func (s *server) apiRoutes() []apiRoute {
	const get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	return []apiRoute{
		{get, "/health", open, s.health, docHealth},
		{get, "/openapi.json", open, s.openAPI, docOpenAPI},
		{get, "/docs", open, s.apiDocs, docPage},
		{post, "/auth/register", open, s.apiRegister, docRegister},
		{post, "/auth/login", open, s.apiLogin, docLogin},

		{get, "/tickets", signedIn, s.apiListTickets, docListTickets},
		{post, "/tickets", signedIn, s.apiCreateTicket, docCreateTicket},
		{get, "/tickets/:id", signedIn, s.apiShowTicket, docShowTicket},
		{put, "/tickets/:id", signedIn, s.apiUpdateTicket, docUpdateTicket},
		{patch, "/tickets/:id/status", signedIn, s.apiSetStatus, docSetStatus},
		{del, "/tickets/:id", signedIn, s.apiDeleteTicket, docDeleteTicket},
		{post, "/tickets/:id/attachment", signedIn, s.apiAttach, docAttach},
		{post, "/uploads/:name/link", signedIn, s.apiLinkFile, docLinkFile},

		{get, "/tickets/:id/comments", signedIn, s.apiListComments, docListComments},
		{post, "/tickets/:id/comments", signedIn, s.apiAddComment, docAddComment},
		{get, "/tickets/:id/messages", signedIn, s.apiListMessages, docListMessages},
		{post, "/tickets/:id/messages", signedIn, s.apiSendMessage, docSendMessage},
		{get, "/tickets/:id/chat", open, s.apiChat, docChat},
		{post, "/ws-ticket", signedIn, s.apiSocketTicket, docSocketTicket},
	}
}

// addAPI adds the routes to the router. What is no route of the API is answered
// as JSON too, by its path: a catch-all would hide which methods a path takes.
func (s *server) addAPI(e *echo.Echo) {
	for _, r := range s.apiRoutes() {
		h := s.apiAllowed(r.access, r.handle)
		e.Add(r.method, "/api"+r.path, h)
		if r.method == http.MethodGet {
			e.Add(http.MethodHead, "/api"+r.path, h)
		}
	}
}

// isAPI reports whether a request is for the API, or by a program for a file.
func isAPI(c echo.Context) bool {
	path := c.Request().URL.Path
	return path == "/api" || strings.HasPrefix(path, "/api/") || isProgramsFile(c)
}

// isProgramsFile reports whether a file is asked for with a token or a signed link.
func isProgramsFile(c echo.Context) bool {
	r := c.Request()
	return (r.Method == http.MethodGet || r.Method == http.MethodHead) && strings.HasPrefix(r.URL.Path, "/uploads/") &&
		(r.Header.Get(echo.HeaderAuthorization) != "" || c.QueryParams().Has("sign"))
}

// apiAllowed finds out whose token it is, and lets a route's people in.
func (s *server) apiAllowed(a access, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "no-store")
		if a == open {
			return next(c)
		}
		shown, err := s.credential(c)
		if err != nil {
			return err
		}
		actor, err := s.desk.Bearer(c.Request().Context(), shown)
		if err != nil {
			return err
		}
		ctx := views.WithFrame(c.Request().Context(), s.baseFrame(actor))
		c.SetRequest(c.Request().WithContext(ctx))
		switch {
		case actor.MustChangePassword:
			return errNewPassword
		case a == admin && !actor.IsAdmin():
			return desk.ErrForbidden
		}
		return next(c)
	}
}

// errNewPassword is for somebody who came with a password that others have seen.
var errNewPassword = echo.NewHTTPError(http.StatusForbidden, "Choose your own password on the website first.")

// credential is what the request shows (RFC 6750, 2.1).
func (s *server) credential(c echo.Context) (desk.Credential, error) {
	scheme, token, _ := strings.Cut(c.Request().Header.Get(echo.HeaderAuthorization), " ")
	token = strings.TrimSpace(token)
	if !strings.EqualFold(scheme, "bearer") || token == "" || len(token) > 4096 {
		return desk.Credential{}, desk.ErrCredentials
	}
	if made, ok := desk.TokenCredential(token); ok {
		return made, nil
	}
	return s.readToken(token)
}

// cors lets the pages of the configured origins call the API from a browser
// (Fetch Standard, 3.2). Without any, browsers keep other sites out.
func (s *server) cors(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		if !isAPI(c) {
			return next(c)
		}
		h := c.Response().Header()
		h.Add(echo.HeaderVary, echo.HeaderOrigin)
		origin := c.Request().Header.Get(echo.HeaderOrigin)
		preflight := c.Request().Method == http.MethodOptions
		if origin != "" && (slices.Contains(s.cfg.CORSOrigins, origin) || slices.Contains(s.cfg.CORSOrigins, "*")) {
			h.Set(echo.HeaderAccessControlAllowOrigin, origin)
			h.Set(echo.HeaderAccessControlExposeHeaders, "ETag, Link, Location, Retry-After, X-Request-Id")
			if preflight {
				h.Set(echo.HeaderAccessControlAllowMethods, "GET, HEAD, POST, PUT, PATCH, DELETE")
				h.Set(echo.HeaderAccessControlAllowHeaders, "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match")
				h.Set(echo.HeaderAccessControlMaxAge, "600")
			}
		}
		if preflight {
			return c.NoContent(http.StatusNoContent)
		}
		return next(c)
	}
}
