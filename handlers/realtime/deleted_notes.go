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

// sendDeletedNotes replaces notes on a page of staff whose socket has just connected: it may have had no
// connection when their text was deleted.
func (s *Realtime) sendDeletedNotes(ctx context.Context, sock *live.Socket, f *follower, t desk.Ticket, after int64) {
	notes, err := s.Desk.Log.DeletedNotes(ctx, t.ID, after)
	if err != nil {
		s.Log.Warn("deleted notes not shown", "error", err)
		return
	}
	if len(notes) == 0 {
		return
	}
	if frame := s.frameFor(f.actor, views.ChangedEntries(t, notes)); frame != nil {
		sock.Send(frame)
	}
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
