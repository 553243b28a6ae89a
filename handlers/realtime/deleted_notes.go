package realtime

import (
	"context"
	"fmt"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/live"
	"frontdesk/views"
)

// receiveDeletedNote replaces a note whose text was deleted on the open pages of staff. The
// message has the ids of the ticket and of the entry. It reads the entry in a goroutine of its
// own, so that other messages do not wait for the database.
func (s *Realtime) receiveDeletedNote(message string) {
	var id, seq int64
	if _, err := fmt.Sscan(message, &id, &seq); err != nil {
		s.Log.Error("unreadable notification", "message", message)
		return
	}
	topic := topicOf(topicTicket, id)
	if !s.hub.Follows(topic) {
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
			s.sendDeletedNote(topic, *n.Ticket, n.Entries[0])
		}
	}()
}

// sendDeletedNotesTo replaces notes on pages of staff that have joined or were paused: they may have missed that the
// text of a note was deleted. It reads the log in a goroutine of its own, one ticket after another.
func (s *Realtime) sendDeletedNotesTo(pages []*follower) {
	of := map[int64]map[*follower]bool{} // by ticket
	for _, f := range pages {
		if f.ticketID != 0 && f.staff {
			if of[f.ticketID] == nil {
				of[f.ticketID] = map[*follower]bool{}
			}
			of[f.ticketID][f] = true
		}
	}
	if len(of) == 0 {
		return
	}
	go func() {
		for id, to := range of {
			if err := s.sendDeletedNotes(id, to); err != nil {
				s.Log.Warn("deleted notes not shown", "ticket", id, "error", err)
			}
		}
	}()
}

// sendDeletedNotes replaces the deleted notes of a ticket on some of its pages. A page that does not have an entry yet
// ignores it, and gets it without its text later.
func (s *Realtime) sendDeletedNotes(id int64, to map[*follower]bool) error {
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
	s.hub.SendInOrder(topic, func(who any) *live.Frame {
		f := who.(*follower)
		if !to[f] {
			return nil
		}
		return s.frameFor(f.actor, views.ChangedEntries(*updates[0].Ticket, notes))
	})
	return nil
}

// sendDeletedNote replaces a note on the pages of staff, and sends their programs an event for which they read
// the ticket again.
func (s *Realtime) sendDeletedNote(topic string, t desk.Ticket, e desk.Event) {
	frames := map[bool]*live.Frame{} // by whether the reader is the author
	program := live.NewFrame(eventText("updated", e.Seq, web.JSONUpdated{TicketID: t.ID, Kind: string(e.Kind)}))
	s.hub.SendInOrder(topic, func(who any) *live.Frame {
		f := who.(*follower)
		switch f.kind {
		case apiSocket:
			return program
		case roomSocket:
			return nil
		}
		own := f.actor.ID == e.AuthorID
		if frames[own] == nil {
			frames[own] = s.frameFor(f.actor, views.ChangedEntries(t, []desk.Event{e}))
		}
		return frames[own]
	})
}
