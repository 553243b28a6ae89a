package realtime

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/internal/live"
	"frontdesk/views"
)

// enter adds the follower to the users who have their ticket's page open, until leave is
// called.
func (s *Realtime) enter(f *follower) (leave func()) {
	return s.presence.Enter(f.topic(), live.Person{ID: f.actor.ID, Name: f.actor.Username, Staff: f.staff})
}

// pollPresence is how long a user counts as present after their page has polled for updates.
// It is longer than the interval between two polls.
const pollPresence = 15 * time.Second

// Visit marks the actor as present on a ticket, because their page has polled for updates.
func (s *Realtime) Visit(c echo.Context, t desk.Ticket) {
	time.AfterFunc(pollPresence, s.enter(s.follower(c, t)))
}

// See stores that the actor has seen a ticket's log up to seq, or up to its end if seq is
// beyond it.
func (s *Realtime) See(c echo.Context, t desk.Ticket, seq int64) error {
	return s.markSeen(c.Request().Context(), s.follower(c, t), seq, t.LastSeq)
}

// Wrote ends the "is writing" mark of a user who has sent their text on a ticket.
func (s *Realtime) Wrote(ticketID, user int64) {
	s.presence.StopWriting(topicOf(topicTicket, ticketID), user)
}

// Present returns the users who have a ticket open, as staff or the requester may see them.
func (s *Realtime) Present(ticketID int64, staff bool) views.Presence {
	n := views.Presence{Staff: staff}
	for _, p := range s.presence.People(topicOf(topicTicket, ticketID)) {
		n.People = append(n.People, views.Person(p))
	}
	return n
}

// sendPresence sends the present users to the sockets of a topic, and wakes the lists of staff,
// which show them too.
func (s *Realtime) sendPresence(topic string) {
	people := s.presence.People(topic)
	n := views.Presence{}
	for _, p := range people {
		n.People = append(n.People, views.Person(p))
	}
	frames := map[int64]*live.Frame{}
	s.hub.Send(topic, func(who any) *live.Frame {
		f := who.(*follower)
		if f.kind != pageSocket {
			return nil
		}
		// A user who is not shown by name sees the same as all others of their side.
		key := int64(0)
		if f.staff {
			key = f.actor.ID
			if len(people) > views.MaxNamed && !named(people, f.actor.ID) {
				key = -1
			}
		}
		if frames[key] == nil {
			own := n
			own.Staff = f.staff
			frames[key] = s.frameFor(f.actor, views.TicketPresence(own))
		}
		return frames[key]
	})
	s.wakeList(topicStaff)
}

// named reports whether a user is among the first [views.MaxNamed]+1, who may be shown by name.
func named(people []live.Person, id int64) bool {
	for _, p := range people[:min(len(people), views.MaxNamed+1)] {
		if p.ID == id {
			return true
		}
	}
	return false
}

// markSeen stores that a follower has seen the log up to seq, and shows it to the others on
// the ticket. A client may send any number, so seq is limited to last, the end of the log.
func (s *Realtime) markSeen(ctx context.Context, f *follower, seq, last int64) error {
	seq = min(seq, last)
	if err := s.Desk.Log.See(ctx, f.actor, f.ticketID, seq); err != nil {
		return err
	}
	s.presence.Update(f.topic(), f.actor.ID, func(p *live.Person) { p.Seen = max(p.Seen, seq) })
	return nil
}

// showTyping marks a follower as writing in the "chat" or a "comment"; other values are ignored.
func (s *Realtime) showTyping(f *follower, where string) {
	if where == "chat" || where == "comment" {
		s.presence.Update(f.topic(), f.actor.ID, func(p *live.Person) { p.Writing = where })
	}
}
