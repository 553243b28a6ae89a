package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
)

// See stores that a page has shown the actor a ticket's log up to seq, and marks the
// actor's notification of it as read. The read position never decreases and never exceeds
// the last seq of the log. See returns the seq of the last public event up to seq, which
// the other side may know. It does nothing for a ticket that the actor may not read.
func (s *Log) See(ctx context.Context, actor account.Actor, ticketID, seq int64) (public int64, err error) {
	reach, viewer := actor.Scope()
	err = s.tx(ctx, func(q *db.Queries) error {
		if err := q.LockRead(ctx, db.LockReadParams{TicketID: ticketID, UserID: viewer}); err != nil {
			return fmt.Errorf("lock the read position: %w", err)
		}
		var err error
		public, err = q.SeeTicket(ctx, db.SeeTicketParams{TicketID: ticketID, UserID: viewer, Seq: seq, Reach: reach, IsStaff: isStaff(actor)})
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("store the read position: %w", err)
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return public, s.readNotification(ctx, actor, ticketID, seq)
}

// seenMessage sets t.Seen and t.SeenBy if the last chat message of the timeline is the
// actor's and the other side has read it. The other side is the requester or, for the
// requester, the member of staff who has read furthest. Other read positions are private
// and are not returned. Positions are compared by the entries of the timeline, so that a
// requester cannot notice which internal entries staff have read.
func (s *Log) seenMessage(ctx context.Context, actor account.Actor, t *Timeline, reads []db.TimelineReadsRow) error {
	last := t.lastMessage()
	if last.AuthorID != actor.ID {
		return nil
	}
	fromRequester := SideOf(actor, t.Ticket) == RequesterSide
	var farthest db.TimelineReadsRow
	for _, r := range reads {
		r.Seq = t.lastUpTo(r.Seq)
		if fromRequester == (r.UserID != t.Ticket.RequesterID) && (r.Seq > farthest.Seq || r.Seq == farthest.Seq && r.UserID < farthest.UserID) {
			farthest = r
		}
	}
	if farthest.Seq < last.Seq {
		return nil
	}
	t.Seen = farthest.Seq
	if farthest.UserID == t.Ticket.RequesterID {
		t.SeenBy = t.Ticket.RequesterName
		return nil
	}
	if i := slices.IndexFunc(t.Entries, func(e Event) bool { return e.AuthorID == farthest.UserID }); i >= 0 {
		t.SeenBy = t.Entries[i].Author
		return nil
	}
	var err error
	if t.SeenBy, err = s.q.TimelineReader(ctx, farthest.UserID); err != nil {
		return fmt.Errorf("read the name of the reader: %w", err)
	}
	return nil
}

// lastUpTo returns the seq of the last entry of the timeline up to seq, or 0 if there is
// none.
func (t Timeline) lastUpTo(seq int64) int64 {
	for _, e := range slices.Backward(t.Entries) {
		if e.Seq <= seq {
			return e.Seq
		}
	}
	return 0
}

// lastMessage returns the last chat message of the timeline, or the zero Event if there is
// none.
func (t Timeline) lastMessage() Event {
	for _, e := range slices.Backward(t.Entries) {
		if e.Kind == event.KindMessage {
			return e
		}
	}
	return Event{}
}
