package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// What a session holds, as JSON: the database reads from it whose it is.
const (
	KeyUser    = "user_id"
	KeyVersion = "session_ver"
	KeyAgent   = "agent"
	keyKept    = "kept" // the pages of which a form is kept, one a line
)

func (s *Env) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = s.Desk.Accounts.Sessions()
	m.Codec = codec{}
	m.Lifetime = account.SessionLifetime
	m.Cookie.Name, m.Cookie.Secure = s.cookieName(SessionCookie), s.Secure
	m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path = true, http.SameSiteLaxMode, "/"
	return m
}

// codec keeps sessions as JSON, so that the database can read whose they are.
type codec struct{}

// Encode writes the values alone: the deadline has a column of its own.
func (codec) Encode(_ time.Time, values map[string]any) ([]byte, error) { return json.Marshal(values) }

// Decode reads what account.SessionStore found.
func (codec) Decode(b []byte) (time.Time, map[string]any, error) {
	expires, saved := account.SplitSession(b)
	values := map[string]any{}
	if err := json.Unmarshal(saved, &values); err != nil {
		return time.Time{}, nil, err
	}
	return expires, values, nil
}

// withSession loads the session, tells who is here, and saves what changed
// just before the answer's header is written, so that whatever writes it
// carries one cookie.
func (s *Env) withSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch {
		case s.Routes.isOpen(c), IsAPI(c), s.IsLinked(c):
			return next(c)
		}
		var found account.StoredSession
		ctx, err := s.Sessions.Load(account.WithStored(c.Request().Context(), &found), s.Token(c))
		if err != nil {
			return err
		}
		user := found.Account
		if user.ID != 0 && s.Desk.Now().Sub(found.Seen).Abs() > account.SessionTouch && !s.Routes.isUnasked(c) {
			if err := s.Desk.Accounts.Seen(ctx, user); err != nil { // the page can be read all the same
				s.Log.Warn("note last seen", "error", err)
			}
		}
		f := s.Frame(c, user)
		f.Sessions, f.Unread = true, found.Unread
		ctx = views.WithFrame(ctx, f)
		c.SetRequest(c.Request().WithContext(ctx))
		c.Response().Header().Set("Cache-Control", "no-store")
		c.Response().Before(func() { s.saveSession(c); s.sendFlash(c) })
		return next(c)
	}
}

// Token returns the session's token that the browser sent, "" for none.
func (s *Env) Token(c echo.Context) string {
	if cookie, err := c.Cookie(s.Sessions.Cookie.Name); err == nil {
		return cookie.Value
	}
	return s.oldToken(c)
}

// oldToken returns the token that the browser has under the name that earlier
// versions used. It may be that of another desk, which this one does not know.
func (s *Env) oldToken(c echo.Context) string {
	cookie, err := c.Cookie(s.oldCookieName(SessionCookie))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// saveSession writes the session if it changed. Should that fail, the answer
// must not claim success: it becomes a 503.
func (s *Env) saveSession(c echo.Context) {
	ctx := c.Request().Context()
	switch s.Sessions.Status(ctx) {
	case scs.Modified:
		token, expiry, err := s.Sessions.Commit(ctx)
		if err != nil {
			s.logFailure(c, "save session", err)
			c.Response().Status = http.StatusServiceUnavailable
			c.Response().Header().Del("Location")
			c.Response().Header().Set(echo.HeaderRetryAfter, retrySoon)
			return
		}
		// The cookie outlives its session, so that a form sent too late still tells whose it is.
		s.Sessions.WriteSessionCookie(ctx, c.Response(), token, expiry.Add(desk.KeptFor))
	case scs.Unmodified:
		if _, err := c.Cookie(s.Sessions.Cookie.Name); err != nil && ActorOf(c).ID != 0 { // it came under its old name
			s.Sessions.WriteSessionCookie(ctx, c.Response(), s.oldToken(c), s.Sessions.Deadline(ctx).Add(desk.KeptFor))
		}
	case scs.Destroyed:
		s.Sessions.WriteSessionCookie(ctx, c.Response(), "", time.Time{})
		if old := s.oldCookieName(SessionCookie); old != s.Sessions.Cookie.Name && s.oldToken(c) != "" && s.oldToken(c) == s.Token(c) {
			c.SetCookie(&http.Cookie{Name: old, Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.Secure, SameSite: http.SameSiteLaxMode})
		}
	}
}

// Frame is what the layout shows, put together once a request.
func (s *Env) Frame(c echo.Context, actor account.Actor) views.Frame {
	f := s.BaseFrame(actor)
	if cookie, err := c.Cookie(ThemeCookie); err == nil && (cookie.Value == "light" || cookie.Value == "dark") {
		f.Theme = cookie.Value
	}
	return f
}

func (s *Env) BaseFrame(actor account.Actor) views.Frame {
	return views.Frame{Actor: actor, DeskName: s.Cfg.DeskName, HelpURL: s.Cfg.HelpURL, Now: s.Desk.Now(), Location: s.Cfg.Location}
}

// ActorOf is who makes the request; the zero Actor is a visitor.
func ActorOf(c echo.Context) account.Actor { return views.FrameOf(c.Request().Context()).Actor }

// Begin makes a new session for somebody who has proved who they are. The
// token is a new one, whatever the browser came with (session fixation).
func (s *Env) Begin(c echo.Context, who account.SignedIn) error {
	ctx := c.Request().Context()
	if err := s.Sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.Sessions.Put(ctx, KeyUser, who.ID)
	s.Sessions.Put(ctx, KeyVersion, who.SessionVer)
	s.Sessions.Put(ctx, KeyAgent, truncate(c.Request().UserAgent(), 300))
	if err := s.Desk.Accounts.Seen(ctx, who.Actor); err != nil {
		return err
	}
	pages, err := s.Desk.Requests.KeptPages(ctx, who.Actor)
	if len(pages) > 0 {
		s.Sessions.Put(ctx, keyKept, strings.Join(pages, "\n"))
	}
	return err
}

// truncate keeps at most n bytes of s, and only what PostgreSQL can keep.
func truncate(s string, n int) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s[:min(n, len(s))], ""), "\x00", "")
}

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
			return s.redirect(c, WithNext("/account", s.Routes.pageOf(c)))
		case level == Admin && !actor.Can(account.SeeAllTickets):
			return fault.ErrForbidden
		}
		if level == SignedIn || level == Admin {
			if err := s.countAction(c); err != nil {
				return err
			}
			if err := s.checkForm(c); err != nil {
				return err
			}
		}
		return next(c)
	}
}

// AllowedFile calls next for a client with a signed link, a program with a token, or the
// user of a session. Others are redirected to the sign-in page.
func (s *Env) AllowedFile(next echo.HandlerFunc) echo.HandlerFunc {
	program, page := s.AllowedProgram(SignedIn, next), s.Allowed(SignedIn, next)
	return func(c echo.Context) error {
		switch {
		case s.IsLinked(c):
			return next(c)
		case isProgramsFile(c):
			return program(c)
		}
		return page(c)
	}
}

// countAction counts a request that may change something before its form is read.
func (s *Env) countAction(c echo.Context) error {
	if reads(c.Request()) {
		return nil
	}
	if err := s.Desk.Requests.CountAction(c.Request().Context(), ActorOf(c)); err != nil {
		return unreadForm{err}
	}
	return nil
}

// askToSignIn redirects a visitor to the sign-in page, which leads on to the page
// that they asked for. A form that they sent is kept if their session had ended;
// the sign-in page says what became of it.
func (s *Env) askToSignIn(c echo.Context) error {
	page := s.Routes.pageOf(c)
	if !reads(c.Request()) {
		s.Flash(c, "warn", "You are signed out, so nothing was saved. Sign in and send it again. If the form is empty then, the Back button of your browser leads to what you typed.")
		var err error
		if page, err = s.keepForm(c); err != nil {
			return err
		}
	}
	return s.redirect(c, WithNext("/login", page))
}

// keepForm keeps the text of a form whose session had ended, and returns the
// page it belongs to.
func (s *Env) keepForm(c echo.Context) (string, error) {
	page := s.Routes.formPage(c)
	token := s.Token(c)
	if token == "" {
		return page, nil
	}
	user, err := s.Desk.Requests.EndedSession(c.Request().Context(), token)
	if err != nil || user == 0 {
		return page, err
	}
	f, read := c.Get(keyForm).(Form) // where the session ended while the form came
	if !read {
		end, err := s.TakesFiles(c, user) // not for a token that somebody made up
		if err != nil {
			return page, err
		}
		defer end()
		if f, err = s.ReadForm(c, DiscardFile); err != nil {
			return page, err
		}
	}
	writer, _ := strconv.ParseInt(f.Get(views.SenderField), 10, 64) // 0 where it does not say
	if writer != 0 && writer != user {
		return page, nil
	}
	for name := range f.Values {
		if neverKept[name] {
			delete(f.Values, name)
		}
	}
	kept, err := s.Desk.Requests.KeepForm(c.Request().Context(), user, page, f.Values)
	if err != nil {
		return page, err
	}
	if kept {
		s.Flash(c, "warn", "Your session ended. Sign in and what you typed is back; only files have to be chosen again.")
	}
	return page, nil
}

// neverKept are fields that are secret, or of one page alone.
var neverKept = map[string]bool{"password": true, "current": true, "submission_id": true, views.SenderField: true}

// Kept gives a page the form that was kept for it, once, and says whether
// there is one. Only a session whose sign-in found kept forms asks for any, and
// not where the page's head alone is wanted.
func (s *Env) Kept(c echo.Context) (Form, bool) {
	ctx, page := c.Request().Context(), c.Request().URL.Path
	pages := strings.Split(s.Sessions.GetString(ctx, keyKept), "\n")
	at := slices.Index(pages, page)
	if at < 0 || c.Request().Method == http.MethodHead {
		return Form{}, false
	}
	fields, err := s.Desk.Requests.TakeForm(ctx, ActorOf(c), page)
	if err != nil {
		s.logFailure(c, "take kept form", err)
		return Form{}, false
	}
	s.Sessions.Put(ctx, keyKept, strings.Join(slices.Delete(pages, at, at+1), "\n"))
	return Form{Values: fields}, fields != nil
}
