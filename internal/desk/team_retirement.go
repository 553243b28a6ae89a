package desk

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// batchTickets is the number of tickets that one transaction moves or unassigns.
const batchTickets = 200

// Retire takes a team out of use, and moves its active tickets to another team or to none, in
// batches. Tickets cannot get into the team any more. If it fails in between, calling it
// again or [Upkeep.Sweep] moves the rest.
func (s *Teams) Retire(ctx context.Context, actor account.Actor, id int64, in RetireInput) error {
	if err := input.Check(&in); err != nil {
		return err
	}
	var to *int64
	err := s.change(ctx, actor, id, func(q *db.Queries, _ db.Team, _ bool) error {
		chosen, err := s.successor(ctx, q, id, in.Team)
		if err != nil {
			return err
		}
		to = chosen
		now := s.Now()
		if err := q.RetireTeam(ctx, db.RetireTeamParams{ID: id, RetiredAt: &now, SuccessorID: to, RetiredBy: &actor.ID}); err != nil {
			return fmt.Errorf("retire team: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return s.moveActive(ctx, s.actsAs(ctx, actor), actor.ID, id, value(to))
}

// successor returns the id of the team that takes the tickets of a retired one, nil for none.
func (s *Teams) successor(ctx context.Context, q *db.Queries, retired int64, chosen string) (*int64, error) {
	if chosen == AssignNone {
		return nil, nil
	}
	to, err := s.targetTeam(ctx, q, chosen)
	if err != nil {
		return nil, err
	}
	if to.ID == retired {
		return nil, fault.NewInvalid("team", "Choose another team than the one that is retired.")
	}
	return &to.ID, nil
}

// Restore puts a retired team back into use. Tickets that were moved stay where they are.
func (s *Teams) Restore(ctx context.Context, actor account.Actor, id int64) error {
	return s.change(ctx, actor, id, func(q *db.Queries, _ db.Team, _ bool) error {
		if err := q.RetireTeam(ctx, db.RetireTeamParams{ID: id}); err != nil {
			return fmt.Errorf("restore team: %w", err)
		}
		return nil
	})
}

// runner runs f in one transaction.
type runner func(f func(q *db.Queries) error) error

// actsAs returns a runner of transactions of the actor.
func (s *core) actsAs(ctx context.Context, actor account.Actor) runner {
	return func(f func(q *db.Queries) error) error { return s.act(ctx, actor, f) }
}

// itself returns a runner of transactions of the desk itself.
func (s *core) itself(ctx context.Context) runner {
	return func(f func(q *db.Queries) error) error { return s.tx(ctx, f) }
}

// inBatches calls change for the tickets that next locks, a batch at a time, until there are no more.
func inBatches(run runner, next func(q *db.Queries) ([]int64, error), change func(q *db.Queries, tickets []int64) error) error {
	for {
		n := 0
		err := run(func(q *db.Queries) error {
			tickets, err := next(q)
			if err != nil {
				return fmt.Errorf("lock tickets: %w", err)
			}
			if n = len(tickets); n == 0 {
				return nil
			}
			return change(q, tickets)
		})
		if err != nil || n < batchTickets {
			return err
		}
	}
}

// moveActive moves the active tickets of a team to another one, 0 for none, and unassigns those
// whose assignees may not read them there.
func (s *core) moveActive(ctx context.Context, run runner, author, from, to int64) error {
	return inBatches(run,
		func(q *db.Queries) ([]int64, error) {
			return q.LockActiveOfTeam(ctx, db.LockActiveOfTeamParams{TeamID: from, Max: batchTickets})
		},
		func(q *db.Queries, tickets []int64) error {
			if err := q.MoveTickets(ctx, db.MoveTicketsParams{Tickets: tickets, TeamID: to, AuthorID: author, Why: event.WhyRetired, Now: s.Now()}); err != nil {
				return fmt.Errorf("move tickets: %w", err)
			}
			unreadable, err := q.UnreadableTickets(ctx, tickets)
			if err != nil {
				return fmt.Errorf("find assignees who may not read tickets: %w", err)
			}
			return s.unassign(ctx, q, unreadable, author, event.WhyTeam)
		})
}

// unassign removes the assignee of locked tickets. author 0 is the assignee.
func (s *core) unassign(ctx context.Context, q *db.Queries, tickets []int64, author int64, why string) error {
	if len(tickets) == 0 {
		return nil
	}
	if err := q.UnassignTickets(ctx, db.UnassignTicketsParams{Tickets: tickets, AuthorID: author, Why: why, Now: s.Now()}); err != nil {
		return fmt.Errorf("unassign tickets: %w", err)
	}
	return nil
}

// unassignUnreadable unassigns the active tickets of a team whose assignees may not read them.
func (s *core) unassignUnreadable(ctx context.Context, actor account.Actor, team int64) error {
	return inBatches(s.actsAs(ctx, actor),
		func(q *db.Queries) ([]int64, error) {
			return q.LockUnreadableOfTeam(ctx, db.LockUnreadableOfTeamParams{TeamID: team, Max: batchTickets})
		},
		func(q *db.Queries, tickets []int64) error {
			return s.unassign(ctx, q, tickets, actor.ID, event.WhyTeam)
		})
}

// unassignReleased unassigns the active tickets of a user on which they cannot work any more, and
// records why.
func (s *core) unassignReleased(ctx context.Context, run runner, author, user int64, why string) error {
	return inBatches(run,
		func(q *db.Queries) ([]int64, error) {
			return q.LockReleasedOfAssignee(ctx, db.LockReleasedOfAssigneeParams{UserID: user, Max: batchTickets})
		},
		func(q *db.Queries, tickets []int64) error {
			return s.unassign(ctx, q, tickets, author, why)
		})
}

// value returns what p points to, or 0.
func value(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}
