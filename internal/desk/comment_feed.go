package desk

import (
	"context"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/listing"
)

// entryBatch is the maximum number of entries in a batch, and entryBatchBytes the maximum size
// of their texts in bytes: the entry that reaches it is the last of its batch.
const (
	entryBatch      = 100
	entryBatchBytes = 256 << 10
)

// AuthoredEntry is a comment, note or chat message with the author's public fields.
type AuthoredEntry struct {
	Seq         int64
	Body        string
	AuthorID    int64
	Author      string
	AuthorEmail string
	AuthorRole  account.Role
	CreatedAt   time.Time
	Files       []File
}

// Authored returns the entry with the public fields of its author, but without the e-mail address.
func (e Event) Authored() AuthoredEntry {
	return AuthoredEntry{Seq: e.Seq, Body: e.Body, AuthorID: e.AuthorID, Author: e.Author, AuthorRole: e.AuthorRole, CreatedAt: e.CreatedAt, Files: e.Files}
}

// EachEntry calls to with the comments ([event.KindComment]), chat messages ([event.KindMessage]) or
// notes ([event.KindNote]) of a ticket, the oldest first: those of a part of the list, by their
// seq. It returns the first error of to. A ticket that the actor may not read is
// [fault.ErrNotFound], and notes that they may not see are [fault.ErrForbidden].
func (s *Comments) EachEntry(ctx context.Context, actor account.Actor, ticketID int64, kind event.Kind, part listing.Range, to listing.Visitor[AuthoredEntry]) error {
	t, err := s.ticket(ctx, s.q, actor, ticketID)
	if err != nil {
		return err
	}
	if kind == event.KindNote && !SeesInternal(actor, t) {
		return fault.ErrForbidden
	}
	after := part.After
	for left := part.Limit; ; {
		most := entryBatch
		if part.Limit > 0 {
			most = min(left, entryBatch)
		}
		rows, err := s.q.EntriesOfKind(ctx, db.EntriesOfKindParams{TicketID: ticketID, After: after, Kind: kind, Internal: SeesInternal(actor, t), Max: int32(most), MaxBytes: entryBatchBytes})
		if err != nil {
			return fmt.Errorf("list entries: %w", err)
		}
		files, err := s.filesOf(ctx, ticketID, kind, rows)
		if err != nil {
			return err
		}
		bytes := 0
		for _, r := range rows {
			e := AuthoredEntry{r.Seq, r.Body, r.AuthorID, r.Author, r.AuthorEmail, r.AuthorRole, r.CreatedAt, files[r.Seq]}
			if err := to.Entry(e); err != nil {
				return err
			}
			after, bytes = r.Seq, bytes+len(r.Body)
		}
		if left -= len(rows); len(rows) < most && bytes < entryBatchBytes || part.Limit > 0 && left == 0 {
			return nil
		}
		if err := to.EndBatch(); err != nil {
			return err
		}
	}
}

// filesOf returns the files of entries of one kind, by their seq.
func (s *Comments) filesOf(ctx context.Context, ticketID int64, kind event.Kind, rows []db.EntriesOfKindRow) (map[int64][]File, error) {
	if kind == event.KindMessage || len(rows) == 0 { // chat messages have no files
		return nil, nil
	}
	found, err := s.q.FilesOfEntries(ctx, db.FilesOfEntriesParams{TicketID: ticketID, First: rows[0].Seq, Last: rows[len(rows)-1].Seq})
	if err != nil {
		return nil, fmt.Errorf("list files of entries: %w", err)
	}
	return filesBySeq(found), nil
}
