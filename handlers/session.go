package handlers

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
	keyUser    = "user_id"
	keyVersion = "session_ver"
	keyAgent   = "agent"
	keyKept    = "kept" // the pages of which a form is kept, one a line
)

func (s *server) newSessions() *scs.SessionManager {
	m := scs.New()
	m.Store = s.desk.Accounts.Sessions()
	m.Codec = codec{}
	m.Lifetime = account.SessionLifetime
	m.Cookie.Name, m.Cookie.Secure = s.cookieName(sessionCookie), s.secure
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
func (s *server) withSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch {
		case s.routes.isOpen(c), isAPI(c), s.isLinked(c):
			return next(c)
		}
		var found account.StoredSession
		ctx, err := s.sessions.Load(account.WithStored(c.Request().Context(), &found), s.token(c))
		if err != nil {
			return err
		}
		user := found.Account
		if user.ID != 0 && s.desk.Now().Sub(found.Seen).Abs() > account.SessionTouch && !s.routes.isUnasked(c) {
			if err := s.desk.Accounts.Seen(ctx, user); err != nil { // the page can be read all the same
				s.log.Warn("note last seen", "error", err)
			}
		}
		f := s.frame(c, user)
		f.Sessions, f.Unread = true, found.Unread
		ctx = views.WithFrame(ctx, f)
		c.SetRequest(c.Request().WithContext(ctx))
		c.Response().Header().Set("Cache-Control", "no-store")
		c.Response().Before(func() { s.saveSession(c); s.sendFlash(c) })
		return next(c)
	}
}

// token returns the session's token that the browser sent, "" for none.
func (s *server) token(c echo.Context) string {
	if cookie, err := c.Cookie(s.sessions.Cookie.Name); err == nil {
		return cookie.Value
	}
	return s.oldToken(c)
}

// oldToken returns the token that the browser has under the name that earlier
// versions used. It may be that of another desk, which this one does not know.
func (s *server) oldToken(c echo.Context) string {
	cookie, err := c.Cookie(s.oldCookieName(sessionCookie))
	if err != nil {
		return ""
	}
	return cookie.Value
}

// saveSession writes the session if it changed. Should that fail, the answer
// must not claim success: it becomes a 503.
func (s *server) saveSession(c echo.Context) {
	ctx := c.Request().Context()
	switch s.sessions.Status(ctx) {
	case scs.Modified:
		token, expiry, err := s.sessions.Commit(ctx)
		if err != nil {
			s.logFailure(c, "save session", err)
			c.Response().Status = http.StatusServiceUnavailable
			c.Response().Header().Del("Location")
			c.Response().Header().Set(echo.HeaderRetryAfter, retrySoon)
			return
		}
		// The cookie outlives its session, so that a form sent too late still tells whose it is.
		s.sessions.WriteSessionCookie(ctx, c.Response(), token, expiry.Add(desk.KeptFor))
	case scs.Unmodified:
		if _, err := c.Cookie(s.sessions.Cookie.Name); err != nil && actorOf(c).ID != 0 { // it came under its old name
			s.sessions.WriteSessionCookie(ctx, c.Response(), s.oldToken(c), s.sessions.Deadline(ctx).Add(desk.KeptFor))
		}
	case scs.Destroyed:
		s.sessions.WriteSessionCookie(ctx, c.Response(), "", time.Time{})
		if old := s.oldCookieName(sessionCookie); old != s.sessions.Cookie.Name && s.oldToken(c) != "" && s.oldToken(c) == s.token(c) {
			c.SetCookie(&http.Cookie{Name: old, Path: "/", MaxAge: -1, HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode})
		}
	}
}

// frame is what the layout shows, put together once a request.
func (s *server) frame(c echo.Context, actor account.Actor) views.Frame {
	f := s.baseFrame(actor)
	if cookie, err := c.Cookie(themeCookie); err == nil && (cookie.Value == "light" || cookie.Value == "dark") {
		f.Theme = cookie.Value
	}
	return f
}

func (s *server) baseFrame(actor account.Actor) views.Frame {
	return views.Frame{Actor: actor, DeskName: s.cfg.DeskName, HelpURL: s.cfg.HelpURL, Now: s.desk.Now(), Location: s.cfg.Location}
}

// actorOf is who makes the request; the zero Actor is a visitor.
func actorOf(c echo.Context) account.Actor { return views.FrameOf(c.Request().Context()).Actor }

// begin makes a new session for somebody who has proved who they are. The
// token is a new one, whatever the browser came with (session fixation).
func (s *server) begin(c echo.Context, who account.SignedIn) error {
	ctx := c.Request().Context()
	if err := s.sessions.RenewToken(ctx); err != nil {
		return err
	}
	s.sessions.Put(ctx, keyUser, who.ID)
	s.sessions.Put(ctx, keyVersion, who.SessionVer)
	s.sessions.Put(ctx, keyAgent, truncate(c.Request().UserAgent(), 300))
	if err := s.desk.Accounts.Seen(ctx, who.Actor); err != nil {
		return err
	}
	pages, err := s.desk.Requests.KeptPages(ctx, who.Actor)
	if len(pages) > 0 {
		s.sessions.Put(ctx, keyKept, strings.Join(pages, "\n"))
	}
	return err
}

// truncate keeps at most n bytes of s, and only what PostgreSQL can keep.
func truncate(s string, n int) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s[:min(n, len(s))], ""), "\x00", "")
}

// allowed calls next if the actor has the access that the route requires. Visitors are
// redirected to the sign-in page.
func (s *server) allowed(a access, next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		actor, level := actorOf(c), a.level()
		switch {
		case level == public, level == open:
		case actor.ID == 0 && wantsJSON(c):
			return fault.ErrSignedOut
		case actor.ID == 0:
			return s.askToSignIn(c)
		case actor.MustChangePassword && a&newPassword == 0:
			return s.redirect(c, withNext("/account", s.routes.pageOf(c)))
		case level == admin && !actor.Can(account.SeeAllTickets):
			return fault.ErrForbidden
		}
		if level == signedIn || level == admin {
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

// allowedFile calls next for a client with a signed link, a program with a token, or the
// user of a session. Others are redirected to the sign-in page.
func (s *server) allowedFile(next echo.HandlerFunc) echo.HandlerFunc {
	program, page := s.apiAllowed(signedIn, next), s.allowed(signedIn, next)
	return func(c echo.Context) error {
		switch {
		case s.isLinked(c):
			return next(c)
		case isProgramsFile(c):
			return program(c)
		}
		return page(c)
	}
}

// countAction counts a request that may change something before its form is read.
func (s *server) countAction(c echo.Context) error {
	if reads(c.Request()) {
		return nil
	}
	if err := s.desk.Requests.CountAction(c.Request().Context(), actorOf(c)); err != nil {
		return unreadForm{err}
	}
	return nil
}

// askToSignIn redirects a visitor to the sign-in page, which leads on to the page
// that they asked for. A form that they sent is kept if their session had ended;
// the sign-in page says what became of it.
func (s *server) askToSignIn(c echo.Context) error {
	page := s.routes.pageOf(c)
	if !reads(c.Request()) {
		s.flash(c, "warn", "You are signed out, so nothing was saved. Sign in and send it again. If the form is empty then, the Back button of your browser leads to what you typed.")
		var err error
		if page, err = s.keepForm(c); err != nil {
			return err
		}
	}
	return s.redirect(c, withNext("/login", page))
}

// keepForm keeps the text of a form whose session had ended, and returns the
// page it belongs to.
func (s *server) keepForm(c echo.Context) (string, error) {
	page := s.routes.formPage(c)
	token := s.token(c)
	if token == "" {
		return page, nil
	}
	user, err := s.desk.Requests.EndedSession(c.Request().Context(), token)
	if err != nil || user == 0 {
		return page, err
	}
	f, read := c.Get(keyForm).(form) // where the session ended while the form came
	if !read {
		end, err := s.takesFiles(c, user) // not for a token that somebody made up
		if err != nil {
			return page, err
		}
		defer end()
		if f, err = s.readForm(c, discardFile); err != nil {
			return page, err
		}
	}
	writer, _ := strconv.ParseInt(f.get(views.SenderField), 10, 64) // 0 where it does not say
	if writer != 0 && writer != user {
		return page, nil
	}
	for name := range f.values {
		if neverKept[name] {
			delete(f.values, name)
		}
	}
	kept, err := s.desk.Requests.KeepForm(c.Request().Context(), user, page, f.values)
	if err != nil {
		return page, err
	}
	if kept {
		s.flash(c, "warn", "Your session ended. Sign in and what you typed is back; only files have to be chosen again.")
	}
	return page, nil
}

// neverKept are fields that are secret, or of one page alone.
var neverKept = map[string]bool{"password": true, "current": true, "submission_id": true, views.SenderField: true}

// kept gives a page the form that was kept for it, once, and says whether
// there is one. Only a session whose sign-in found kept forms asks for any, and
// not where the page's head alone is wanted.
func (s *server) kept(c echo.Context) (form, bool) {
	ctx, page := c.Request().Context(), c.Request().URL.Path
	pages := strings.Split(s.sessions.GetString(ctx, keyKept), "\n")
	at := slices.Index(pages, page)
	if at < 0 || c.Request().Method == http.MethodHead {
		return form{}, false
	}
	fields, err := s.desk.Requests.TakeForm(ctx, actorOf(c), page)
	if err != nil {
		s.logFailure(c, "take kept form", err)
		return form{}, false
	}
	s.sessions.Put(ctx, keyKept, strings.Join(slices.Delete(pages, at, at+1), "\n"))
	return form{values: fields}, fields != nil
}
