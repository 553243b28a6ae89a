package desk

import (
	"context"
	"fmt"
	"time"

	"frontdesk/db"
)

// messagesFor is how long a message between replicas is stored.
const messagesFor = 15 * time.Minute

// StoredMessages returns a function that returns the messages to replicas that were stored since
// its last call. Every change of a right is stored, and, if the replicas use NATS, every message
// but those about logs.
func (s *Log) StoredMessages() func(context.Context) ([]string, error) {
	return db.NewStoredMessages(s.q).Next
}

// LastSeqs has the seqs of a ticket's last events. Public is 0 if there is no such event.
type LastSeqs struct{ All, Public int64 }

// LastSeqs returns the seqs of the last events of tickets, by id. It does not check permissions.
func (s *Log) LastSeqs(ctx context.Context, tickets []int64) (map[int64]LastSeqs, error) {
	rows, err := s.q.LastSeqs(ctx, tickets)
	if err != nil {
		return nil, fmt.Errorf("read the ends of logs: %w", err)
	}
	out := make(map[int64]LastSeqs, len(rows))
	for _, r := range rows {
		out[r.ID] = LastSeqs{r.LastSeq, r.PublicSeq}
	}
	return out, nil
}
