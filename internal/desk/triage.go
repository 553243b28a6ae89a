package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/input"
)

// TriageInput is the form for staff on the ticket's page. The Was fields are the values
// that the page showed, from which the changed fields are computed; "" if unknown.
type TriageInput struct {
	Status   string `form:"status" json:"status" validate:"required,oneof=OPEN IN_PROGRESS RESOLVED CLOSED"`
	Priority string `form:"priority" json:"priority" validate:"required,oneof=Low Medium High Urgent"`
	Category string `form:"category" json:"category" validate:"required,max=60,line"` // its id or its name
	Version  int    `form:"version" json:"version"`

	WasStatus   string `form:"was_status" json:"-"`
	WasPriority string `form:"was_priority" json:"-"`
	WasCategory string `form:"was_category" json:"-"`
}

// Changed returns the input with "" for each field that the user left as the page showed
// it.
func (in TriageInput) Changed() TriageInput {
	for field, was := range map[*string]string{&in.Status: in.WasStatus, &in.Priority: in.WasPriority, &in.Category: in.WasCategory} {
		if *field == was {
			*field = ""
		}
	}
	return in
}

// over merges the input with a ticket that has changed since the page was loaded: fields
// that the user did not change get the ticket's current value. It returns false if both
// changed the same field to different values, or if the Was fields are missing.
func (in TriageInput) over(t Ticket) (TriageInput, bool) {
	ok := true
	lay := func(field *string, was string, now ...string) {
		switch {
		case was == "":
			ok = false
		case *field == was:
			*field = now[0]
		case !slices.Contains(now, was) && !slices.Contains(now, *field):
			ok = false
		}
	}
	lay(&in.Status, in.WasStatus, string(t.Status))
	lay(&in.Priority, in.WasPriority, string(t.Priority))
	lay(&in.Category, in.WasCategory, strconv.FormatInt(t.CategoryID, 10), t.Category)
	return in, ok
}

// Triage sets status, priority and category together and returns the ticket. It records
// one entry for each changed field. If nothing changes, it records none and keeps the
// version. If the ticket has another version, Triage merges the changes, and returns
// [*Stale] if they conflict. Actors who may not triage the ticket get [fault.ErrForbidden].
func (s *Tickets) Triage(ctx context.Context, actor account.Actor, ticketID int64, in TriageInput) (Ticket, error) {
	out, err := s.TriageAndAssign(ctx, actor, ticketID, in, AssignmentInput{})
	return out.Ticket, err
}

// TriageAndAssign is [Tickets.Triage] together with [Tickets.Assign], whose errors it returns as
// well: both are saved, or none. An empty assignment changes nothing.
func (s *Tickets) TriageAndAssign(ctx context.Context, actor account.Actor, ticketID int64, in TriageInput, to AssignmentInput) (Assigned, error) {
	if err := s.checkMay(ctx, actor, ToTriage, ticketID); err != nil {
		return Assigned{}, err
	}
	if err := input.Check(&in); err != nil {
		return Assigned{}, err
	}
	if err := input.Check(&to); err != nil {
		return Assigned{}, err
	}
	return s.changeTicket(ctx, actor, ticketID, func(q *db.Queries, t Ticket) error {
		in := in // the transaction may be retried
		if in.Version != int(t.Version) {
			var ok bool
			if in, ok = in.over(t); !ok {
				return &Stale{Current: t}
			}
		}
		if to != (AssignmentInput{}) {
			if err := s.assignLocked(ctx, q, actor, t, to); err != nil {
				return err
			}
		}
		category, err := s.category(ctx, q, in.Category, t.CategoryID)
		if err != nil {
			return err
		}
		return s.change(ctx, q, actor, t, triage{event.StatusChange{To: Status(in.Status)}, Priority(in.Priority), category})
	})
}

// triage has the new values of a ticket.
type triage struct {
	status   event.StatusChange // without From
	priority Priority
	category Category
}

// change updates the ticket's row and version, and records an entry for each field that
// changes, in the caller's transaction. It does nothing if no field changes.
func (s *core) change(ctx context.Context, q *db.Queries, actor account.Actor, t Ticket, to triage) error {
	var entries []entry
	if to.status.To != t.Status {
		to.status.From = t.Status
		entries = append(entries, entry{kind: event.KindStatus, data: to.status})
	}
	if to.priority != t.Priority {
		entries = append(entries, entry{kind: event.KindField, data: event.FieldChange{Field: "priority", From: string(t.Priority), To: string(to.priority)}})
	}
	if to.category.ID != t.CategoryID {
		entries = append(entries, entry{kind: event.KindField, data: event.FieldChange{Field: "category", From: t.Category, To: to.category.Name}})
	}
	if len(entries) == 0 {
		return nil
	}
	_, err := q.TriageTicket(ctx, db.TriageTicketParams{
		TicketID: t.ID, Status: to.status.To, Priority: to.priority, CategoryID: to.category.ID, Now: s.Now()})
	if err != nil {
		return fmt.Errorf("triage ticket: %w", err)
	}
	for _, e := range entries {
		if _, err := s.record(ctx, q, actor, t.ID, e); err != nil {
			return err
		}
	}
	if !t.Status.IsActive() && to.status.To.IsActive() {
		return s.releaseAbsent(ctx, q, t.ID)
	}
	return nil
}
