package desk

import (
	"context"

	"frontdesk/internal/account"
)

// allowTalk counts one comment, chat line or change of a ticket under
// Limits.Talk, and refuses with [*fault.Limited] what comes too fast. What is refused
// for another reason is given back, see refundTalk.
func (s *core) allowTalk(ctx context.Context, actor account.Actor) error {
	return s.talk.Allow(ctx, actor.ID)
}

// refundTalk gives back what was counted for something that was refused, as err
// says: to this replica's lease, as no more than that was taken out of PostgreSQL.
func (s *core) refundTalk(actor account.Actor, err error) {
	if err != nil {
		s.talk.GiveBack(actor.ID)
	}
}

// CountAction counts one request of the actor that may change something under
// Limits.Actions, whatever comes of it, and refuses with [*fault.Limited] what comes too
// fast. It bounds the work of requests that have no limit of their own.
func (s *Requests) CountAction(ctx context.Context, actor account.Actor) error {
	return s.actions.Allow(ctx, actor.ID)
}
