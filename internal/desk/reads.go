package desk

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// See stores that a page has shown the actor a ticket's log up to seq, and marks the
// notification of it as read. It never goes back, nor beyond the log; on a ticket
// that is not theirs it does nothing.
func (s *Log) See(ctx context.Context, actor account.Actor, ticketID, seq int64) error {
	seesAll, viewer := actor.Scope()
	err := s.tx(ctx, func(q *db.Queries) error {
		if err := q.LockRead(ctx, db.LockReadParams{TicketID: ticketID, UserID: viewer}); err != nil {
			return fmt.Errorf("hold the reader's place: %w", err)
		}
		if err := q.SeeTicket(ctx, db.SeeTicketParams{TicketID: ticketID, UserID: viewer, Seq: seq, SeesAll: seesAll}); err != nil {
			return fmt.Errorf("note how far the ticket was seen: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.readNotification(ctx, actor, ticketID, seq)
}
