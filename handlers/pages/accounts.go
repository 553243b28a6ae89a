package pages

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Landing shows the front page to visitors, and redirects users to their home page.
func (s *Pages) Landing(c echo.Context) error {
	if actor := web.ActorOf(c); actor.ID != 0 {
		return web.SeeOther(c, ui.Home(actor))
	}
	return s.Render(c, http.StatusOK, views.Landing())
}

// LoginPage shows the form to sign in, and redirects users who are signed in.
func (s *Pages) LoginPage(c echo.Context) error {
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
func (s *Pages) Login(c echo.Context) error {
	f, err := s.ReadForm(c, nil)
	if err != nil {
		return err
	}
	var in account.SignInInput
	web.Bind(f, &in)
	who, err := s.Desk.Accounts.SignIn(c.Request().Context(), in, s.ClientIP(c))
	page := views.LoginForm{Email: in.Email, Next: web.LocalPath(f.Get("next"), "")}
	if inv, ok := web.AsInvalid(err); ok {
		return s.Render(c, http.StatusUnprocessableEntity, views.Login(page, inv))
	}
	if errors.Is(err, fault.ErrCredentials) {
		page.Wrong = true
		return s.Render(c, http.StatusUnauthorized, views.Login(page, nil))
	}
	if err != nil {
		return err
	}
	if err := s.Begin(c, who); err != nil {
		return err
	}
	return web.SeeOther(c, orHome(page.Next, who.Actor))
}

// RegisterPage shows the form for a new account, and redirects users who are signed in.
func (s *Pages) RegisterPage(c echo.Context) error {
	if actor := web.ActorOf(c); actor.ID != 0 {
		return web.SeeOther(c, ui.Home(actor))
	}
	if c.QueryParam("sent") != "" && s.Desk.Mail.Enabled() {
		return s.Render(c, http.StatusOK, views.RegistrationSent())
	}
	return s.Render(c, http.StatusOK, views.Register(views.RegisterForm{Next: web.LocalPath(c.QueryParam("next"), "")}, nil))
}

// Register creates a customer's account and starts a session. On a desk that sends mail the account is
// created with a mailed link, see [Pages.askToRegister].
func (s *Pages) Register(c echo.Context) error {
	f, err := s.ReadForm(c, nil)
	if err != nil {
		return err
	}
	var in account.RegisterInput
	web.Bind(f, &in)
	page := views.RegisterForm{Username: in.Username, Email: in.Email, Next: web.LocalPath(f.Get("next"), "")}
	if s.Desk.Mail.Enabled() {
		return s.askToRegister(c, in, page)
	}
	who, err := s.Desk.Accounts.Registrations.Register(c.Request().Context(), in, s.ClientIP(c))
	if inv, ok := web.AsInvalid(err); ok {
		return s.Render(c, http.StatusUnprocessableEntity, views.Register(page, inv))
	}
	if err != nil {
		return err
	}
	if err := s.Begin(c, who); err != nil {
		return err
	}
	return s.Done(c, orHome(page.Next, who.Actor), "Your account is created, and you are signed in.")
}

// Logout ends the session, also if the form is from another account's page. With next it
// redirects to the sign-in page, which then leads to next.
func (s *Pages) Logout(c echo.Context) error {
	f, _ := s.ReadForm(c, nil) // a form that cannot be read has no next
	if err := s.Sessions.Destroy(c.Request().Context()); err != nil {
		return err
	}
	if next := web.LocalPath(f.Get("next"), ""); next != "" {
		return web.SeeOther(c, web.WithNext("/login", next))
	}
	return web.SeeOther(c, "/")
}

// Account shows the page of the actor's own account.
func (s *Pages) Account(c echo.Context) error {
	return s.accountPage(c, http.StatusOK, views.AccountForm{Next: web.LocalPath(c.QueryParam("next"), "")}, nil)
}

// accountPage shows the page of the actor's account. f.Failed names the form that failed,
// which shows what was typed; inv has its errors.
func (s *Pages) accountPage(c echo.Context, status int, f views.AccountForm, inv *fault.Invalid) error {
	actor := web.ActorOf(c)
	devices, err := s.Desk.Accounts.Sessions.Devices(c.Request().Context(), actor, s.Sessions.Token(c.Request().Context()))
	if err != nil {
		return err
	}
	if f.Failed != "profile" {
		f.Username, f.Email = actor.Username, actor.Email
		if kept, ok := s.KeptForm(c); ok && kept.Get("username") != "" {
			f.Username, f.Email = kept.Get("username"), kept.Get("email")
		}
	}
	tokens, err := s.Desk.Accounts.Tokens.List(c.Request().Context(), actor)
	if err != nil {
		return err
	}
	if f.Pending, err = s.Desk.Accounts.Addresses.Pending(c.Request().Context(), actor); err != nil {
		return err
	}
	return s.Render(c, status, views.Account(f, devices, tokens, inv))
}

// ChangeProfile saves the actor's name and address.
func (s *Pages) ChangeProfile(c echo.Context) error {
	f, err := s.ReadForm(c, nil)
	if err != nil {
		return err
	}
	var in account.ProfileInput
	web.Bind(f, &in)
	err = s.Desk.Accounts.ChangeProfile(c.Request().Context(), web.ActorOf(c), in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.accountPage(c, http.StatusUnprocessableEntity, views.AccountForm{Failed: "profile", Username: in.Username, Email: in.Email}, inv)
	}
	if err != nil {
		return err
	}
	text := "Your name and address are saved."
	if s.Desk.Mail.Enabled() && in.Email != input.EmailForm(web.ActorOf(c).Email) {
		text = "Your name is saved. We have mailed a link to " + in.Email + ": open it to use that address."
	}
	return s.Done(c, "/account", text)
}

// ChangePassword saves a new password and starts a new session. All other sessions end.
func (s *Pages) ChangePassword(c echo.Context) error {
	f, err := s.ReadForm(c, nil)
	if err != nil {
		return err
	}
	var in account.PasswordInput
	web.Bind(f, &in)
	in.KeepTokens = f.Get(views.TokensField) != "" && f.Get(views.RevokeField) == ""
	actor, next := web.ActorOf(c), web.LocalPath(f.Get("next"), "")
	version, err := s.Desk.Accounts.Passwords.Change(c.Request().Context(), actor, in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.accountPage(c, http.StatusUnprocessableEntity, views.AccountForm{Failed: "password", Next: next, KeepTokens: in.KeepTokens}, inv)
	}
	if err != nil {
		return err
	}
	if err := s.Begin(c, account.SignedIn{Actor: actor, SessionVer: version}); err != nil {
		return err
	}
	to := "/account"
	if actor.MustChangePassword {
		to = orHome(next, actor)
	}
	text := "Your password is changed. Your other devices are signed out, and your API tokens are revoked."
	if in.KeepTokens {
		text = "Your password is changed, and your other devices are signed out. Your API tokens still work."
	}
	return s.Done(c, to, text)
}

// EndSessions signs out one other device, or all of them.
func (s *Pages) EndSessions(c echo.Context) error {
	f, err := s.ReadForm(c, nil)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	if handle := f.Get("session"); handle != "" {
		if err := s.Desk.Accounts.Sessions.EndDevice(ctx, actor, handle); err != nil {
			return err
		}
		return s.Done(c, "/account", "That device is signed out.")
	}
	version, err := s.Desk.Accounts.Sessions.EndAllDevices(ctx, actor, s.Sessions.Token(ctx))
	if err != nil {
		return err
	}
	if err := s.Begin(c, account.SignedIn{Actor: actor, SessionVer: version}); err != nil {
		return err
	}
	return s.Done(c, "/account", "Every other device is signed out, and your API tokens are revoked.")
}

// ChooseTheme saves the theme in a cookie, so that the server renders pages with it. Any
// value but "light" and "dark" removes the cookie.
func (s *Pages) ChooseTheme(c echo.Context) error {
	f, err := s.ReadForm(c, nil)
	if err != nil {
		return err
	}
	cookie := &http.Cookie{Name: web.ThemeCookie, Value: f.Get("theme"), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode}
	if cookie.Value != "light" && cookie.Value != "dark" {
		cookie.Value, cookie.MaxAge = "", -1
	}
	c.SetCookie(cookie)
	return s.Done(c, "/account", "The theme is saved.")
}
