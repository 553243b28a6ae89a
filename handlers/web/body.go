package web

import (
	"bytes"
	"io"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
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

// bodyFirst reads the first [EarlyBody] bytes of a body before the session and the
// account are read. Forms without files, and most JSON, are read whole by that. For a
// longer body see [Env.StillSignedIn]. A body of more than [SmallBody] waits for
// one of the slots of its network, and is refused on a route for visitors.
func (s *Env) bodyFirst(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if reads(r) || r.Body == nil {
			return next(c)
		}
		c.Set(keyBody, r.Body) // for drain
		head, end, err := s.readHead(c, s.Routes.isForVisitors(c))
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
func (s *Env) readHead(c echo.Context, small bool) (head *bytes.Buffer, end func(), err error) {
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
	if end, err = s.heads.Take(r.Context(), limit.OfNetwork("heads", s.Addresses.IP(c))); err != nil {
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

// textBudget is the slot that a request needs to hold more than [EarlyBody] bytes of text.
// It is taken when it is first needed.
type textBudget struct {
	s     *Env
	c     echo.Context
	taken bool
	end   func()
}

// take takes the slot if the request has none: of its user, or of its network if
// there is no user. The error is an [unreadForm].
func (t *textBudget) take() error {
	if t.taken {
		return nil
	}
	key := limit.OfNetwork("texts", t.s.Addresses.IP(t.c))
	if actor := ActorOf(t.c); actor.ID != 0 {
		key = limit.OfUser("texts", actor.ID)
	}
	end, err := t.s.texts.Take(t.c.Request().Context(), key)
	if err != nil {
		return unreadForm{err}
	}
	t.taken, t.end = true, end
	return nil
}

// release gives the slot back, if there is one.
func (t *textBudget) release() {
	if t.taken {
		t.end()
	}
}

// textBody is a body that is kept in memory as it is read. After left bytes it needs room.
type textBody struct {
	io.ReadCloser
	left int
	room *textBudget
}

func (b *textBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if b.left -= n; b.left < 0 {
		if refused := b.room.take(); refused != nil {
			return 0, refused
		}
	}
	return n, err
}

// StillSignedIn reads the actor's right again if the body arrived after it was
// read. It returns [fault.ErrSignedOut] if the right has ended.
func (s *Env) StillSignedIn(c echo.Context) error {
	late, _ := c.Get(keyLate).(bool)
	if actor := ActorOf(c); late && actor.ID != 0 {
		return s.Desk.Accounts.Sessions.StillSignedIn(c.Request().Context(), actor)
	}
	return nil
}

// rightsAge is how long a right is not read again while an answer is being sent.
const rightsAge = time.Second

// WhileSignedIn is [Env.WhileHolds] for the right of the request's actor.
func (s *Env) WhileSignedIn(c echo.Context) func() error { return s.WhileHolds(c, ActorOf(c)) }

// WhileHolds returns a function to call before each piece of a long answer. It reads an actor's
// right again once a second and returns [fault.ErrSignedOut] if it has ended.
func (s *Env) WhileHolds(c echo.Context, actor account.Actor) func() error {
	ctx, read := c.Request().Context(), s.Desk.Now()
	return func() error {
		if actor.ID == 0 || s.Desk.Now().Sub(read) < rightsAge {
			return nil
		}
		read = s.Desk.Now()
		return s.Desk.Accounts.Sessions.StillSignedIn(ctx, actor)
	}
}

// NewRightsReader returns a reader of file that calls may before each read, and fails with
// the error of may.
func NewRightsReader(file io.ReadSeekCloser, may func() error) io.ReadSeekCloser {
	return &rightsReader{file, may}
}

// rightsReader reads a file for as long as may returns nil.
type rightsReader struct {
	io.ReadSeekCloser
	may func() error
}

func (r *rightsReader) Read(p []byte) (int, error) {
	if err := r.may(); err != nil {
		return 0, err
	}
	return r.ReadSeekCloser.Read(p)
}
