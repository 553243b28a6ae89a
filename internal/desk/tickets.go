package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/limit"
)

// TicketInput is the form for a new ticket. The ticket gets the files that are staged
// under its submission id.
type TicketInput struct {
	Subject      string `form:"subject" json:"subject" validate:"required,max=200,line"`
	Description  string `form:"description" json:"description" validate:"required,max=20000,text"`
	Category     string `form:"category" json:"category" validate:"required,max=60,line" doc:"One of the desk’s, by name."` // or its id
	Priority     string `form:"priority" json:"priority" validate:"required,oneof=Low Medium High Urgent"`
	SubmissionID string `form:"submission_id" json:"-" validate:"max=100,line"`
}

// EditInput is the form for editing a ticket.
type EditInput struct {
	TicketInput
	Version int      `form:"version" json:"version"` // the version that the form was loaded with
	Remove  []string `form:"remove_file" json:"-"`   // names of the files to remove
}

// Defaults returns the form of a new ticket with the values of the fields that a client of
// the API may leave out.
func (s *Tickets) Defaults(ctx context.Context) (TicketInput, error) {
	all, err := s.q.ListCategories(ctx)
	if err != nil {
		return TicketInput{}, fmt.Errorf("list categories: %w", err)
	}
	return TicketInput{Category: usualCategory(all).Name, Priority: string(DefaultPriority)}, nil
}

// Open opens a ticket with the actor as its requester. If the same form is sent again,
// also at the same time, Open returns the ticket that it created. A form with the same
// submission id and other content is [fault.ErrKeyReused]. Invalid input is
// [*fault.Invalid], and a ticket beyond Limits.Tickets is [*fault.Limited].
func (s *Tickets) Open(ctx context.Context, actor account.Actor, in TicketInput) (Ticket, error) {
	return s.OpenFor(ctx, actor, NewTicketInput{TicketInput: in})
}

// newTicket is a ticket to open, under the key of the form that was sent.
type newTicket struct {
	TicketInput
	requester int64
	waits     bool // whether the requester waits for an answer
	key       string
	hash      []byte // of the content, see [submissionHash]
}

// hash returns the hash of the form's content, see [submissionHash].
func (in TicketInput) hash(files []Attachment) []byte {
	return submissionHash([]string{in.Subject, in.Description, in.Category, in.Priority}, files)
}

// openOnce creates the ticket, or finds the one that the same form created, and returns
// its id. It runs in the caller's transaction.
func (s *Tickets) openOnce(ctx context.Context, q *db.Queries, actor account.Actor, in newTicket) (int64, error) {
	if id, err := s.sentTicket(ctx, q, in); !errors.Is(err, pgx.ErrNoRows) {
		return id, err
	}
	category, err := s.category(ctx, q, in.Category, 0)
	if err != nil {
		return 0, err
	}
	id, err := q.InsertTicket(ctx, db.InsertTicketParams{
		RequesterID: in.requester, Subject: in.Subject, Description: in.Description, CategoryID: category.ID,
		Priority: Priority(in.Priority), SubmissionID: in.key, SubmissionHash: in.hash, Waits: in.waits, Now: s.Now(),
	})
	if errors.Is(err, pgx.ErrNoRows) { // the same form was committed at the same time
		return s.sentTicket(ctx, q, in)
	}
	if err != nil {
		return 0, fmt.Errorf("write ticket: %w", err)
	}
	if err := s.limiter.Allow(ctx, q, limit.OfUser("ticket", actor.ID), s.opts.Limits.Tickets); err != nil {
		return 0, err
	}
	seq, err := s.record(ctx, q, actor, id, entry{kind: event.KindOpened})
	if err != nil {
		return 0, err
	}
	_, err = s.claim(ctx, q, actor, in.SubmissionID, id, seq)
	return id, err
}

// sentTicket returns the id of the ticket that the same form created. It returns
// [pgx.ErrNoRows] if there is none, and [fault.ErrKeyReused] if the form differs.
func (s *Tickets) sentTicket(ctx context.Context, q *db.Queries, in newTicket) (int64, error) {
	was, err := q.GetSentTicket(ctx, db.GetSentTicketParams{RequesterID: in.requester, SubmissionID: in.key})
	if err != nil {
		return 0, fmt.Errorf("look for the same form: %w", err)
	}
	if !bytes.Equal(was.SubmissionHash, in.hash) {
		return 0, fault.ErrKeyReused
	}
	return was.ID, nil
}

// Edit changes subject, description, category, priority and files, records one entry for
// each change, and returns the ticket. If the ticket has another version than the form,
// Edit returns [*Stale], unless the form would change nothing, as when it is sent twice.
// It returns [fault.ErrForbidden] if the actor may not edit the ticket, and
// [*fault.Invalid] for invalid input.
func (s *Tickets) Edit(ctx context.Context, actor account.Actor, id int64, in EditInput) (Ticket, error) {
	return s.edit(ctx, actor, id, func(*db.Queries, Ticket) (EditInput, error) { return in, nil })
}

// edit is [Tickets.Edit] with the form that fill returns for the locked ticket.
func (s *Tickets) edit(ctx context.Context, actor account.Actor, id int64, fill func(*db.Queries, Ticket) (EditInput, error)) (Ticket, error) {
	out, err := s.changeTicket(ctx, actor, id, func(q *db.Queries, t Ticket) error {
		if !May(actor, ToEdit, t) {
			return fault.ErrForbidden
		}
		in, err := fill(q, t)
		if err != nil {
			return err
		}
		if err := in.withoutUnchanged(input.Check(&in), t); err != nil {
			return err
		}
		category, err := s.category(ctx, q, in.Category, t.CategoryID)
		if err != nil {
			return err
		}
		remove, err := s.removable(ctx, q, actor, id, in.Remove)
		if err != nil {
			return err
		}
		staged, err := q.StagedFiles(ctx, db.StagedFilesParams{UserID: actor.ID, SubmissionID: in.SubmissionID})
		if err != nil {
			return fmt.Errorf("list staged files: %w", err)
		}
		e := edit{in, category, remove, len(staged) > 0}
		switch {
		case e.isNothing(t):
			return nil
		case in.Version != int(t.Version):
			return &Stale{Current: t}
		}
		return s.apply(ctx, q, actor, t, e)
	})
	return out.Ticket, err
}

// withoutUnchanged removes the faults of unchanged texts from the error of [input.Check]. Such
// texts may have been stored under older rules.
func (in EditInput) withoutUnchanged(err error, t Ticket) error {
	var inv *fault.Invalid
	if !errors.As(err, &inv) {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(inv.Fields), func(f fault.FieldError) bool {
		return f.Field == "subject" && in.Subject == t.Subject || f.Field == "description" && in.Description == t.Description
	})
	return fault.Merge(&fault.Invalid{Fields: left})
}

// edit has the changes that a form requests.
type edit struct {
	EditInput
	category Category
	remove   []string // names of the files to remove
	add      bool     // the form has staged files
}

// isNothing reports whether the edit would not change the ticket.
func (e edit) isNothing(t Ticket) bool { return len(e.fields(t)) == 0 && len(e.remove) == 0 && !e.add }

// fields returns the changes of fields, in the order of the form.
func (e edit) fields(t Ticket) (changes []event.FieldChange) {
	for _, c := range []event.FieldChange{
		{Field: "subject", From: t.Subject, To: e.Subject},
		{Field: "description", From: t.Description, To: e.Description},
		{Field: "category", From: t.Category, To: e.category.Name},
		{Field: "priority", From: string(t.Priority), To: e.Priority},
	} {
		if c.From != c.To {
			changes = append(changes, c)
		}
	}
	return changes
}

// removable returns those of the named files that are on the ticket and that the actor
// may remove.
func (s *Tickets) removable(ctx context.Context, q *db.Queries, actor account.Actor, id int64, names []string) ([]string, error) {
	if len(names) == 0 {
		return nil, nil
	}
	files, err := q.PresentFiles(ctx, db.PresentFilesParams{TicketID: id, IsStaff: isStaff(actor), Viewer: actor.ID})
	if err != nil {
		return nil, fmt.Errorf("list files: %w", err)
	}
	wanted := map[string]bool{}
	for _, name := range names {
		wanted[name] = true
	}
	var out []string
	for _, f := range files {
		if wanted[f.Name] {
			out = append(out, f.Name)
		}
	}
	return out, nil
}

// apply records the entries of an edit, removes and adds its files, and updates the
// ticket's row and version, in the caller's transaction.
func (s *Tickets) apply(ctx context.Context, q *db.Queries, actor account.Actor, t Ticket, e edit) error {
	for _, change := range e.fields(t) {
		if _, err := s.record(ctx, q, actor, t.ID, entry{kind: event.KindField, data: change}); err != nil {
			return err
		}
	}
	for _, name := range e.remove {
		if err := s.removeFile(ctx, q, actor, t.ID, name); err != nil {
			return err
		}
	}
	if e.add {
		seq, err := s.record(ctx, q, actor, t.ID, entry{kind: event.KindAttachment})
		if err != nil {
			return err
		}
		if _, err := s.claim(ctx, q, actor, e.SubmissionID, t.ID, seq); err != nil {
			return err
		}
	}
	t.Subject, t.Description, t.CategoryID, t.Priority = e.Subject, e.Description, e.category.ID, Priority(e.Priority)
	return s.saveFields(ctx, q, t)
}

// saveFields stores the fields of t and increments the ticket's version, in the caller's
// transaction.
func (s *core) saveFields(ctx context.Context, q *db.Queries, t Ticket) error {
	err := q.EditTicket(ctx, db.EditTicketParams{ID: t.ID, Subject: t.Subject, Description: t.Description,
		CategoryID: t.CategoryID, Priority: t.Priority, Now: s.Now()})
	if err != nil {
		return fmt.Errorf("save ticket: %w", err)
	}
	return nil
}
