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

// A form that makes something carries a key, its submission id: sent twice, it
// makes it once. What was sent is told apart by a hash.

// Last is the number of the actor's newest ticket, 0 where there is none.
func (s *Tickets) Last(ctx context.Context, actor account.Actor) (int64, error) {
	id, err := s.q.LastTicketOf(ctx, actor.ID)
	if err != nil {
		return 0, fmt.Errorf("find last ticket: %w", err)
	}
	return id, nil
}

// submissionHash is the hash of a form's fields and files. The lengths go into
// it, so that no two forms run together.
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

// submitted is a step: the files that came under the actor's key, staged or written.
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

// claim is a step: the files staged under the actor's key become those of the
// entry seq, and the ticket counts them.
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
	return files, nil
}

// category finds the category that a form names by number or by name. A
// retired one is none, unless it is the one kept: what the ticket has already.
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
