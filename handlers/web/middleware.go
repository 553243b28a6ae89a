package web

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"frontdesk/internal/desk"
	"frontdesk/internal/requestid"
)

// logged writes one log entry for each request, also if its answer breaks off. Queries of
// addresses, which may have what a user searched for, cookies and bodies are not logged.
func (s *Env) logged(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		start, r := time.Now(), c.Request()
		id := s.requestID(r)
		ctx := requestid.With(r.Context(), id)
		s.UnderWay.Add(1)
		defer s.UnderWay.Add(-1)
		defer func() { s.logRequest(c, time.Since(start)) }()
		if s.Cfg.Trace != nil {
			traced, end := s.Cfg.Trace(ctx, r, c.Path(), s.addresses.isFromProxy(r))
			defer func() { end(c.Response().Status) }()
			ctx = traced
		}
		c.SetRequest(r.WithContext(ctx))
		c.Response().Header().Set(echo.HeaderXRequestID, id)
		if err := next(c); err != nil {
			c.Error(err)
		}
		return nil
	}
}

// logRequest measures a request and writes its log entry, at DEBUG for routes without a session.
func (s *Env) logRequest(c echo.Context, took time.Duration) {
	r, level := c.Request(), slog.LevelInfo
	if s.Cfg.Observe != nil {
		s.Cfg.Observe(r.Method, c.Path(), c.Response().Status, took)
	}
	if s.Routes.isOpen(c) {
		level = slog.LevelDebug
	}
	s.Log.LogAttrs(r.Context(), level, "request", slog.String("method", r.Method), slog.String("path", loggedPath(c)),
		slog.Int("status", c.Response().Status), slog.Int64("bytes", c.Response().Size), slog.Duration("took", took),
		slog.String("from", c.RealIP()), slog.Int64("user", ActorOf(c).ID))
}

// loggedPath returns the path of a request for the log. A token in it is a secret, so the
// path of its route is returned instead.
func loggedPath(c echo.Context) string {
	if strings.Contains(c.Path(), "/:token") {
		return c.Path()
	}
	return c.Request().URL.Path
}

// requestID returns the id of a request: that of a trusted proxy, if it is valid, or a new
// one. Echo's RequestID takes the id that any client sends, so that any client could write
// another request's id into the log.
func (s *Env) requestID(r *http.Request) string {
	if id := r.Header.Get(echo.HeaderXRequestID); requestid.IsValid(id) && s.addresses.isFromProxy(r) {
		return id
	}
	return requestid.New()
}

// recovered turns a panic of a handler into an error with its stack, so that only its request
// fails. The panic's own error is not wrapped: the answer must not depend on it.
var recovered = middleware.RecoverWithConfig(middleware.RecoverConfig{
	StackSize: 16 << 10, DisableStackAll: true, DisableErrorHandler: true,
	LogErrorFunc: func(_ echo.Context, err error, stack []byte) error {
		return fmt.Errorf("%w: %v\n%s", errPanic, err, stack)
	},
})

// errPanic marks the error of a handler that panicked.
var errPanic = errors.New("panic")

// Csp is the Content-Security-Policy of every page. It allows only files of the desk itself,
// and no script or style within a page.
const Csp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// headers sets the headers that every answer has. Echo's Secure has no
// Cross-Origin-Opener-Policy, trusts the X-Forwarded-Proto of every client, and cannot be
// used for [Env.RefusalHead].
func (s *Env) headers(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s.secureHeaders(c.Response().Header())
		return next(c)
	}
}

// secureHeaders sets the headers that every answer has.
func (s *Env) secureHeaders(h http.Header) {
	h.Set(echo.HeaderContentSecurityPolicy, Csp)
	h.Set(echo.HeaderXContentTypeOptions, "nosniff")
	h.Set(echo.HeaderReferrerPolicy, "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	if s.Secure {
		h.Set(echo.HeaderStrictTransportSecurity, "max-age=31536000")
	}
}

// limited bounds the size of a body, and how many long bodies are kept in memory at once.
// [Env.TakesFiles] raises the bound.
func (s *Env) limited(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Body == nil || r.Body == http.NoBody {
			return next(c)
		}
		room := &textBudget{s: s, c: c}
		defer room.release()
		c.Set(keyBudget, room)
		c.Set(keyBody, r.Body)
		setBody(c, http.MaxBytesReader(c.Response(), &textBody{r.Body, EarlyBody, room}, MaxFormBody))
		return next(c)
	}
}

// keyBudget is the key of the [*textBudget] of a request in its context.
const keyBudget = "room"

// keyBody is the key of the body without its limit in a request's context.
const keyBody = "body"

// setBody replaces the body in a copy of the request. The request of net/http keeps its
// own: with another one, the server would wait for the bytes of a client that itself waits
// for 100 (Continue).
func setBody(c echo.Context, body io.ReadCloser) {
	r := c.Request().WithContext(c.Request().Context())
	r.Body = body
	c.SetRequest(r)
}

// TakesFiles raises the limits of size and time for a form with files, and takes an upload
// slot for the user, which end gives back. Only handlers that accept files call it, so that
// other forms cannot fill the memory or keep connections busy. Without a free slot the
// error is an [unreadForm], and the body is not read.
func (s *Env) TakesFiles(c echo.Context, user int64) (end func(), err error) {
	body, ok := c.Get(keyBody).(io.ReadCloser)
	if kind, _, _ := ContentType(c.Request()); !ok || kind != echo.MIMEMultipartForm {
		return func() {}, nil
	}
	if end, err = s.Desk.Files.Receive(c.Request().Context(), user); err != nil {
		return nil, unreadForm{err}
	}
	control := http.NewResponseController(c.Response())
	paced := &deadlineBody{ReadCloser: body, setDeadline: control.SetReadDeadline, began: time.Now()}
	c.Set(keyBody, paced)
	setBody(c, http.MaxBytesReader(c.Response(), paced, desk.MaxFiles*s.Desk.Files.MaxUpload()+8<<20))
	_ = control.SetWriteDeadline(time.Now().Add(uploadTime + time.Minute)) // a test's recorder has none
	return end, nil
}

// unreadForm is an error that leaves a form unread, so that it cannot be shown again.
type unreadForm struct{ error }

// Unwrap returns the cause.
func (u unreadForm) Unwrap() error { return u.error }

// drain reads up to 64 MiB of the rest of a refused body. A browser that is still sending
// would otherwise show a broken connection instead of the answer.
func drain(c echo.Context) {
	if body, ok := c.Get(keyBody).(io.Reader); ok {
		_, _ = io.CopyN(io.Discard, body, 64<<20) // an error does not change the answer
	}
}

// WithoutSlash removes one slash from the end of a path, so that both addresses lead to the
// same route, for every method. An escaped slash (%2F) is part of a name and stays.
func WithoutSlash(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		u := c.Request().URL
		path, cut := strings.CutSuffix(u.Path, "/")
		raw, rawCut := strings.CutSuffix(u.RawPath, "/")
		switch {
		case u.Path == "" && u.Opaque == "": // http://desk.example (RFC 9110, 4.2.3)
			u.Path = "/"
		case cut && (rawCut || u.RawPath == "") && path != "" && !strings.HasSuffix(path, "/") && !strings.HasPrefix(path, "/static"):
			u.Path, u.RawPath = path, raw
		}
		return next(c)
	}
}
