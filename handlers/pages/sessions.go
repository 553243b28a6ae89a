package pages

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Sessions has the front page, and the pages that start and end a session.
type Sessions struct{ *core }

// Landing shows the front page to visitors, and redirects users to their home page.
func (s *Sessions) Landing(c echo.Context) error {
	if actor := web.ActorOf(c); actor.ID != 0 {
		return web.SeeOther(c, ui.Home(actor))
	}
	return s.Render(c, http.StatusOK, views.Landing())
}

// Show shows the form to sign in, and redirects users who are signed in.
func (s *Sessions) Show(c echo.Context) error {
	next := web.LocalPath(c.QueryParam("next"), "")
	if actor := web.ActorOf(c); actor.ID != 0 {
		return web.SeeOther(c, orHome(next, actor))
	}
	return s.Render(c, http.StatusOK, views.Login(views.LoginForm{Next: next}, nil))
}

// orHome returns next, or the actor's home page if next is "" or "/".
func orHome(next string, actor account.Actor) string {
	if next == "" || next == "/" {
		return ui.Home(actor)
	}
	return next
}

// Login starts a session. Any wrong credentials render the same form and message, so that
// it does not reveal which accounts exist.
func (s *Sessions) Login(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in account.SignInInput
	web.Bind(f, &in)
	who, err := s.Desk.Accounts.SignIn(c.Request().Context(), in, s.Addresses.IP(c))
	page := views.LoginForm{Email: in.Email, Next: web.LocalPath(f.Get("next"), "")}
	if inv, ok := web.AsInvalid(err); ok {
		return s.Render(c, http.StatusUnprocessableEntity, views.Login(page, inv))
	}
	if errors.Is(err, fault.ErrCredentials) {
		page.Wrong = true
		return s.Render(c, http.StatusUnauthorized, views.Login(page, nil))
	}
	var limited *fault.Limited
	if errors.As(err, &limited) {
		s.FormAgain(c, err)
		page.Wait = web.DurationText(limited.RetryAfter)
		return s.Render(c, http.StatusTooManyRequests, views.Login(page, nil))
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.Begin(c, who); err != nil {
		return err
	}
	return web.SeeOther(c, orHome(page.Next, who.Actor))
}

// Logout ends the session, also if the form is from another account's page. With next it
// redirects to the sign-in page, which then leads to next.
func (s *Sessions) Logout(c echo.Context) error {
	f, _ := s.Forms.Read(c, nil) // a form that cannot be read has no next
	if err := s.Sessions.Destroy(c.Request().Context()); err != nil {
		return err
	}
	if next := web.LocalPath(f.Get("next"), ""); next != "" {
		return web.SeeOther(c, web.WithNext("/login", next))
	}
	return web.SeeOther(c, "/")
}

// DemoSignIn signs in the user of a link of a throw-away desk. The route exists only if
// there are such links.
func (s *Sessions) DemoSignIn(c echo.Context) error {
	in, ok := s.Cfg.DemoLinks[c.Param("token")]
	if !ok {
		return fault.ErrNotFound
	}
	who, err := s.Desk.Accounts.SignIn(c.Request().Context(), in, s.Addresses.IP(c))
	if err != nil {
		return err
	}
	if err := s.Sessions.Begin(c, who); err != nil {
		return err
	}
	return web.SeeOther(c, ui.Home(who.Actor))
}
