package handlers

import (
	"bytes"
	"io"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
)

// A client decides when its body arrives. Rights that were read before may have
// ended by then, so they are read after the body, or once more.

// earlyBody is how much of a body, in bytes, is read before the session or token.
const earlyBody = 64 << 10

// keyLate is where a request's context has true if the body was longer than that.
const keyLate = "late"

// bodyFirst reads the beginning of a body before the session and the account
// are. Forms without files, and nearly all of JSON, arrive whole by that. For a
// longer body see [server.stillSignedIn].
func (s *server) bodyFirst(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		r := c.Request()
		if reads(r) || r.Body == nil {
			return next(c)
		}
		var head bytes.Buffer
		if 0 < r.ContentLength && r.ContentLength < earlyBody {
			head.Grow(int(r.ContentLength) + bytes.MinRead)
		}
		n, err := head.ReadFrom(io.LimitReader(r.Body, earlyBody))
		if err != nil {
			return badBody(brokenBody{err})
		}
		c.Set(keyLate, n == earlyBody)
		r.Body = &resumedBody{io.MultiReader(&head, r.Body), r.Body}
		return next(c)
	}
}

// resumedBody is a body of which the beginning has been read.
type resumedBody struct {
	io.Reader
	io.Closer
}

// stillSignedIn reads the actor's right again if the body arrived after it was
// read. One that has ended is [fault.ErrSignedOut].
func (s *server) stillSignedIn(c echo.Context) error {
	late, _ := c.Get(keyLate).(bool)
	if actor := actorOf(c); late && actor.ID != 0 {
		return s.desk.Accounts.StillSignedIn(c.Request().Context(), actor)
	}
	return nil
}

// rightsAge is how old a right may be while an answer is being sent.
const rightsAge = time.Second

// whileSignedIn returns a function for the pieces of a long answer. It reads the
// actor's right again once a second; one that has ended is [fault.ErrSignedOut].
func (s *server) whileSignedIn(c echo.Context) func() error { return s.whileHolds(c, actorOf(c)) }

// whileHolds is whileSignedIn for the right of another than who asks.
func (s *server) whileHolds(c echo.Context, actor account.Actor) func() error {
	ctx, read := c.Request().Context(), s.desk.Now()
	return func() error {
		if actor.ID == 0 || s.desk.Now().Sub(read) < rightsAge {
			return nil
		}
		read = s.desk.Now()
		return s.desk.Accounts.StillSignedIn(ctx, actor)
	}
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
