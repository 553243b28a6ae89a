package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// StatusInput sets the status alone. Version 0 asks for no check of it.
type StatusInput struct {
	Status  string `form:"status" json:"status" validate:"required,oneof=OPEN IN_PROGRESS RESOLVED CLOSED"`
	Version int    `form:"version" json:"version" rules:"min=1" doc:"The version that the change is meant for. Without it the last one to write wins."`
}

// TriageInput is staff's form on the ticket's page. What the page showed when the
// choice was made tells what of it was changed; "" is not known.
type TriageInput struct {
	Status   string `form:"status" json:"status" validate:"required,oneof=OPEN IN_PROGRESS RESOLVED CLOSED"`
	Priority string `form:"priority" json:"priority" validate:"required,oneof=Low Medium High Urgent"`
	Category string `form:"category" json:"category" validate:"required,max=60,line"` // its number or its name
	Version  int    `form:"version" json:"version"`

	WasStatus   string `form:"was_status" json:"-"`
	WasPriority string `form:"was_priority" json:"-"`
	WasCategory string `form:"was_category" json:"-"`
}

// Changed is what was changed; what was left as the page showed it is "".
func (in TriageInput) Changed() TriageInput {
	for field, was := range map[*string]string{&in.Status: in.WasStatus, &in.Priority: in.WasPriority, &in.Category: in.WasCategory} {
		if *field == was {
			*field = ""
		}
	}
	return in
}

// over is the choice for a ticket that has changed since: what was left as it was
// is as the ticket has it. It reports false where others changed the same, or where
// nobody knows what was changed.
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

// SetStatus sets the status: staff any of the four, the requester "resolved"
// on a ticket that is not done ("This is solved"); else [fault.ErrForbidden]. A
// status that is set already is no change and no error.
func (s *Tickets) SetStatus(ctx context.Context, actor account.Actor, ticketID int64, in StatusInput) (Ticket, error) {
	if err := input.Check(&in); err != nil {
		return Ticket{}, err
	}
	return s.changeTicket(ctx, actor, ticketID, func(q *db.Queries, t Ticket) error {
		to, why := Status(in.Status), ""
		if !actor.Can(account.TriageTickets) {
			if to != StatusResolved || !May(actor, ToSolve, t) && t.Status != StatusResolved {
				return fault.ErrForbidden
			}
			why = "solved"
		}
		switch {
		case to == t.Status:
			return nil
		case in.Version != 0 && in.Version != int(t.Version):
			return &Stale{Current: t}
		}
		return s.changeStatus(ctx, q, actor, t, to, why)
	})
}

// Triage sets status, priority and category together: one entry a changed
// thing, and none, with the version unmoved, where nothing changed. A version
// that is not the ticket's is [*Stale], unless others changed something else.
func (s *Tickets) Triage(ctx context.Context, actor account.Actor, ticketID int64, in TriageInput) (Ticket, error) {
	if !actor.Can(account.TriageTickets) {
		// Who may not even see the ticket learns nothing of it.
		if _, err := s.ticket(ctx, s.q, actor, ticketID); err != nil {
			return Ticket{}, err
		}
		return Ticket{}, fault.ErrForbidden
	}
	if err := input.Check(&in); err != nil {
		return Ticket{}, err
	}
	return s.changeTicket(ctx, actor, ticketID, func(q *db.Queries, t Ticket) error {
		in := in // a transaction may be tried again
		if in.Version != int(t.Version) {
			var ok bool
			if in, ok = in.over(t); !ok {
				return &Stale{Current: t}
			}
		}
		category, err := s.category(ctx, q, in.Category, t.CategoryID)
		if err != nil {
			return err
		}
		return s.change(ctx, q, actor, t, triage{Status(in.Status), Priority(in.Priority), category, ""})
	})
}

// changeTicket runs f on the locked ticket and gives the ticket as it is after.
func (s *core) changeTicket(ctx context.Context, actor account.Actor, ticketID int64, f func(*db.Queries, Ticket) error) (after Ticket, err error) {
	if err := s.allowTalk(ctx, actor); err != nil {
		return Ticket{}, err
	}
	defer func() { s.refundTalk(actor, err) }()
	err = s.act(ctx, actor, func(q *db.Queries) error {
		t, err := s.lock(ctx, q, actor, ticketID)
		if err != nil {
			return err
		}
		if err := f(q, t); err != nil {
			return err
		}
		after, err = s.ticket(ctx, q, actor, ticketID)
		return err
	})
	return after, err
}

// changeStatus is a step: the row, its version and what it waits for, and the entry.
func (s *core) changeStatus(ctx context.Context, q *db.Queries, actor account.Actor, t Ticket, to Status, why string) error {
	return s.change(ctx, q, actor, t, triage{to, t.Priority, Category{ID: t.CategoryID, Name: t.Category}, why})
}

// triage is what a ticket is to become.
type triage struct {
	status   Status
	priority Priority
	category Category
	why      string // of the status; see StatusChange
}

func (s *core) change(ctx context.Context, q *db.Queries, actor account.Actor, t Ticket, to triage) error {
	var entries []entry
	if to.status != t.Status {
		entries = append(entries, entry{kind: KindStatus, data: StatusChange{t.Status, to.status, to.why}})
	}
	if to.priority != t.Priority {
		entries = append(entries, entry{kind: KindField, data: FieldChange{"priority", string(t.Priority), string(to.priority)}})
	}
	if to.category.ID != t.CategoryID {
		entries = append(entries, entry{kind: KindField, data: FieldChange{"category", t.Category, to.category.Name}})
	}
	if len(entries) == 0 {
		return nil
	}
	_, err := q.TriageTicket(ctx, db.TriageTicketParams{
		TicketID: t.ID, Status: to.status, Priority: to.priority, CategoryID: to.category.ID, Now: s.Now()})
	if err != nil {
		return fmt.Errorf("triage ticket: %w", err)
	}
	for _, e := range entries {
		if _, err := s.record(ctx, q, actor, t.ID, e); err != nil {
			return err
		}
	}
	return nil
}
