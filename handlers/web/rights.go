package web

import (
	"io"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
)

// Rights reads the right of a user again that may have ended since the request began.
type Rights struct {
	sessions *account.Sessions
	now      func() time.Time
}

// StillSignedIn reads the actor's right again if the body arrived after it was
// read. It returns [fault.ErrSignedOut] if the right has ended.
func (r *Rights) StillSignedIn(c echo.Context) error {
	late, _ := c.Get(keyLate).(bool)
	if actor := ActorOf(c); late && actor.ID != 0 {
		return r.sessions.StillSignedIn(c.Request().Context(), actor)
	}
	return nil
}

// rightsAge is how long a right is not read again while an answer is being sent.
const rightsAge = time.Second

// WhileSignedIn is [Rights.WhileHolds] for the right of the request's actor.
func (r *Rights) WhileSignedIn(c echo.Context) func() error { return r.WhileHolds(c, ActorOf(c)) }

// WhileHolds returns a function to call before each piece of a long answer. It reads an actor's
// right again once a second and returns [fault.ErrSignedOut] if it has ended.
func (r *Rights) WhileHolds(c echo.Context, actor account.Actor) func() error {
	ctx, read := c.Request().Context(), r.now()
	return func() error {
		if actor.ID == 0 || r.now().Sub(read) < rightsAge {
			return nil
		}
		read = r.now()
		return r.sessions.StillSignedIn(ctx, actor)
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
