package web

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/views/ui"
)

// The keys of a session. It is stored as JSON, because SQL reads the user id from it.
const (
	KeyUser    = "user_id"
	KeyVersion = "session_ver"
	KeyAgent   = "agent"
	keyKept    = "kept" // paths of pages with a kept form, separated by line feeds
)

// Sessions has the sessions of browsers.
type Sessions struct {
	*scs.SessionManager
	cookies *Cookies
	desk    *desk.Desk
	log     *slog.Logger
}

// newSessions returns sessions that are stored in the database.
func newSessions(cookies *Cookies, d *desk.Desk, log *slog.Logger) *Sessions {
	m := scs.New()
	m.Store = d.Accounts.Sessions.Store()
	m.Codec = codec{}
	m.Lifetime = account.SessionLifetime
	m.Cookie.Name, m.Cookie.Secure = cookies.name(SessionCookie), cookies.secure
	m.Cookie.HttpOnly, m.Cookie.SameSite, m.Cookie.Path = true, http.SameSiteLaxMode, "/"
	return &Sessions{m, cookies, d, log}
}

// codec writes and reads sessions as JSON.
type codec struct{}

// Encode returns the values as JSON, without the deadline, which has its own column.
func (codec) Encode(_ time.Time, values map[string]any) ([]byte, error) { return json.Marshal(values) }

// Decode reads what account.SessionStore returned.
func (codec) Decode(b []byte) (time.Time, map[string]any, error) {
	expires, saved := account.SplitSession(b)
	values := map[string]any{}
	if err := json.Unmarshal(saved, &values); err != nil {
		return time.Time{}, nil, err
	}
	return expires, values, nil
}

// withSession loads the session and the actor, and saves the session just before the
// header of the answer is written, if it changed.
func (s *Env) withSession(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		switch {
		case s.Routes.isOpen(c), IsAPI(c), s.FileLinks.Has(c):
			return next(c)
		}
		var found account.StoredSession
		ctx, err := s.Sessions.Load(account.WithStored(c.Request().Context(), &found), s.Cookies.SessionToken(c))
		if err != nil {
			return err
		}
		user := found.Account
		if user.ID != 0 && s.Desk.Now().Sub(found.Seen).Abs() > account.SessionTouch && !s.Routes.isBackground(c) {
			if err := s.Desk.Accounts.Sessions.Seen(ctx, user); err != nil { // the page does not depend on it
				s.Log.WarnContext(ctx, "last seen not saved", "error", err)
			}
		}
		SetActor(c, user)
		f := s.Frame(c, user)
		f.Sessions, f.Unread, f.KeysOff, f.Unconfirmed = true, found.Unread, found.KeysOff, f.Mail && found.Unconfirmed
		f.Away = user.Can(account.WorkAsStaff) && found.Away.After(f.Now)
		if user.ID != 0 {
			f.Proof = s.Origins.formProof(c)
		}
		ctx = ui.WithFrame(ctx, f)
		c.SetRequest(c.Request().WithContext(ctx))
		c.Response().Header().Set("Cache-Control", "no-store")
		c.Response().Before(func() { s.Sessions.save(c); s.flashes.send(c) })
		return next(c)
	}
}

// save saves the session and sets its cookie if it changed. If that fails, the
// answer becomes a 503, because it must not report success.
func (s *Sessions) save(c echo.Context) {
	ctx := c.Request().Context()
	switch s.Status(ctx) {
	case scs.Modified:
		token, expiry, err := s.Commit(ctx)
		if err != nil {
			logFailure(s.log, c, "session not saved", err)
			c.Response().Status = http.StatusServiceUnavailable
			c.Response().Header().Del("Location")
			c.Response().Header().Set(echo.HeaderRetryAfter, retrySoon)
			return
		}
		// The cookie outlives its session, so that the owner of a form that is sent too late is known.
		s.WriteSessionCookie(ctx, c.Response(), token, expiry.Add(desk.KeptFor))
	case scs.Unmodified:
		if _, err := c.Cookie(s.Cookie.Name); err != nil && ActorOf(c).ID != 0 { // it came under its old name
			s.WriteSessionCookie(ctx, c.Response(), s.cookies.oldSessionToken(c), s.Deadline(ctx).Add(desk.KeptFor))
		}
	case scs.Destroyed:
		s.WriteSessionCookie(ctx, c.Response(), "", time.Time{})
		if old := s.cookies.oldName(SessionCookie); old != s.Cookie.Name && s.cookies.oldSessionToken(c) != "" && s.cookies.oldSessionToken(c) == s.cookies.SessionToken(c) {
			c.SetCookie(s.cookies.New(old, "", -1))
		}
	}
}

// Begin starts a session for a user who has just signed in. It always makes a new token,
// to prevent session fixation.
func (s *Sessions) Begin(c echo.Context, who account.SignedIn) error {
	ctx := c.Request().Context()
	if err := s.RenewToken(ctx); err != nil {
		return err
	}
	s.Put(ctx, KeyUser, who.ID)
	s.Put(ctx, KeyVersion, who.SessionVer)
	s.Put(ctx, KeyAgent, truncate(c.Request().UserAgent(), 300))
	if err := s.desk.Accounts.Sessions.Seen(ctx, who.Actor); err != nil {
		return err
	}
	pages, err := s.desk.Requests.KeptPages(ctx, who.Actor)
	if len(pages) > 0 {
		s.Put(ctx, keyKept, strings.Join(pages, "\n"))
	}
	return err
}

// truncate returns at most n bytes of s, without invalid UTF-8 and NUL, which PostgreSQL
// refuses.
func truncate(s string, n int) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s[:min(n, len(s))], ""), "\x00", "")
}
