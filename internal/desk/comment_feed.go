package desk

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// saidBatch is how many entries are read at once, and saidBytes how many bytes of their
// texts: a batch ends with the entry that reaches them.
const (
	saidBatch = 100
	saidBytes = 256 << 10
)

// Said is a comment or a chat line with what programs get of its author.
type Said = db.EntriesOfKindRow

// EachSaid yields the comments ([KindComment]) or chat lines ([KindMessage]) of a
// ticket that follow a place, in their order, at most limit of them (0: all). It calls
// batch after each batch but the last.
func (s *Comments) EachSaid(ctx context.Context, actor account.Actor, ticketID int64, kind EventKind, after int64, limit int, yield func(Said) error, batch func() error) error {
	if _, err := s.ticket(ctx, s.q, actor, ticketID); err != nil {
		return err
	}
	for left := limit; ; {
		most := saidBatch
		if limit > 0 {
			most = min(left, saidBatch)
		}
		rows, err := s.q.EntriesOfKind(ctx, db.EntriesOfKindParams{TicketID: ticketID, After: after, Kind: kind, Max: int32(most), MaxBytes: saidBytes})
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
		if left -= len(rows); len(rows) < most && bytes < saidBytes || limit > 0 && left == 0 {
			return nil
		}
		if err := batch(); err != nil {
			return err
		}
	}
}
