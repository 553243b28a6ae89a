package realtime

import (
	"context"
	"fmt"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/live"
	"frontdesk/views"
)

// deletedNotes shows on open pages that the text of a note was deleted.
type deletedNotes struct{ *core }

// receive replaces a note whose text was deleted on the open pages of staff. The
// message has the ids of the ticket and of the entry. It reads the entry in a goroutine of its
// own, so that other messages do not wait for the database.
func (s *deletedNotes) receive(message string) {
	var id, seq int64
	if _, err := fmt.Sscan(message, &id, &seq); err != nil {
		s.Log.Error("unreadable notification", "message", message)
		return
	}
	topic := topicOf(topicTicket, id)
	if !s.hub.HasSubscribers(topic) {
		return
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), messageTimeout)
		defer cancel()
		updates, err := s.Desk.Log.Updates(ctx, []desk.Position{{TicketID: id, Seq: seq - 1, Upto: seq, Internal: true}})
		if err != nil {
			s.Log.Warn("deleted note not shown", "error", err)
			return
		}
		if n := updates[0]; n.Ticket != nil && len(n.Entries) == 1 {
			s.hub.SendInOrder(topic, s.draw(*n.Ticket, n.Entries))
		}
	}()
}

// sendTo sends which notes are deleted to pages and programs of staff that have joined or were paused: they
// may have missed it. It reads the log in a goroutine of its own, one ticket after another.
func (s *deletedNotes) sendTo(subscribers []any) {
	of := map[int64]map[*subscriber]bool{} // by ticket
	for _, who := range subscribers {
		if sub := who.(*subscriber); sub.ticketID != 0 && sub.staff && sub.kind != roomSocket {
			if of[sub.ticketID] == nil {
				of[sub.ticketID] = map[*subscriber]bool{}
			}
			of[sub.ticketID][sub] = true
		}
	}
	if len(of) == 0 {
		return
	}
	go func() {
		for id, to := range of {
			if err := s.send(id, to); err != nil {
				s.Log.Warn("deleted notes not shown", "ticket", id, "error", err)
			}
		}
	}()
}

// send sends the deleted notes of a ticket to some of its subscribers. A page that does not have an entry yet
// ignores it, and gets it without its text later.
func (s *deletedNotes) send(id int64, to map[*subscriber]bool) error {
	ctx, cancel := context.WithTimeout(context.Background(), messageTimeout)
	defer cancel()
	topic := topicOf(topicTicket, id)
	notes, err := s.Desk.Log.DeletedNotes(ctx, id, s.hub.Last(topic))
	if err != nil || len(notes) == 0 {
		return err
	}
	last := notes[len(notes)-1].Seq
	updates, err := s.Desk.Log.Updates(ctx, []desk.Position{{TicketID: id, Seq: last - 1, Upto: last, Internal: true}})
	if err != nil || updates[0].Ticket == nil {
		return err
	}
	draw := s.draw(*updates[0].Ticket, notes)
	s.hub.SendInOrder(topic, func(who any) *live.Frame {
		if !to[who.(*subscriber)] {
			return nil
		}
		return draw(who)
	})
	return nil
}

// draw returns a function that draws deleted notes for a subscriber: the rows that replace them on a page of
// staff, and for a program of staff an event for each, for which it reads the ticket again.
func (s *deletedNotes) draw(t desk.Ticket, notes []desk.Event) func(who any) *live.Frame {
	var events [][]byte
	for _, e := range notes {
		events = append(events, eventText("updated", e.Seq, web.JSONUpdated{TicketID: t.ID, Kind: string(e.Kind)}))
	}
	program := live.NewFrame(events...)
	return func(who any) *live.Frame {
		sub := who.(*subscriber)
		switch sub.kind {
		case apiSocket:
			return program
		case roomSocket:
			return nil
		}
		return s.frameFor(sub.actor, views.ChangedEntries(t, notes))
	}
}
