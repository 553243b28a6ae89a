package desk

import (
	"context"

	"frontdesk/internal/account"
)

// allowComment counts one comment, chat message or change of a ticket under Limits.Talk. It
// returns [*fault.Limited] if the rate is exceeded. Callers call refundComment with the
// result of the action.
func (s *core) allowComment(ctx context.Context, actor account.Actor) error {
	return s.commentLeases.Allow(ctx, actor.ID)
}

// refundComment takes back the count of an action that failed with err. It returns the use to
// this replica's lease, because the database has counted the whole lease.
func (s *core) refundComment(actor account.Actor, err error) {
	if err != nil {
		s.commentLeases.GiveBack(actor.ID)
	}
}

// CountAction counts one request of the actor that may change something under
// Limits.Actions, even if the request fails. It returns [*fault.Limited] if the rate is
// exceeded. It bounds the work of requests that have no limit of their own.
func (s *Requests) CountAction(ctx context.Context, actor account.Actor) error {
	return s.actions.Allow(ctx, actor.ID)
}
