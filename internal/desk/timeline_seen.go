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

// seenMessage sets t.Seen if the last chat message of the timeline is the actor's and the
// other side has read it: the requester or, for the requester, any member of staff. Other read
// positions are private and are not returned. Positions are compared by the entries of the
// timeline, so that a requester cannot notice which internal entries staff have read.
func seenMessage(actor account.Actor, t *Timeline, reads []db.TimelineReadsRow) {
	last := t.lastMessage()
	if last.AuthorID != actor.ID {
		return
	}
	fromRequester, farthest := SideOf(actor, t.Ticket) == RequesterSide, int64(0)
	for _, r := range reads {
		if fromRequester == (r.UserID != t.Ticket.RequesterID) {
			farthest = max(farthest, t.lastUpTo(r.Seq))
		}
	}
	if farthest >= last.Seq {
		t.Seen = farthest
	}
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
