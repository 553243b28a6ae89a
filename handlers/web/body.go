package web

import (
	"bytes"
	"io"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
)

// A client decides when its body arrives. A right that was read before may have ended
// by then, so rights are read after the body, or read again.

// EarlyBody is how much of a body, in bytes, is read before the session or token.
const EarlyBody = 64 << 10

// keyLate is the key of a bool in a request's context: whether the body is longer than
// [EarlyBody].
const keyLate = "late"

// SmallBody is how much of a body, in bytes, a route that requires no account takes, unless
// it has [LongBody], and how much of any body is read without a slot.
const SmallBody = 16 << 10

// Bodies reads the bodies of requests within limits of size, time and memory.
type Bodies struct {
	heads limit.Slots // beginnings of bodies, by network
	texts limit.Slots // long texts, by user or network; see textBudget

	addresses *ClientAddresses
	routes    *Router
	files     *desk.Files
}

// newBodies returns the bodies of the requests to routes.
func newBodies(addresses *ClientAddresses, routes *Router, files *desk.Files) *Bodies {
	return &Bodies{heads: limit.Slots{Each: 64, All: 1024}, texts: limit.Slots{Each: 4, All: 32},
		addresses: addresses, routes: routes, files: files}
}

// readEarly reads the first [EarlyBody] bytes of a body before the session and the
// account are read. Forms without files, and most JSON, are read whole by that. For a
// longer body see [Rights.StillSignedIn]. A body of more than [SmallBody] waits for
// one of the slots of its network, and is refused on a route for visitors.
func (b *Bodies) readEarly(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if reads(r) || r.Body == nil {
			return next(c)
		}
		c.Set(keyBody, r.Body) // for drain
		head, end, err := b.readHead(c, b.routes.isForVisitors(c))
		if err != nil {
			return badBody(unreadableBody{err})
		}
		defer end()
		c.Set(keyLate, head.Len() == EarlyBody)
		r.Body = &resumedBody{head: head, end: end, rest: r.Body}
		return next(c)
	}
}

// readHead reads up to [EarlyBody] of the request's body. The result has a slot if it
// is longer than [SmallBody], which end gives back. With small such a body is
// [fault.ErrTooLarge].
func (b *Bodies) readHead(c echo.Context, small bool) (head *bytes.Buffer, end func(), err error) {
	r, end := c.Request(), func() {}
	head = new(bytes.Buffer)
	if r.ContentLength <= SmallBody {
		head.Grow(max(0, int(r.ContentLength)) + bytes.MinRead)
		if _, err := head.ReadFrom(io.LimitReader(r.Body, SmallBody)); err != nil || head.Len() < SmallBody {
			return head, end, err
		}
	}
	if r.ContentLength == int64(head.Len()) {
		return head, end, nil
	}
	if small {
		return nil, end, fault.ErrTooLarge
	}
	if end, err = b.heads.Take(r.Context(), limit.OfNetwork("heads", b.addresses.IP(c))); err != nil {
		return nil, end, unreadForm{err}
	}
	if _, err = head.ReadFrom(io.LimitReader(r.Body, EarlyBody-int64(head.Len()))); err != nil {
		end()
	}
	return head, end, err
}

// resumedBody is a body of which the beginning has been read into head. It reads head
// first, then releases it and calls end, and goes on with rest.
type resumedBody struct {
	head *bytes.Buffer // nil when it was read
	end  func()
	rest io.ReadCloser
}

func (b *resumedBody) Read(p []byte) (int, error) {
	if b.head == nil {
		return b.rest.Read(p)
	}
	n, err := b.head.Read(p)
	if err == nil {
		return n, nil
	}
	b.head = nil
	b.end()
	return b.rest.Read(p)
}

func (b *resumedBody) Close() error { return b.rest.Close() }

// limited bounds the size of a body, and how many long bodies are kept in memory at once.
// [Bodies.TakesFiles] raises the bound.
func (b *Bodies) limited(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if r.Body == nil || r.Body == http.NoBody {
			return next(c)
		}
		room := &textBudget{bodies: b, c: c}
		defer room.release()
		c.Set(keyBudget, room)
		c.Set(keyBody, r.Body)
		setBody(c, http.MaxBytesReader(c.Response(), &textBody{r.Body, EarlyBody, room}, MaxFormBody))
		return next(c)
	}
}

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
func (b *Bodies) TakesFiles(c echo.Context, user int64) (end func(), err error) {
	body, ok := c.Get(keyBody).(io.ReadCloser)
	if kind, _, _ := ContentType(c.Request()); !ok || kind != echo.MIMEMultipartForm {
		return func() {}, nil
	}
	if end, err = b.files.Receive(c.Request().Context(), user); err != nil {
		return nil, unreadForm{err}
	}
	control := http.NewResponseController(c.Response())
	paced := &deadlineBody{ReadCloser: body, setDeadline: control.SetReadDeadline, began: time.Now()}
	c.Set(keyBody, paced)
	setBody(c, http.MaxBytesReader(c.Response(), paced, desk.MaxFiles*b.files.MaxUpload()+8<<20))
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
