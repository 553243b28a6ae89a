package desk

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/listing"
)

// Values of [AssignmentInput] that are not an id.
const (
	AssignNone = "none" // no assignee, or no team
	AssignMe   = "me"   // the actor
)

// AssignmentInput sets who works on a ticket. A field that is "" does not change. The Was fields are
// the values that the page showed: a field with the same value does not change either, and one that another
// user has changed since is refused. With "" they are not checked, except that taking an assigned ticket is refused.
type AssignmentInput struct {
	Assignee string `form:"assignee" json:"assignee" validate:"max=20,line" doc:"A user’s id, me, or none; null is none. With me an assigned ticket is not taken: the answer is 409."`
	Team     string `form:"team" json:"team" validate:"max=20,line" doc:"A team’s id, or none; null is none."`

	WasAssignee string `form:"was_assignee" json:"wasAssignee" validate:"max=20,line" doc:"The assignee that you know, or none. If assignee differs from it and there is another one now, the answer is 409."`
	WasTeam     string `form:"was_team" json:"wasTeam" validate:"max=20,line" doc:"The team that you know, or none. If team differs from it and there is another one now, the answer is 409."`
}

// Assigned is a ticket after a change, which may have been an assignment.
type Assigned struct {
	Ticket Ticket
	Gone   bool // the actor may not read the ticket any more, because it is with a private team
}

// Taken is returned if another user has changed the assignee, or the team, that the actor wants to change.
type Taken struct {
	TicketID int64
	Team     bool        // whether it is about the team
	Now      event.Named // the present assignee or team; the zero value if there is none
	By       string      // who changed it; "" if that is not known
	Ago      time.Duration
}

// Error implements error.
func (e *Taken) Error() string {
	return fmt.Sprintf("ticket %d has %q now", e.TicketID, e.Now.Name)
}

// Text returns a sentence about the present assignee or team, such as "Ana took it 5 s ago.".
func (e *Taken) Text() string {
	ago := agoText(e.Ago)
	switch {
	case e.By == "" && e.Now.ID == 0:
		return "It has changed."
	case e.By == "":
		return e.Now.Name + " has it now."
	case e.Team && e.Now.ID == 0:
		return e.By + " took it out of its team " + ago + "."
	case e.Team:
		return e.By + " moved it to team " + e.Now.Name + " " + ago + "."
	case e.Now.ID == 0:
		return e.By + " removed the assignee " + ago + "."
	case e.By == e.Now.Name:
		return e.By + " took it " + ago + "."
	}
	return e.By + " assigned it to " + e.Now.Name + " " + ago + "."
}

// agoText returns a duration in the largest unit of which it has one or more.
func agoText(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "min"}} {
		if d >= unit.of {
			return fmt.Sprintf("%d %s ago", d/unit.of, unit.name)
		}
	}
	return fmt.Sprintf("%d s ago", d/time.Second)
}

// Assignable is a member of staff that a form offers as an assignee.
type Assignable struct {
	event.Named
	Away bool
}

// Assignable returns the staff that a form offers as assignees of a ticket without a search: the
// members of its team, at most 50.
func (s *Tickets) Assignable(ctx context.Context, t Ticket) ([]Assignable, error) {
	if t.TeamID == 0 {
		return nil, nil
	}
	rows, err := s.q.ListAssignable(ctx, db.ListAssignableParams{TeamID: t.TeamID, Now: s.Now(), Max: maxAssignable})
	if err != nil {
		return nil, fmt.Errorf("list members of the team: %w", err)
	}
	all := make([]Assignable, len(rows))
	for i, r := range rows {
		all[i] = Assignable{event.Named{ID: r.ID, Name: r.Username}, r.Away}
	}
	return all, nil
}

// Colleague returns the member of staff that a form has chosen as the assignee, so that it can offer them again. It returns
// the zero value if chosen is not the id of a user who works as staff, and to customers, who do not see colleagues.
func (s *Tickets) Colleague(ctx context.Context, actor account.Actor, chosen string) (event.Named, error) {
	id, err := strconv.ParseInt(chosen, 10, 64)
	if err != nil || !actor.Can(account.WorkAsStaff) {
		return event.Named{}, nil
	}
	u, err := s.q.GetAssignee(ctx, db.GetAssigneeParams{ID: id})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return event.Named{}, nil
	case err != nil:
		return event.Named{}, fmt.Errorf("read user: %w", err)
	case notWorking(u) != "":
		return event.Named{}, nil
	}
	return event.Named{ID: u.ID, Name: u.Username}, nil
}

// maxAssignable is the maximum number of members that a form offers. Others are found by name.
const maxAssignable = 50

// Assignment returns the data of an entry about an assignment or a team, or the zero value for other entries.
func (e Event) Assignment() event.AssignmentChange {
	return event.Decode[event.AssignmentChange](e.Data)
}

// assignment is the assignee and the team of a ticket. A zero id is no assignee or no team.
type assignment struct{ assignee, team event.Named }

// reassignment is a change of the assignment of a ticket. why is the reason for another assignee.
type reassignment struct {
	from, to assignment
	why      string
}

// Assign sets the assignee and the team of a ticket. Only staff who may read the ticket can be its
// assignee ([*fault.Invalid]). If another user changed the same field first, it returns [*Taken].
// Without [ToAssign] it returns [fault.ErrForbidden].
func (s *Tickets) Assign(ctx context.Context, actor account.Actor, ticketID int64, in AssignmentInput) (Assigned, error) {
	if err := s.checkMay(ctx, actor, ToAssign, ticketID); err != nil {
		return Assigned{}, err
	}
	if err := input.Check(&in); err != nil {
		return Assigned{}, err
	}
	return s.changeTicket(ctx, actor, ticketID, func(q *db.Queries, t Ticket) error {
		return s.assignLocked(ctx, q, actor, t, in)
	})
}

// assigned returns the ticket after a change, also if the actor may not read it any more.
func (s *core) assigned(ctx context.Context, q *db.Queries, actor account.Actor, id int64) (Assigned, error) {
	t, err := s.ticket(ctx, q, actor, id)
	if !errors.Is(err, fault.ErrNotFound) {
		return Assigned{Ticket: t}, err
	}
	t, err = q.GetTicket(ctx, db.GetTicketParams{ID: id, Reach: string(account.ReachAll), IsStaff: true})
	return Assigned{t, true}, db.Found(err, "read ticket")
}

// assignLocked is [Tickets.Assign] in the caller's transaction, for a locked ticket.
func (s *core) assignLocked(ctx context.Context, q *db.Queries, actor account.Actor, t Ticket, in AssignmentInput) error {
	if !May(actor, ToAssign, t) {
		return fault.ErrForbidden
	}
	now, err := q.GetAssignment(ctx, db.GetAssignmentParams{TicketID: t.ID, Now: s.Now()})
	if err != nil {
		return fmt.Errorf("read assignment: %w", err)
	}
	was := assignment{event.Named{ID: now.AssigneeID, Name: now.Assignee}, event.Named{ID: now.TeamID, Name: now.Team}}
	to, why := was, ""
	if to.team, err = s.chosenTeam(ctx, q, t.ID, in, was.team); err != nil {
		return err
	}
	if to.assignee, err = s.chosenAssignee(ctx, q, actor, t, in, to); err != nil {
		return err
	}
	if to.assignee == was.assignee && to.assignee.ID != 0 && to.team != was.team {
		var invalid *fault.Invalid
		_, err := s.newAssignee(ctx, q, t, to.assignee.ID, to.team)
		switch {
		case errors.As(err, &invalid):
			to.assignee, why = event.Named{}, event.WhyTeam
		case err != nil:
			return err
		}
	}
	return s.writeAssignment(ctx, q, actor, t.ID, reassignment{was, to, why})
}

// writeAssignment stores the assignment of a locked ticket, and records what changed in its log. These
// entries are internal: neither the version nor the time of the last change move. A new assignee follows the ticket.
func (s *core) writeAssignment(ctx context.Context, q *db.Queries, actor account.Actor, ticketID int64, r reassignment) error {
	from, to := r.from, r.to
	if from == to {
		return nil
	}
	if err := q.SetAssignment(ctx, db.SetAssignmentParams{TicketID: ticketID, AssigneeID: to.assignee.ID, TeamID: to.team.ID}); err != nil {
		return fmt.Errorf("store assignment: %w", err)
	}
	if to.assignee.ID != 0 && to.assignee != from.assignee {
		if err := s.follow(ctx, q, ticketID, to.assignee.ID, followAssigned); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		kind     event.Kind
		from, to event.Named
		why      string
	}{{event.KindTeam, from.team, to.team, ""}, {event.KindAssignment, from.assignee, to.assignee, r.why}} {
		if c.from == c.to {
			continue
		}
		if _, err := s.recordInternal(ctx, q, actor, ticketID, entry{kind: c.kind, data: event.AssignmentChange{From: named(c.from), To: named(c.to), Why: c.why}}); err != nil {
			return err
		}
	}
	return nil
}

// named returns a pointer to n, or nil for the zero value.
func named(n event.Named) *event.Named {
	if n.ID == 0 {
		return nil
	}
	return &n
}

// assignedCap is the number up to which the active tickets of an assignee are counted.
const assignedCap = 500

// AssignedTo returns the number of active tickets that are assigned to a user and that the actor may read, for actors
// who manage accounts. They become unassigned if the user is disabled or becomes a customer.
func (d *Desk) AssignedTo(ctx context.Context, actor account.Actor, user int64) (listing.Capped, error) {
	if !actor.Can(account.ManageAccounts) {
		return listing.Capped{}, fault.ErrForbidden
	}
	reach, viewer := actor.Scope()
	n, err := d.q.CountActiveOfAssignee(ctx, db.CountActiveOfAssigneeParams{UserID: user, Reach: reach, Viewer: viewer, Max: assignedCap + 1})
	if err != nil {
		return listing.Capped{}, fmt.Errorf("count tickets of assignee: %w", err)
	}
	return listing.Cap(int(n), assignedCap), nil
}
