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

// Passwords has the pages for users who forgot their password.
type Passwords struct{ *core }

// New shows the form to ask for a link, or that one was asked for. Without mail there
// is no such page.
func (s *Passwords) New(c echo.Context) error {
	switch {
	case !s.Desk.Mail.Enabled():
		return fault.ErrNotFound
	case c.QueryParam("sent") != "":
		return s.Render(c, http.StatusOK, views.PasswordSent())
	}
	return s.Render(c, http.StatusOK, views.PasswordForgotten("", nil))
}

// Ask stores the request for a link. The answer is the same whether the address has an
// account or not.
func (s *Passwords) Ask(c echo.Context) error {
	if !s.Desk.Mail.Enabled() {
		return fault.ErrNotFound
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in account.ForgottenInput
	web.Bind(f, &in)
	err = s.Desk.Accounts.Passwords.Ask(c.Request().Context(), in, s.Addresses.IP(c))
	if inv, ok := web.AsInvalid(err); ok {
		return s.Render(c, http.StatusUnprocessableEntity, views.PasswordForgotten(in.Email, inv))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, "/password?sent=1")
}

// ShowLink shows the page of a link. It changes nothing.
func (s *Passwords) ShowLink(c echo.Context) error {
	return s.renderPasswordLink(c, http.StatusOK, nil)
}

// renderPasswordLink shows the page of the link in the path, or that it is not valid.
func (s *Passwords) renderPasswordLink(c echo.Context, status int, inv *fault.Invalid) error {
	s.Origins.SecretPage(c)
	link, err := s.Desk.Accounts.Passwords.Link(c.Request().Context(), c.Param("token"))
	if errors.Is(err, fault.ErrNotFound) {
		return s.Render(c, http.StatusNotFound, views.PasswordLinkGone())
	}
	if err != nil {
		return err
	}
	return s.Render(c, status, views.PasswordChoose(c.Param("token"), link, inv))
}

// Set sets the password with the link in the path, and starts a session. A session of
// another account on this device ends.
func (s *Passwords) Set(c echo.Context) error {
	s.Origins.SecretPage(c)
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in account.NewPasswordInput
	web.Bind(f, &in)
	who, err := s.Desk.Accounts.Passwords.Set(c.Request().Context(), c.Param("token"), in, s.Addresses.IP(c))
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderPasswordLink(c, http.StatusUnprocessableEntity, inv)
	}
	if errors.Is(err, fault.ErrNotFound) {
		return s.Render(c, http.StatusNotFound, views.PasswordLinkGone())
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.Begin(c, who); err != nil {
		return err
	}
	return web.Done(c, ui.Home(who.Actor), "Your password is set, and you are signed in. Your other devices are signed out.")
}
