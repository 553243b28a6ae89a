package desk

import (
	"context"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/outbox"
)

// maxDeadEvents is the maximum number of dead events that are listed.
const maxDeadEvents = 100

// DeadEvents returns events of tickets that could not be delivered to a consumer, at most
// 100. Users who may not change the settings of the desk get [fault.ErrForbidden].
func (s *Upkeep) DeadEvents(ctx context.Context, actor account.Actor) ([]outbox.Dead, error) {
	if !actor.Can(account.ManageSettings) {
		return nil, fault.ErrForbidden
	}
	return outbox.ListDead(ctx, s.pool, maxDeadEvents)
}

// RetryDeadEvents requests another delivery of dead events, and returns their number.
// Users who may not change the settings of the desk get [fault.ErrForbidden].
func (s *Upkeep) RetryDeadEvents(ctx context.Context, actor account.Actor, which outbox.Which) (count int, err error) {
	if !actor.Can(account.ManageSettings) {
		return 0, fault.ErrForbidden
	}
	err = s.act(ctx, actor, func(q *db.Queries) (err error) {
		count, err = outbox.RetryDead(ctx, q, which)
		return err
	})
	return count, err
}
