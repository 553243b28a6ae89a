package web

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// Requests of API clients: those for the API, and for files with a token or a signed link.

// IsAPI reports whether a request is for the API or Socket.IO, or by an API client for a file.
func IsAPI(c echo.Context) bool {
	path := c.Request().URL.Path
	return path == "/api" || strings.HasPrefix(path, "/api/") || path == SocketIOPath || isAPIFile(c)
}

// SocketIOPath is the path of Socket.IO. Clients end it with a slash, see [WithoutSlash].
const SocketIOPath = "/socket.io"

// isAPIFile reports whether an API client requests a file: with a bearer token,
// with a signed link, or by a preflight. A browser that opens a signed link as a page is
// not an API client: after the link has expired, its session applies, or the sign-in page.
func isAPIFile(c echo.Context) bool {
	r := c.Request()
	switch {
	case !strings.HasPrefix(r.URL.Path, "/uploads/"):
		return false
	case isPreflight(r):
		return true
	case !reads(r):
		return false
	}
	scheme, _ := authorization(r)
	return scheme == "bearer" || c.QueryParams().Has("sign") && !wantsHTML(r)
}

// authorization returns the scheme of the field Authorization, in lower case, and
// what follows it (RFC 9110, 11.6.2).
func authorization(r *http.Request) (scheme, token string) {
	scheme, token, _ = strings.Cut(r.Header.Get(echo.HeaderAuthorization), " ")
	return strings.ToLower(scheme), strings.TrimSpace(token)
}

// AllowedClient calls next if the token of the request belongs to an account with the
// access that the route requires. It sets the actor of the request.
func (s *Env) AllowedClient(a Access, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		c.Response().Header().Set("Cache-Control", "no-store")
		if a.Level() == Open {
			return next(c)
		}
		shown, err := s.SignedTokens.OfRequest(c)
		if err != nil {
			return err
		}
		actor, err := s.Desk.Accounts.Tokens.Bearer(c.Request().Context(), shown)
		if err != nil {
			return err
		}
		SetActor(c, actor)
		switch {
		case actor.MustChangePassword:
			return ErrNewPassword
		case !a.allows(actor):
			return fault.ErrForbidden
		}
		if err := s.countAction(c); err != nil {
			return err
		}
		return next(c)
	}
}

// ErrNewPassword is the error for a user who still has the one-time password from an admin.
var ErrNewPassword = echo.NewHTTPError(http.StatusForbidden, "Choose your own password on the website first.")

// OfRequest returns the credential of the bearer token (RFC 6750, 2.1), a personal or a
// signed one. It returns [fault.ErrCredentials] if there is none that can be read.
func (t *SignedTokens) OfRequest(c echo.Context) (account.Credential, error) {
	scheme, token := authorization(c.Request())
	if scheme != "bearer" {
		return account.Credential{}, fault.ErrCredentials
	}
	return t.Credential(token)
}

// Credential returns the credential of a token, a personal or a signed one, or
// [fault.ErrCredentials]. It does not check whether the token has ended, see
// [account.Tokens.Bearer].
func (t *SignedTokens) Credential(token string) (account.Credential, error) {
	if token == "" || len(token) > 4096 {
		return account.Credential{}, fault.ErrCredentials
	}
	if made, ok := account.TokenCredential(token); ok {
		return made, nil
	}
	return t.read(token)
}
