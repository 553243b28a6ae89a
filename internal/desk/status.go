package desk

import (
	"context"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// StatusInput sets the status only. If Version is 0, the version is not checked.
type StatusInput struct {
	Status  string `form:"status" json:"status" validate:"required,oneof=OPEN IN_PROGRESS RESOLVED CLOSED"`
	Version int    `form:"version" json:"version" rules:"min=1" doc:"The version that the change is meant for. Without it the last one to write wins."`
}

// SetStatus sets the status and returns the ticket. Actors who may triage the ticket
// ([ToTriage]) may set any status, and the requester may set an unresolved ticket to
// resolved ("This is solved"); otherwise SetStatus returns [fault.ErrForbidden]. If
// in.Version is not 0 and not the ticket's, it returns [*Stale]. If the ticket has the
// status already, nothing changes.
func (s *Tickets) SetStatus(ctx context.Context, actor account.Actor, ticketID int64, in StatusInput) (Ticket, error) {
	if err := input.Check(&in); err != nil {
		return Ticket{}, err
	}
	out, err := s.changeTicket(ctx, actor, ticketID, func(q *db.Queries, t Ticket) error {
		to, why := Status(in.Status), ""
		if !May(actor, ToTriage, t) {
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
		return s.changeStatus(ctx, q, actor, t, event.StatusChange{To: to, Why: why})
	})
	return out.Ticket, err
}

// TriageStatus is [Tickets.SetStatus] for actors who may triage the ticket ([ToTriage]): others
// get [fault.ErrForbidden], also for their own tickets. The first system's API allowed the
// change to admins only.
func (s *Tickets) TriageStatus(ctx context.Context, actor account.Actor, ticketID int64, in StatusInput) (Ticket, error) {
	if err := s.checkMay(ctx, actor, ToTriage, ticketID); err != nil {
		return Ticket{}, err
	}
	return s.SetStatus(ctx, actor, ticketID, in)
}

// checkMay returns [fault.ErrForbidden] if the actor may not perform act on the ticket, and
// [fault.ErrNotFound] if they may not read it, so that the answer does not reveal whether it
// exists.
func (s *Tickets) checkMay(ctx context.Context, actor account.Actor, act Act, ticketID int64) error {
	t, err := s.ticket(ctx, s.q, actor, ticketID)
	if err == nil && !May(actor, act, t) {
		err = fault.ErrForbidden
	}
	return err
}

// changeTicket runs f with the locked ticket in one transaction, and returns the ticket
// as it is afterwards. It counts one use under Limits.Talk ([*fault.Limited]).
func (s *core) changeTicket(ctx context.Context, actor account.Actor, ticketID int64, f func(*db.Queries, Ticket) error) (after Assigned, err error) {
	if err := s.allowComment(ctx, actor); err != nil {
		return Assigned{}, err
	}
	defer func() { s.refundComment(actor, err) }()
	err = s.act(ctx, actor, func(q *db.Queries) error {
		t, err := s.lock(ctx, q, actor, ticketID)
		if err != nil {
			return err
		}
		if err := f(q, t); err != nil {
			return err
		}
		after, err = s.assigned(ctx, q, actor, ticketID)
		return err
	})
	return after, err
}

// changeStatus sets the status in the caller's transaction, with its entry. See change.
func (s *core) changeStatus(ctx context.Context, q *db.Queries, actor account.Actor, t Ticket, to event.StatusChange) error {
	return s.change(ctx, q, actor, t, triage{to, t.Priority, Category{ID: t.CategoryID, Name: t.Category}})
}
