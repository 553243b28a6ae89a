package handlers

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// landing is the front page for visitors; others go to where they work.
func (s *server) landing(c echo.Context) error {
	if actor := actorOf(c); actor.ID != 0 {
		return seeOther(c, views.Home(actor))
	}
	return s.render(c, http.StatusOK, views.Landing())
}

func (s *server) loginPage(c echo.Context) error {
	next := localPath(c.QueryParam("next"), "")
	if actor := actorOf(c); actor.ID != 0 {
		return seeOther(c, orHome(next, actor))
	}
	return s.render(c, http.StatusOK, views.Login(views.LoginForm{Next: next}, nil))
}

func orHome(next string, actor account.Actor) string {
	if next == "" || next == "/" {
		return views.Home(actor)
	}
	return next
}

// login opens a session. Whatever was wrong, the answer is the same page with
// the same words, the address kept.
func (s *server) login(c echo.Context) error {
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	var in account.SignInInput
	bind(f, &in)
	who, err := s.desk.Accounts.SignIn(c.Request().Context(), in, s.clientIP(c))
	page := views.LoginForm{Email: in.Email, Next: localPath(f.get("next"), "")}
	if inv, ok := asInvalid(err); ok {
		return s.render(c, http.StatusUnprocessableEntity, views.Login(page, inv))
	}
	if errors.Is(err, fault.ErrCredentials) {
		page.Wrong = true
		return s.render(c, http.StatusUnauthorized, views.Login(page, nil))
	}
	if err != nil {
		return err
	}
	if err := s.begin(c, who); err != nil {
		return err
	}
	return seeOther(c, orHome(page.Next, who.Actor))
}

func (s *server) registerPage(c echo.Context) error {
	if actor := actorOf(c); actor.ID != 0 {
		return seeOther(c, views.Home(actor))
	}
	return s.render(c, http.StatusOK, views.Register(views.RegisterForm{Next: localPath(c.QueryParam("next"), "")}, nil))
}

func (s *server) register(c echo.Context) error {
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	var in account.RegisterInput
	bind(f, &in)
	who, err := s.desk.Accounts.Register(c.Request().Context(), in, s.clientIP(c))
	page := views.RegisterForm{Username: in.Username, Email: in.Email, Next: localPath(f.get("next"), "")}
	if inv, ok := asInvalid(err); ok {
		return s.render(c, http.StatusUnprocessableEntity, views.Register(page, inv))
	}
	if err != nil {
		return err
	}
	if err := s.begin(c, who); err != nil {
		return err
	}
	return s.done(c, orHome(page.Next, who.Actor), "Your account is created, and you are signed in.")
}

// logout ends the session, whoever's page asks for it: somebody wants to be
// signed out here. It may lead on to a page for which one has to sign in.
func (s *server) logout(c echo.Context) error {
	f, _ := s.readForm(c, nil) // what cannot be read leads nowhere
	if err := s.sessions.Destroy(c.Request().Context()); err != nil {
		return err
	}
	if next := localPath(f.get("next"), ""); next != "" {
		return seeOther(c, withNext("/login", next))
	}
	return seeOther(c, "/")
}

func (s *server) account(c echo.Context) error {
	return s.accountPage(c, http.StatusOK, views.AccountForm{Next: localPath(c.QueryParam("next"), "")}, nil)
}

// accountPage shows the page of one's own things; a form that failed is told
// by its name and shows what was typed.
func (s *server) accountPage(c echo.Context, status int, f views.AccountForm, inv *fault.Invalid) error {
	actor := actorOf(c)
	devices, err := s.desk.Accounts.Devices(c.Request().Context(), actor, s.sessions.Token(c.Request().Context()))
	if err != nil {
		return err
	}
	if f.Failed != "profile" {
		f.Username, f.Email = actor.Username, actor.Email
		if kept, ok := s.kept(c); ok && kept.get("username") != "" {
			f.Username, f.Email = kept.get("username"), kept.get("email")
		}
	}
	tokens, err := s.desk.Accounts.Tokens(c.Request().Context(), actor)
	if err != nil {
		return err
	}
	return s.render(c, status, views.Account(f, devices, tokens, inv))
}

func (s *server) changeProfile(c echo.Context) error {
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	var in account.ProfileInput
	bind(f, &in)
	err = s.desk.Accounts.ChangeProfile(c.Request().Context(), actorOf(c), in)
	if inv, ok := asInvalid(err); ok {
		return s.accountPage(c, http.StatusUnprocessableEntity, views.AccountForm{Failed: "profile", Username: in.Username, Email: in.Email}, inv)
	}
	if err != nil {
		return err
	}
	return s.done(c, "/account", "Your name and address are saved.")
}

func (s *server) changePassword(c echo.Context) error {
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	var in account.PasswordInput
	bind(f, &in)
	in.KeepTokens = f.get(views.TokensField) != "" && f.get(views.RevokeField) == ""
	actor, next := actorOf(c), localPath(f.get("next"), "")
	version, err := s.desk.Accounts.ChangePassword(c.Request().Context(), actor, in)
	if inv, ok := asInvalid(err); ok {
		return s.accountPage(c, http.StatusUnprocessableEntity, views.AccountForm{Failed: "password", Next: next, KeepTokens: in.KeepTokens}, inv)
	}
	if err != nil {
		return err
	}
	if err := s.begin(c, account.SignedIn{Actor: actor, SessionVer: version}); err != nil {
		return err
	}
	to := "/account"
	if actor.MustChangePassword {
		to = orHome(next, actor)
	}
	word := "Your password is changed. Your other devices are signed out, and your API tokens are revoked."
	if in.KeepTokens {
		word = "Your password is changed, and your other devices are signed out. Your API tokens still work."
	}
	return s.done(c, to, word)
}

// endSessions signs out one other device, or all of them.
func (s *server) endSessions(c echo.Context) error {
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	if handle := f.get("session"); handle != "" {
		if err := s.desk.Accounts.EndDevice(ctx, actor, handle); err != nil {
			return err
		}
		return s.done(c, "/account", "That device is signed out.")
	}
	version, err := s.desk.Accounts.EndAllDevices(ctx, actor, s.sessions.Token(ctx))
	if err != nil {
		return err
	}
	if err := s.begin(c, account.SignedIn{Actor: actor, SessionVer: version}); err != nil {
		return err
	}
	return s.done(c, "/account", "Every other device is signed out, and your API tokens are revoked.")
}

const themeCookie = "frontdesk_theme"

// chooseTheme keeps the choice in a cookie, so that the first byte of the next
// page has it.
func (s *server) chooseTheme(c echo.Context) error {
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	cookie := &http.Cookie{Name: themeCookie, Value: f.get("theme"), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode}
	if cookie.Value != "light" && cookie.Value != "dark" {
		cookie.Value, cookie.MaxAge = "", -1
	}
	c.SetCookie(cookie)
	return s.done(c, "/account", "The theme is saved.")
}
