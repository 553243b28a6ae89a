package realtime

import (
	"context"
	"time"

	"frontdesk/internal/desk"
	"frontdesk/internal/live"
	"frontdesk/views"

	"github.com/labstack/echo/v4"
)

// enter notes that somebody has the page of a ticket open.
func (s *Realtime) enter(f *follower) (leave func()) {
	return s.presence.Enter(f.topic(), live.Person{ID: f.actor.ID, Name: f.actor.Username, Staff: f.staff})
}

// pollPresence is how long somebody counts as there after their page has asked
// for news: longer than a page waits until it asks again.
const pollPresence = 15 * time.Second

// Visit notes that the actor's page of a ticket has polled for news.
func (s *Realtime) Visit(c echo.Context, t desk.Ticket) {
	time.AfterFunc(pollPresence, s.enter(s.follower(c, t)))
}

// See notes that the actor has seen a ticket's log up to seq.
func (s *Realtime) See(c echo.Context, t desk.Ticket, seq int64) error {
	return s.sees(c.Request().Context(), s.follower(c, t), seq, t.LastSeq)
}

// Wrote notes that a user has sent what they were writing on a ticket.
func (s *Realtime) Wrote(ticketID, user int64) {
	s.presence.StopWriting(topicOf(topicTicket, ticketID), user)
}

// Present returns who is at a ticket, as a reader on the side of staff or of the requester sees it.
func (s *Realtime) Present(ticketID int64, staff bool) views.Presence {
	n := views.Presence{Staff: staff}
	for _, p := range s.presence.People(topicOf(topicTicket, ticketID)) {
		n.People = append(n.People, views.Person(p))
	}
	return n
}

// tellPresence draws for everybody on a ticket who is there, and has the queue
// look: it shows where colleagues are.
func (s *Realtime) tellPresence(topic string) {
	people := s.presence.People(topic)
	n := views.Presence{}
	for _, p := range people {
		n.People = append(n.People, views.Person(p))
	}
	frames := map[int64]*live.Frame{}
	s.hub.Send(topic, func(who any) *live.Frame {
		f := who.(*follower)
		if f.program != nil {
			return nil
		}
		// Those who are not named themselves see the same as all of their side.
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
	s.nudge(topicStaff)
}

// named reports whether somebody is among the first, whom the others see by name.
func named(people []live.Person, id int64) bool {
	for _, p := range people[:min(len(people), views.MaxNamed+1)] {
		if p.ID == id {
			return true
		}
	}
	return false
}

// sees notes how far somebody has the log in sight, for themselves and for the
// other side. The log goes as far as last: nobody has seen what is not written.
func (s *Realtime) sees(ctx context.Context, f *follower, place, last int64) error {
	place = min(place, last)
	if err := s.Desk.Log.See(ctx, f.actor, f.ticketID, place); err != nil {
		return err
	}
	s.presence.Update(f.topic(), f.actor.ID, func(p *live.Person) { p.Seen = max(p.Seen, place) })
	return nil
}

// writes notes that somebody is writing, in the chat or a comment.
func (s *Realtime) writes(f *follower, where string) {
	if where == "chat" || where == "comment" {
		s.presence.Update(f.topic(), f.actor.ID, func(p *live.Person) { p.Writing = where })
	}
}
