package desk

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// entryBatch is the maximum number of entries in a batch, and entryBatchBytes the maximum size
// of their texts in bytes: the entry that reaches it is the last of its batch.
const (
	entryBatch      = 100
	entryBatchBytes = 256 << 10
)

// AuthoredEntry is a comment or chat message with the author's public fields.
type AuthoredEntry = db.EntriesOfKindRow

// EachEntry calls yield for each comment ([KindComment]) or chat message ([KindMessage])
// of a ticket with a seq above after, ordered by seq, up to limit entries (0 for all).
// It calls batch after each batch except the last, and returns the first error of either
// function. A ticket that the actor may not read is [fault.ErrNotFound].
func (s *Comments) EachEntry(ctx context.Context, actor account.Actor, ticketID int64, kind EventKind, after int64, limit int, yield func(AuthoredEntry) error, batch func() error) error {
	if _, err := s.ticket(ctx, s.q, actor, ticketID); err != nil {
		return err
	}
	for left := limit; ; {
		most := entryBatch
		if limit > 0 {
			most = min(left, entryBatch)
		}
		rows, err := s.q.EntriesOfKind(ctx, db.EntriesOfKindParams{TicketID: ticketID, After: after, Kind: kind, Max: int32(most), MaxBytes: entryBatchBytes})
		if err != nil {
			return fmt.Errorf("list entries: %w", err)
		}
		bytes := 0
		for _, r := range rows {
			if err := yield(r); err != nil {
				return err
			}
			after, bytes = r.Seq, bytes+len(r.Body)
		}
		if left -= len(rows); len(rows) < most && bytes < entryBatchBytes || limit > 0 && left == 0 {
			return nil
		}
		if err := batch(); err != nil {
			return err
		}
	}
}
