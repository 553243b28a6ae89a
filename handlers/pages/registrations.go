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

// Registrations has the pages on which people create an account.
type Registrations struct{ *core }

// New shows the form for a new account, and redirects users who are signed in.
func (s *Registrations) New(c echo.Context) error {
	if actor := web.ActorOf(c); actor.ID != 0 {
		return web.SeeOther(c, ui.Home(actor))
	}
	if c.QueryParam("sent") != "" && s.Desk.Mail.Enabled() {
		return s.Render(c, http.StatusOK, views.RegistrationSent())
	}
	return s.Render(c, http.StatusOK, views.Register(views.RegisterForm{Next: web.LocalPath(c.QueryParam("next"), "")}, nil))
}

// Ask creates a customer's account and starts a session. On a desk that sends mail the account is
// created with a mailed link, see [Registrations.askToRegister].
func (s *Registrations) Ask(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in account.RegisterInput
	web.Bind(f, &in)
	page := views.RegisterForm{Username: in.Username, Email: in.Email, Next: web.LocalPath(f.Get("next"), "")}
	if s.Desk.Mail.Enabled() {
		return s.askToRegister(c, in, page)
	}
	who, err := s.Desk.Accounts.Registrations.Register(c.Request().Context(), in, s.Addresses.IP(c))
	if inv, ok := web.AsInvalid(err); ok {
		return s.Render(c, http.StatusUnprocessableEntity, views.Register(page, inv))
	}
	if err != nil {
		return err
	}
	if err := s.Sessions.Begin(c, who); err != nil {
		return err
	}
	return web.Done(c, orHome(page.Next, who.Actor), "Your account is created, and you are signed in.")
}

// askToRegister mails a link that creates an account. The answer is the same whether the address has an
// account or not.
func (s *Registrations) askToRegister(c echo.Context, in account.RegisterInput, page views.RegisterForm) error {
	err := s.Desk.Accounts.Registrations.Ask(c.Request().Context(), in, page.Next, s.Addresses.IP(c))
	if inv, ok := web.AsInvalid(err); ok {
		return s.Render(c, http.StatusUnprocessableEntity, views.Register(page, inv))
	}
	if err != nil {
		return err
	}
	return web.SeeOther(c, "/register?sent=1")
}

// Show shows the page of a link that creates an account. It changes nothing.
func (s *Registrations) Show(c echo.Context) error {
	return s.renderRegistration(c, http.StatusOK, nil)
}

// renderRegistration shows the page of the link in the path, or that it is not valid.
func (s *Registrations) renderRegistration(c echo.Context, status int, inv *fault.Invalid) error {
	s.Origins.SecretPage(c)
	r, err := s.Desk.Accounts.Registrations.Get(c.Request().Context(), c.Param("token"))
	if errors.Is(err, fault.ErrNotFound) {
		return s.Render(c, http.StatusNotFound, views.RegistrationGone())
	}
	if err != nil {
		return err
	}
	return s.Render(c, status, views.RegistrationFinish(c.Param("token"), r, inv))
}

// Finish creates the account of the link in the path, and starts a session.
func (s *Registrations) Finish(c echo.Context) error {
	s.Origins.SecretPage(c)
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in account.FinishInput
	web.Bind(f, &in)
	who, err := s.Desk.Accounts.Registrations.Finish(c.Request().Context(), c.Param("token"), in, s.Addresses.IP(c))
	inv, isInvalid := web.AsInvalid(err)
	switch {
	case isInvalid:
		return s.renderRegistration(c, http.StatusUnprocessableEntity, inv)
	case errors.Is(err, fault.ErrNotFound):
		return s.Render(c, http.StatusNotFound, views.RegistrationGone())
	case errors.Is(err, fault.ErrEmailTaken): // the owner of the address has followed the link
		return s.Render(c, http.StatusConflict, views.RegistrationTaken())
	case err != nil:
		return err
	}
	if err := s.Sessions.Begin(c, who); err != nil {
		return err
	}
	return web.Done(c, orHome(web.LocalPath(f.Get("next"), ""), who.Actor), "Your account is created, and you are signed in.")
}
