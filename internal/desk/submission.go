package desk

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/ticketquery"
)

// A form that creates a ticket or an entry has a submission id. If it is sent twice, it
// is executed once. A hash of its content shows whether the second one is the same.

// Last returns the id of the actor's newest ticket, or 0 if there is none.
func (s *Tickets) Last(ctx context.Context, actor account.Actor) (int64, error) {
	id, err := s.q.LastTicketOf(ctx, actor.ID)
	if err != nil {
		return 0, fmt.Errorf("find last ticket: %w", err)
	}
	return id, nil
}

// submissionHash returns the SHA-256 hash of a form's fields and files. Each part is
// preceded by its length, so that different forms never have the same hash input.
func submissionHash(fields []string, files []Attachment) []byte {
	h := sha256.New()
	part := func(b []byte) {
		_ = binary.Write(h, binary.BigEndian, int64(len(b))) // a hash never fails
		h.Write(b)
	}
	for _, f := range fields {
		part([]byte(f))
	}
	for _, f := range files {
		part([]byte(f.Filename))
		part(f.Sha256)
	}
	return h.Sum(nil)
}

// submitted returns the files of the actor's form, staged or attached, in the caller's
// transaction.
func (s *core) submitted(ctx context.Context, q *db.Queries, actor account.Actor, submissionID string) ([]Attachment, error) {
	if submissionID == "" {
		return nil, nil
	}
	files, err := q.SubmissionFiles(ctx, db.SubmissionFilesParams{UserID: actor.ID, SubmissionID: submissionID})
	if err != nil {
		return nil, fmt.Errorf("list files of the form: %w", err)
	}
	return files, nil
}

// claim attaches the files staged for the actor's form to the entry seq, updates the
// ticket's file count and returns the files, in the caller's transaction. It returns
// [fault.ErrKeyReused] if the form was sent to another ticket, which has its files.
func (s *core) claim(ctx context.Context, q *db.Queries, actor account.Actor, submissionID string, ticketID, seq int64) ([]Attachment, error) {
	if submissionID == "" {
		return nil, nil
	}
	rows, err := q.ClaimFiles(ctx, db.ClaimFilesParams{UserID: actor.ID, SubmissionID: submissionID, TicketID: ticketID, Seq: seq})
	if err != nil {
		return nil, fmt.Errorf("claim files: %w", err)
	}
	files := make([]Attachment, len(rows))
	for i, row := range rows {
		files[i] = Attachment(row)
	}
	return files, checkTicket(ticketID, files)
}

// checkTicket returns [fault.ErrKeyReused] if a file of a form belongs to another ticket. A form
// stores a file once, so the entry would lack it.
func checkTicket(ticketID int64, files []Attachment) error {
	for _, f := range files {
		if f.TicketID != nil && *f.TicketID != ticketID {
			return fault.ErrKeyReused
		}
	}
	return nil
}

// category returns the category that a form names by id or by name. It returns
// [*fault.Invalid] if there is none, or if it is retired, unless its id is kept: a ticket
// may keep its retired category.
func (s *core) category(ctx context.Context, q *db.Queries, named string, kept int64) (Category, error) {
	all, err := q.ListCategories(ctx)
	if err != nil {
		return Category{}, fmt.Errorf("list categories: %w", err)
	}
	c, ok := ticketquery.FindCategory(all, named)
	if !ok || c.RetiredAt != nil && c.ID != kept {
		return Category{}, fault.NewInvalid("category", "Choose a category that is in use.")
	}
	return c, nil
}
