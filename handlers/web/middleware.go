package web

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"

	"frontdesk/internal/desk"
)

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
