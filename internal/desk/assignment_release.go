package desk

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
)

// This file keeps assignments in step with users and with the status of tickets.

// SetUserDisabled is [account.Users.SetDisabled], and unassigns the active tickets of a
// disabled user. These stay in their teams. If unassigning fails in between, [Upkeep.Sweep]
// does the rest.
func (d *Desk) SetUserDisabled(ctx context.Context, actor account.Actor, id int64, disabled bool) error {
	if err := d.Accounts.Users.SetDisabled(ctx, actor, id, disabled); err != nil {
		return err
	}
	return d.unassignReleased(ctx, d.actsAs(ctx, actor), actor.ID, id, event.WhyDisabled)
}

// SetUserRole is [account.Users.SetRole], and unassigns the active tickets that the user may not
// read with the new role, as SetUserDisabled does.
func (d *Desk) SetUserRole(ctx context.Context, actor account.Actor, id int64, role string) error {
	if err := d.Accounts.Users.SetRole(ctx, actor, id, role); err != nil {
		return err
	}
	return d.unassignReleased(ctx, d.actsAs(ctx, actor), actor.ID, id, event.WhyRole)
}

// OperatorSetRole is [account.Operator.SetRole], and unassigns what SetUserRole does.
func (d *Desk) OperatorSetRole(ctx context.Context, email, role string) error {
	if err := d.Accounts.Operator.SetRole(ctx, email, role); err != nil {
		return err
	}
	return d.Upkeep.sweepAssignments(ctx)
}

// ChangeRole is [account.Roles.Change], and unassigns the active tickets that users of the role
// may not read any more, as SetUserDisabled does. It does not act with the right of the actor, which
// ends if the role is their own.
func (d *Desk) ChangeRole(ctx context.Context, actor account.Actor, id int64, in account.RoleInput) error {
	if err := d.Accounts.Roles.Change(ctx, actor, id, in); err != nil {
		return err
	}
	released, err := d.q.ReleasedOfRole(ctx, id)
	if err != nil {
		return fmt.Errorf("find users of the role: %w", err)
	}
	for _, user := range released {
		if err := d.unassignReleased(ctx, d.itself(ctx), actor.ID, user, event.WhyRole); err != nil {
			return fmt.Errorf("unassign tickets: %w", err)
		}
	}
	return nil
}

// sweepAssignments unassigns the active tickets of users who cannot work on them, moves those of
// retired teams, and removes customers from teams, where that was interrupted or another version of
// the program changed the user.
func (s *Upkeep) sweepAssignments(ctx context.Context) error {
	if err := s.q.RemoveCustomersFromTeams(ctx); err != nil {
		return fmt.Errorf("remove customers from teams: %w", err)
	}
	absent, err := s.q.AbsentAssignees(ctx)
	if err != nil {
		return fmt.Errorf("find absent assignees: %w", err)
	}
	for _, user := range absent {
		if err := s.unassignReleased(ctx, s.itself(ctx), 0, user, event.WhyDisabled); err != nil {
			return fmt.Errorf("unassign tickets: %w", err)
		}
	}
	retired, err := s.q.UnfinishedRetirements(ctx)
	if err != nil {
		return fmt.Errorf("find retired teams: %w", err)
	}
	for _, t := range retired {
		if err := s.moveActive(ctx, s.itself(ctx), t.RetiredBy, t.ID, t.SuccessorID); err != nil {
			return fmt.Errorf("move tickets of a retired team: %w", err)
		}
	}
	return nil
}

// replyAssigns reports whether the actor's answer to an unassigned ticket of others assigns it.
func (s *core) replyAssigns(actor account.Actor) bool {
	return isStaff(actor) && actor.Can(account.TriageTickets) && s.settings.Current().FirstReplyAssigns
}

// releaseAbsent removes the assignee of a ticket that was reopened or restored if they cannot work on it: they are
// away or disabled, or may not read it. It then waits in its team for another one. If that is retired, the ticket moves to the team
// that took its tickets. The author of the entry is the assignee, because the
// requester who reopened the ticket does not know of assignees. The assignee's right is held, so that they
// do not lose it between the check and the commit.
func (s *core) releaseAbsent(ctx context.Context, q *db.Queries, ticketID int64) error {
	now, err := s.leaveRetired(ctx, q, ticketID)
	if err != nil || now.AssigneeID == 0 {
		return err
	}
	if err := q.HoldRight(ctx, now.AssigneeID); err != nil {
		return fmt.Errorf("lock the right of the assignee: %w", err)
	}
	if now, err = q.GetAssignment(ctx, db.GetAssignmentParams{TicketID: ticketID, Now: s.Now()}); err != nil {
		return fmt.Errorf("read assignment again: %w", err)
	}
	if now.AssigneeWorks {
		return nil
	}
	was := assignment{event.Named{ID: now.AssigneeID, Name: now.Assignee}, event.Named{ID: now.TeamID, Name: now.Team}}
	return s.writeAssignment(ctx, q, account.Actor{ID: now.AssigneeID}, ticketID, reassignment{was, assignment{team: was.team}, event.WhyAbsent})
}

// leaveRetired moves a locked ticket of a retired team to its successor, as long as that is retired too, and returns the
// assignment. This ends, because the successor of a team was in use when the team was retired.
func (s *core) leaveRetired(ctx context.Context, q *db.Queries, ticketID int64) (db.GetAssignmentRow, error) {
	for {
		now, err := q.GetAssignment(ctx, db.GetAssignmentParams{TicketID: ticketID, Now: s.Now()})
		if err != nil {
			return now, fmt.Errorf("read assignment: %w", err)
		}
		if !now.IsRetired || now.RetiredBy == nil {
			return now, nil
		}
		err = q.MoveTickets(ctx, db.MoveTicketsParams{Tickets: []int64{ticketID}, TeamID: now.SuccessorID, AuthorID: *now.RetiredBy, Why: event.WhyRetired, Now: s.Now()})
		if err != nil {
			return now, fmt.Errorf("move the ticket of a retired team: %w", err)
		}
	}
}
