package desk

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
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
