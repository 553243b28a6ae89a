package desk

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
)

// This file finds the assignee and the team that the input of an assignment selects.

// chosenTeam returns the team that an input selects. If another user has moved the ticket since, it returns [*Taken].
func (s *core) chosenTeam(ctx context.Context, q *db.Queries, ticketID int64, in AssignmentInput, now event.Named) (event.Named, error) {
	switch {
	case in.Team == "", in.Team == in.WasTeam, in.Team == AssignValue(now.ID):
		return now, nil
	case in.WasTeam != "" && in.WasTeam != AssignValue(now.ID):
		return now, s.taken(ctx, q, ticketID, event.KindTeam, now)
	case in.Team == AssignNone:
		return event.Named{}, nil
	}
	to, err := s.targetTeam(ctx, q, in.Team)
	return event.Named{ID: to.ID, Name: to.Name}, err
}

// targetTeam returns a team in use by its id, and locks it so that it is not retired meanwhile. Its errors are
// [*fault.Invalid] of the field team.
func (s *core) targetTeam(ctx context.Context, q *db.Queries, id string) (db.LockTicketTeamRow, error) {
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return db.LockTicketTeamRow{}, fault.NewInvalid("team", "Choose a team from the list.")
	}
	to, err := q.LockTicketTeam(ctx, n)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return to, fault.NewInvalid("team", "There is no such team. Choose one from the list.")
	case err != nil:
		return to, fmt.Errorf("lock team: %w", err)
	case to.RetiredAt != nil:
		return to, fault.NewInvalid("team", to.Name+" is retired. Choose another team.")
	}
	return to, nil
}

// chosenAssignee returns the assignee that an input selects for a ticket that has the assignee of to now, and will be in
// its team. If another user has changed the assignee since, it returns [*Taken].
func (s *core) chosenAssignee(ctx context.Context, q *db.Queries, actor account.Actor, t Ticket, in AssignmentInput, to assignment) (event.Named, error) {
	now := to.assignee
	chosen := in.Assignee
	if chosen == AssignMe {
		chosen = AssignValue(actor.ID)
	}
	if chosen == "" || chosen == in.WasAssignee || chosen == AssignValue(now.ID) {
		return now, nil
	}
	if taken := in.WasAssignee != "" && in.WasAssignee != AssignValue(now.ID); taken || in.WasAssignee == "" && in.Assignee == AssignMe && now.ID != 0 {
		return now, s.taken(ctx, q, t.ID, event.KindAssignment, now)
	}
	if chosen == AssignNone {
		return event.Named{}, nil
	}
	id, err := strconv.ParseInt(chosen, 10, 64)
	if err != nil {
		return event.Named{}, fault.NewInvalid("assignee", "Choose a person from the list.")
	}
	return s.newAssignee(ctx, q, t, id, to.team)
}

// AssignValue returns the id of a user or a team as an [AssignmentInput] has it: [AssignNone] for 0.
func AssignValue(id int64) string {
	if id == 0 {
		return AssignNone
	}
	return strconv.FormatInt(id, 10)
}

// taken returns a [*Taken] for a ticket that has the assignee or the team now. kind is that of the entries about it.
func (s *core) taken(ctx context.Context, q *db.Queries, ticketID int64, kind event.Kind, now event.Named) error {
	e := &Taken{TicketID: ticketID, Team: kind == event.KindTeam, Now: now}
	last, err := q.LastAssignment(ctx, db.LastAssignmentParams{TicketID: ticketID, Kind: kind})
	switch {
	case err == nil:
		e.By, e.Ago = last.Author, max(s.Now().Sub(last.CreatedAt), 0)
	case !errors.Is(err, pgx.ErrNoRows):
		return fmt.Errorf("read the last assignment: %w", err)
	}
	return e
}

// newAssignee returns a user if they can be the assignee of a ticket in a team. That cannot
// change until the transaction ends. Otherwise it returns [*fault.Invalid] of the field assignee.
func (s *core) newAssignee(ctx context.Context, q *db.Queries, t Ticket, id int64, team event.Named) (event.Named, error) {
	if err := q.HoldRight(ctx, id); err != nil {
		return event.Named{}, fmt.Errorf("lock the right of the assignee: %w", err)
	}
	u, err := q.GetAssignee(ctx, db.GetAssigneeParams{ID: id, TeamID: team.ID})
	if err != nil {
		return event.Named{}, missingUser("assignee", err)
	}
	problem := notWorking(u)
	switch {
	case problem != "":
	case u.ID == t.RequesterID:
		problem = u.Username + " opened this ticket and cannot work on it. Choose someone else."
	case !u.MayRead && team.ID == 0:
		problem = u.Username + " sees only the tickets of their teams. Choose a team as well, or someone else."
	case !u.MayRead:
		problem = u.Username + " may not see the tickets of team " + team.Name + ". Choose one of its members."
	}
	if problem != "" {
		return event.Named{}, fault.NewInvalid("assignee", problem)
	}
	return event.Named{ID: u.ID, Name: u.Username}, nil
}

// missingUser returns [*fault.Invalid] of a field for a user who does not exist.
func missingUser(field string, err error) error {
	if errors.Is(err, pgx.ErrNoRows) {
		return fault.NewInvalid(field, notStaff)
	}
	return fmt.Errorf("read user: %w", err)
}

// notStaff is the message about a number that is of no member of staff. It does not say whether it is of a customer.
const notStaff = "There is no such member of staff. Choose an agent or admin."

// notWorking returns why a user cannot work on tickets, or "".
func notWorking(u db.GetAssigneeRow) string {
	switch {
	case !u.IsStaff:
		return notStaff
	case u.DisabledAt != nil:
		return "The account of " + u.Username + " is disabled. Choose someone else."
	}
	return ""
}
