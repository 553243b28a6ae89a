package web

import (
	"io"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/limit"
)

// keyBudget is the key of the [*textBudget] of a request in its context.
const keyBudget = "room"

// textBudget is the slot that a request needs to hold more than [EarlyBody] bytes of text.
// It is taken when it is first needed.
type textBudget struct {
	bodies *Bodies
	c      echo.Context
	taken  bool
	end    func()
}

// take takes the slot if the request has none: of its user, or of its network if
// there is no user. The error is an [unreadForm].
func (t *textBudget) take() error {
	if t.taken {
		return nil
	}
	key := limit.OfNetwork("texts", t.bodies.addresses.IP(t.c))
	if actor := ActorOf(t.c); actor.ID != 0 {
		key = limit.OfUser("texts", actor.ID)
	}
	end, err := t.bodies.texts.Take(t.c.Request().Context(), key)
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
