package realtime

import (
	"bytes"
	"context"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/live"
	"frontdesk/views"
)

// Presence shows who has a ticket open.
type Presence struct {
	*core
	lists   *listWakeups
	readers readers
}

// enter adds the subscriber to the users who have their ticket's page open, until leave is
// called. It replaces the mark of [Presence.Read].
func (s *Presence) enter(sub *subscriber) (leave func()) {
	leave = s.present(sub)
	s.readers.endOn(sub.actor.ID, sub.ticketID)
	return leave
}

// present adds the subscriber to the users who are present on their ticket, until leave is called.
func (s *Presence) present(sub *subscriber) (leave func()) {
	return s.presence.Enter(topicOf(topicTicket, sub.ticketID), live.Person{ID: sub.actor.ID, Name: sub.actor.Username, Staff: sub.staff})
}

// pollPresence is how long a user counts as present after their page has polled for updates.
// It is longer than the interval between two polls.
const pollPresence = 15 * time.Second

// Visit marks the actor as present on a ticket, because their page has polled for updates.
func (s *Presence) Visit(c echo.Context, t desk.Ticket) {
	time.AfterFunc(pollPresence, s.enter(s.subscriber(c, t)))
}

// See stores that the actor has seen a ticket's log up to seq, or up to its end if seq is
// beyond it.
func (s *Presence) See(c echo.Context, t desk.Ticket, seq int64) error {
	return s.markSeen(c.Request().Context(), s.subscriber(c, t), seq, t.LastSeq)
}

// Wrote ends the "is writing" mark of a user who has sent their text on a ticket.
func (s *Presence) Wrote(ticketID, user int64) {
	s.presence.StopWriting(topicOf(topicTicket, ticketID), user)
}

// WroteNote is [Presence.Wrote] for a note. A requester's page shows the same before and after it.
func (s *Presence) WroteNote(ticketID, user int64) {
	s.presence.StopNoting(topicOf(topicTicket, ticketID), user)
}

// Present returns the users who have a ticket open, as staff or the requester may see them.
func (s *Presence) Present(ticketID int64, staff bool) views.Presence {
	n := views.Presence{Staff: staff}
	for _, p := range s.presence.People(topicOf(topicTicket, ticketID)) {
		n.People = append(n.People, views.Person(p))
	}
	return n
}

// send sends the present users to the pages of a ticket, and wakes the lists of
// staff, which show them too. topic is that of staff.
func (s *Presence) send(topic string) {
	people := s.presence.People(topic)
	n := views.Presence{}
	for _, p := range people {
		n.People = append(n.People, views.Person(p))
	}
	s.sendColleagues(topic, n)
	s.hub.Send(topicPublic+strings.TrimPrefix(topic, topicTicket), func(who any) *live.Frame {
		sub := who.(*subscriber)
		if sub.kind != pageSocket {
			return nil
		}
		text := s.textFor(sub.actor, views.TicketPresence(n))
		if text == nil || !sub.presence.change(text) {
			return nil
		}
		return live.NewFrame(text)
	})
	ticket, _ := ticketOf(topic)
	s.lists.wake(topicStaff, ticket)
}

// sendColleagues sends the present users to the pages of staff.
func (s *Presence) sendColleagues(topic string, n views.Presence) {
	n.Staff = true
	frames := map[int64]*live.Frame{}
	s.hub.Send(topic, func(who any) *live.Frame {
		sub := who.(*subscriber)
		if sub.kind != pageSocket {
			return nil
		}
		key := sub.actor.ID
		if len(n.People) > views.MaxNamed && !named(n.People, sub.actor.ID) {
			key = -1 // users who are not shown by name see the same
		}
		if frames[key] == nil {
			frames[key] = s.frameFor(sub.actor, views.TicketPresence(n))
		}
		return frames[key]
	})
}

// presenceText is the presence that a requester's page shows. The page gets only what
// differs from it, because a message that changes nothing would show that staff are
// writing a note. Only [Presence.send] uses it.
type presenceText struct{ last []byte }

// change stores the text, and reports whether it differs from the last one.
func (p *presenceText) change(text []byte) bool {
	if bytes.Equal(p.last, text) {
		return false
	}
	p.last = text
	return true
}

// named reports whether a user is among the first [views.MaxNamed]+1, who may be shown by name.
func named(people []views.Person, id int64) bool {
	for _, p := range people[:min(len(people), views.MaxNamed+1)] {
		if p.ID == id {
			return true
		}
	}
	return false
}

// markSeen stores that a subscriber has seen the log up to seq, and shows it to the others on
// the ticket, without the internal events. A client may send any number, so seq is limited
// to last, the end of the log.
func (s *core) markSeen(ctx context.Context, sub *subscriber, seq, last int64) error {
	public, err := s.Desk.Log.See(ctx, sub.actor, sub.ticketID, min(seq, last))
	if err != nil {
		return err
	}
	s.presence.Update(topicOf(topicTicket, sub.ticketID), sub.actor.ID, func(p *live.Person) { p.Seen = max(p.Seen, public) })
	return nil
}

// showTyping marks a subscriber as writing in the "chat" or a "comment", or staff in a
// "note"; other values are ignored. A note leaves what the others see of the chat as it is.
func (s *Presence) showTyping(sub *subscriber, where string) {
	topic := topicOf(topicTicket, sub.ticketID)
	switch {
	case sub.staff && !sub.actor.Can(account.ReplyToTickets) && where != "note": // they cannot send it
	case where == "chat" || where == "comment":
		s.presence.Update(topic, sub.actor.ID, func(p *live.Person) { p.Writing = where })
	case where == "note" && sub.staff:
		s.presence.Update(topic, sub.actor.ID, func(p *live.Person) { p.Noting = true })
	}
}
