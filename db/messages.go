package db

import (
	"context"
	"fmt"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Committed is an option for a program that sends the messages between replicas itself: the
// triggers do not send them by NOTIFY in its transactions (migration 00052). It is called with the
// messages of a transaction after its commit, in their order. It must return at once, and must not
// use the database. Messages are lost if the program ends at that moment, or if it does not learn
// whether the transaction has committed.
type Committed func(messages []string)

const (
	// senderMark is the part of application_name by which the triggers recognise a program that
	// sends messages itself, see migration 00052. A pooler in transaction mode passes
	// application_name on from each client, but no other setting.
	senderMark = "(nats)"
	// nameBytes is the maximum length of the name in PostgreSQL.
	nameBytes = 63
	// messageCode is the SQLSTATE of a notice that is a message to the replicas.
	messageCode = "FD001"
)

// apply implements [Option].
func (committed Committed) apply(cfg *pgxpool.Config, calls *callTimeouts) {
	c := cfg.ConnConfig
	name := c.RuntimeParams["application_name"]
	c.RuntimeParams["application_name"] = name[:min(len(name), nameBytes-len(senderMark)-1)] + " " + senderMark
	c.OnNotice = keepMessage
	calls.committed = committed
}

// messages is the key in [pgconn.PgConn.CustomData] of the messages of the current transaction.
const messages = "frontdesk messages"

// keepMessage stores a notice that is a message until the transaction ends.
func keepMessage(conn *pgconn.PgConn, n *pgconn.Notice) {
	if n.Code == messageCode {
		waiting, _ := conn.CustomData()[messages].([]string)
		conn.CustomData()[messages] = append(waiting, n.Message)
	}
}

// endMessages passes the messages of a connection to committed if the statement that has ended was
// the last one of a transaction, and drops them if the transaction was rolled back. Messages before
// a rollback to a savepoint are not dropped.
func (p *callTimeouts) endMessages(conn *pgx.Conn, tag pgconn.CommandTag, err error) {
	if p.committed == nil {
		return
	}
	c := conn.PgConn()
	waiting, _ := c.CustomData()[messages].([]string)
	if len(waiting) == 0 || err == nil && c.TxStatus() != 'I' {
		return
	}
	if err != nil && c.TxStatus() != 'I' && !c.IsClosed() {
		return // the rollback follows
	}
	delete(c.CustomData(), messages)
	if err == nil && tag.String() != "ROLLBACK" {
		p.committed(waiting)
	}
}

// StoredMessages reads the messages to replicas that are stored in the database, each one once. It
// is safe for concurrent use.
type StoredMessages struct {
	q *Queries

	mu     sync.Mutex
	oldest int64          // transactions before it had ended when the messages were read last; 0 before that
	seen   map[int64]bool // ids of messages of later transactions that were read
}

// NewStoredMessages returns a reader that begins with the messages of transactions that have not
// ended at the first call of [StoredMessages.Next].
func NewStoredMessages(q *Queries) *StoredMessages {
	return &StoredMessages{q: q, seen: map[int64]bool{}}
}

// Next returns the messages of all transactions that have committed since the last call. The
// first call may return older ones.
func (s *StoredMessages) Next(ctx context.Context) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.oldest == 0 {
		oldest, err := s.q.OldestTransaction(ctx)
		if err != nil {
			return nil, fmt.Errorf("read the transactions in progress: %w", err)
		}
		s.oldest = oldest
	}
	rows, err := s.read(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the messages to replicas: %w", err)
	}
	var next []string
	seen := make(map[int64]bool, len(rows))
	for _, r := range rows {
		s.oldest = r.Oldest
		if r.ID == 0 {
			continue
		}
		if seen[r.ID] = true; !s.seen[r.ID] {
			next = append(next, r.Message)
		}
	}
	s.seen = seen
	return next, nil
}

// read returns the rows of the query StoredMessages. After a fail-over, the new server may use
// transaction ids again that the former one had used for transactions that were not committed: then
// it returns all stored messages.
func (s *StoredMessages) read(ctx context.Context) ([]StoredMessagesRow, error) {
	rows, err := s.q.StoredMessages(ctx, s.oldest)
	if err != nil || rows[0].Oldest >= s.oldest { // there is at least one row
		return rows, err
	}
	return s.q.StoredMessages(ctx, 0)
}
