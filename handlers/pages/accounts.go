package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// Account has the pages of the actor's own account.
type Account struct{ *core }

// Show shows the page of the actor's own account.
func (s *Account) Show(c echo.Context) error {
	return s.accountPage(c, http.StatusOK, views.AccountForm{Next: web.LocalPath(c.QueryParam("next"), "")}, nil)
}

// accountPage shows the page of the actor's account. f.Failed names the form that failed,
// which shows what was typed; inv has its errors.
func (s *core) accountPage(c echo.Context, status int, f views.AccountForm, inv *fault.Invalid) error {
	actor := web.ActorOf(c)
	devices, err := s.Desk.Accounts.Sessions.Devices(c.Request().Context(), actor, s.Sessions.Token(c.Request().Context()))
	if err != nil {
		return err
	}
	if f.Failed != "profile" {
		f.Username, f.Email = actor.Username, actor.Email
	}
	if f.Failed != "token" {
		f.TokenDays = views.DefaultTokenDays
	}
	if f.Failed == "" {
		s.restoreAccountForms(c, &f)
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

// restoreAccountForms fills the form that was sent after the session had ended.
func (s *core) restoreAccountForms(c echo.Context, f *views.AccountForm) {
	kept, ok := s.KeptForms.Restore(c, web.Has("username", "days"))
	switch {
	case !ok:
	case kept.Values.Has("username"):
		f.Username, f.Email = kept.Get("username"), kept.Get("email")
	default:
		f.TokenName, f.TokenDays = kept.Get("name"), kept.Get("days")
	}
}

// ChangeProfile saves the actor's name and address.
func (s *Account) ChangeProfile(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in account.ProfileInput
	web.Bind(f, &in)
	mailed, err := s.Desk.Accounts.ChangeProfile(c.Request().Context(), web.ActorOf(c), in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.accountPage(c, http.StatusUnprocessableEntity, views.AccountForm{Failed: "profile", Username: in.Username, Email: in.Email}, inv)
	}
	if err != nil {
		return err
	}
	text := "Your name and address are saved."
	if mailed != "" {
		text = "Your name is saved. We have mailed a link to " + mailed + ": open it to use that address."
	}
	return web.Done(c, "/account", text)
}

// ChangePassword saves a new password and starts a new session. All other sessions end.
func (s *Account) ChangePassword(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
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
	if err := s.Sessions.Begin(c, account.SignedIn{Actor: actor, SessionVer: version}); err != nil {
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
	return web.Done(c, to, text)
}

// EndSessions signs out one other device, or all of them.
func (s *Account) EndSessions(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	if handle := f.Get("session"); handle != "" {
		if err := s.Desk.Accounts.Sessions.EndDevice(ctx, actor, handle); err != nil {
			return err
		}
		return web.Done(c, "/account", "That device is signed out.")
	}
	version, err := s.Desk.Accounts.Sessions.EndAllDevices(ctx, actor, s.Sessions.Token(ctx))
	if err != nil {
		return err
	}
	if err := s.Sessions.Begin(c, account.SignedIn{Actor: actor, SessionVer: version}); err != nil {
		return err
	}
	return web.Done(c, "/account", "Every other device is signed out, and your API tokens are revoked.")
}

// ChooseTheme saves the theme in a cookie, so that the server renders pages with it. Any
// value but "light" and "dark" removes the cookie.
func (s *Account) ChooseTheme(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	cookie := s.Cookies.New(web.ThemeCookie, f.Get("theme"), 365*24*3600)
	if cookie.Value != "light" && cookie.Value != "dark" {
		cookie.Value, cookie.MaxAge = "", -1
	}
	c.SetCookie(cookie)
	return web.Done(c, "/account", "The theme is saved.")
}
