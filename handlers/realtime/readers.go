package realtime

import (
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
)

const (
	// socketTime is the time in which a page that runs its script has usually opened its socket.
	socketTime = 2 * time.Second
	// readPresence is how long a member of staff counts as present on a ticket if the page that
	// they opened has no socket after socketTime.
	readPresence = 2 * time.Minute
)

// readers has the members of staff who have opened a page of a ticket, but no socket yet, by user
// id: each with the ticket that they have opened last.
type readers struct {
	mu     sync.Mutex
	byUser map[int64]*reader
}

// reader is a member of staff who reads a ticket.
type reader struct {
	ticket int64
	timer  *time.Timer // calls arrive, and then ends the presence
	leave  func()      // ends the presence; nil before arrive
}

// Read marks a member of staff as present on a ticket of which they open a page, unless the page
// soon opens a socket, which then shows how long they stay. The mark ends when a later page does
// that or shows another ticket, or after [readPresence].
func (s *Presence) Read(c echo.Context, t desk.Ticket) {
	sub := s.subscriber(c, t)
	if !sub.staff {
		return
	}
	s.readers.mu.Lock()
	defer s.readers.mu.Unlock()
	s.readers.end(sub.actor.ID)
	r := &reader{ticket: t.ID}
	s.readers.byUser[sub.actor.ID] = r
	r.timer = time.AfterFunc(socketTime, func() { s.arrive(sub, r) })
}

// arrive makes a reader present, unless a socket has replaced them, here or on another replica.
func (s *Presence) arrive(sub *subscriber, r *reader) {
	s.readers.mu.Lock()
	defer s.readers.mu.Unlock()
	switch {
	case s.readers.byUser[sub.actor.ID] != r:
	case s.presence.IsElsewhere(topicOf(topicTicket, r.ticket), sub.actor.ID):
		s.readers.end(sub.actor.ID)
	default:
		r.leave = s.present(sub)
		r.timer = time.AfterFunc(readPresence, func() { s.readers.endOn(sub.actor.ID, r.ticket) })
	}
}

// end removes the reader of a user and ends their presence. The mutex must be locked.
func (s *readers) end(user int64) {
	r := s.byUser[user]
	if r == nil {
		return
	}
	r.timer.Stop()
	if r.leave != nil {
		r.leave()
	}
	delete(s.byUser, user)
}

// endOn is end for a user who reads a certain ticket.
func (s *readers) endOn(user, ticket int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if r := s.byUser[user]; r != nil && r.ticket == ticket {
		s.end(user)
	}
}
