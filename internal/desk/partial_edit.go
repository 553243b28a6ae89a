package desk

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// PartialEdit changes some fields of a ticket, and leaves the others as they are.
type PartialEdit struct {
	Fields       func(*TicketInput) // sets the fields to change in a form with the current values
	Version      int                // the version that the client changes; with 0 the last change wins
	SubmissionID string             // of a staged file, which replaces the ticket's file
	RemoveFile   bool
}

// Update edits a ticket. Its errors are those of [Tickets.Edit]. The fields are set while
// the ticket is locked, so that without a version no change by another user is lost.
func (s *Tickets) Update(ctx context.Context, actor account.Actor, id int64, in PartialEdit) (Ticket, error) {
	return s.edit(ctx, actor, id, func(q *db.Queries, t Ticket) (EditInput, error) {
		form := EditInput{Version: int(t.Version), TicketInput: TicketInput{Subject: t.Subject, Description: t.Description,
			Category: t.Category, Priority: string(t.Priority)}}
		if in.Fields != nil {
			in.Fields(&form.TicketInput)
		}
		if in.Version != 0 {
			form.Version = in.Version
		}
		form.SubmissionID = in.SubmissionID
		var err error
		form.Remove, err = s.replaced(ctx, q, actor, id, in)
		return form, err
	})
}

// replaced returns the name of the ticket's file if the edit removes or replaces it.
func (s *Tickets) replaced(ctx context.Context, q *db.Queries, actor account.Actor, id int64, in PartialEdit) ([]string, error) {
	staged, err := q.StagedFiles(ctx, db.StagedFilesParams{UserID: actor.ID, SubmissionID: in.SubmissionID})
	if err != nil {
		return nil, fmt.Errorf("list staged files: %w", err)
	}
	if len(staged) == 0 && !in.RemoveFile {
		return nil, nil
	}
	reach, viewer := actor.Scope()
	now, err := q.OneTicketForAPI(ctx, db.OneTicketForAPIParams{ID: id, Reach: reach, Viewer: viewer})
	if err != nil {
		return nil, fmt.Errorf("read the ticket's file: %w", err)
	}
	if now.Attachment == "" {
		return nil, nil
	}
	return []string{now.Attachment}, nil
}
