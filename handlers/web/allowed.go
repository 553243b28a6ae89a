package web

import (
	"github.com/labstack/echo/v4"

	"frontdesk/internal/fault"
)

// Allowed calls next if the actor has the access that the route requires. Visitors are
// redirected to the sign-in page.
func (s *Env) Allowed(a Access, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		actor, level := ActorOf(c), a.Level()
		switch {
		case level == Public, level == Open:
		case actor.ID == 0 && WantsJSON(c):
			return fault.ErrSignedOut
		case actor.ID == 0:
			return s.askToSignIn(c)
		case actor.MustChangePassword && a&NewPassword == 0:
			return redirect(c, WithNext("/account", s.Routes.pageOf(c)))
		case !a.allows(actor):
			return fault.ErrForbidden
		}
		if level != Public && level != Open {
			if err := s.countAction(c); err != nil {
				return err
			}
			if err := s.Forms.check(c); err != nil {
				return err
			}
		}
		return next(c)
	}
}

// AllowedFile calls next for a client with a signed link, an API client with a token, or the
// user of a session. Others are redirected to the sign-in page.
func (s *Env) AllowedFile(next echo.HandlerFunc) echo.HandlerFunc {
	program, page := s.AllowedClient(SignedIn, next), s.Allowed(SignedIn, next)
	return func(c echo.Context) error {
		switch {
		case s.FileLinks.Has(c):
			return next(c)
		case isAPIFile(c):
			return program(c)
		}
		return page(c)
	}
}

// countAction counts a request that may change something. It runs before the form is read;
// a request above the limit is an [unreadForm].
func (s *Env) countAction(c echo.Context) error {
	if reads(c.Request()) {
		return nil
	}
	if err := s.Desk.Requests.CountAction(c.Request().Context(), ActorOf(c)); err != nil {
		return unreadForm{err}
	}
	return nil
}

// askToSignIn redirects a visitor to the sign-in page, which then leads to the page that
// they requested. A form that they sent is kept if their session had ended. The sign-in
// page shows whether it was.
func (s *Env) askToSignIn(c echo.Context) error {
	if !reads(c.Request()) {
		Flash(c, "warn", "You are signed out, so nothing was saved. Sign in and send it again. If the form is empty then, the Back button of your browser leads to what you typed.")
		if err := s.KeptForms.keep(c); err != nil {
			return err
		}
	}
	return redirect(c, WithNext("/login", s.Routes.pageOf(c)))
}
