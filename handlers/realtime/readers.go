package realtime

import (
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
)

const (
	// readPresence is how long a member of staff counts as present on a ticket after they have
	// opened a page of it that keeps no socket open, because it runs no script.
	readPresence = 2 * time.Minute
	// socketTime is the time in which a page that runs its script has opened its socket.
	socketTime = 10 * time.Second
)

// readers has the members of staff who have opened a page of a ticket, but no socket yet, by user
// id: each on the ticket that they have opened last.
type readers struct {
	mu sync.Mutex
	of map[int64]*reader
}

// reader is the presence of a member of staff on a ticket.
type reader struct {
	ticket int64
	leave  func()
}

// Read marks a member of staff as present on a ticket of which they open a page. The mark ends when
// the page opens a socket, which then shows how long they stay, when they open another ticket, or
// after [readPresence].
func (s *Realtime) Read(c echo.Context, t desk.Ticket) {
	f := s.follower(c, t)
	if !f.staff {
		return
	}
	r := &reader{ticket: t.ID, leave: s.present(f)}
	s.readers.mu.Lock()
	defer s.readers.mu.Unlock()
	if old := s.readers.of[f.actor.ID]; old != nil {
		old.leave()
	}
	s.readers.of[f.actor.ID] = r
	time.AfterFunc(socketTime, func() {
		if s.presence.IsElsewhere(topicOf(topicTicket, t.ID), f.actor.ID) {
			s.readers.end(f.actor.ID, r)
		}
	})
	time.AfterFunc(readPresence, func() { s.readers.end(f.actor.ID, r) })
}

// end ends the presence r of a user, unless it has ended.
func (of *readers) end(user int64, r *reader) {
	of.mu.Lock()
	defer of.mu.Unlock()
	if r != nil && of.of[user] == r {
		delete(of.of, user)
		r.leave()
	}
}

// on returns the presence of a user on a ticket, or nil.
func (of *readers) on(user, ticket int64) *reader {
	of.mu.Lock()
	defer of.mu.Unlock()
	if r := of.of[user]; r != nil && r.ticket == ticket {
		return r
	}
	return nil
}
