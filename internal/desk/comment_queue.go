package desk

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"frontdesk/db"
)

// commentQueue collects comments and chat messages that need one statement only. Those that
// arrive while others are being written share the next transaction, because the commit and
// the round trip to the database cost more than the rows.
type commentQueue struct {
	mu      sync.Mutex
	waiting []*queuedComment
	writing bool // a goroutine writes the waiting comments
}

type queuedComment struct {
	ctx  context.Context // of the request
	row  db.WriteCommentParams
	done chan struct{} // closed after seq and err are set
	seq  int64         // 0 if nothing was written
	err  error
}

const (
	commentsAtOnce = 64               // maximum number of comments in one transaction
	writeTimeout   = 10 * time.Second // timeout of one transaction
)

// errAlone is the error of a comment whose transaction failed because of one of its
// comments. Each of them is then written alone.
var errAlone = errors.New("to be written alone")

// writePlain writes a comment with the query WriteComment and its argument plain. It returns
// [pgx.ErrNoRows] if more is needed than one statement, if the actor may not see the ticket,
// or if their right may have ended.
func (s *Comments) writePlain(ctx context.Context, row db.WriteCommentParams) (int64, error) {
	row.Plain = true
	c := &queuedComment{ctx: ctx, row: row, done: make(chan struct{})}
	queue := &s.queue
	queue.mu.Lock()
	queue.waiting = append(queue.waiting, c)
	if !queue.writing {
		queue.writing = true
		go s.writeQueued()
	}
	queue.mu.Unlock()
	select {
	case <-c.done:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	switch {
	case errors.Is(c.err, errAlone):
		return s.q.WriteComment(ctx, row) // outside a transaction, so it checks the right of the author itself
	case c.err == nil && c.seq == 0:
		return 0, pgx.ErrNoRows
	}
	return c.seq, c.err
}

// writeQueued writes waiting comments until none is left.
func (s *Comments) writeQueued() {
	for {
		comments := s.queue.next()
		if len(comments) == 0 {
			return
		}
		s.writeTogether(comments)
	}
}

// next removes and returns the comments of the next transaction.
func (q *commentQueue) next() []*queuedComment {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), commentsAtOnce)
	comments := slices.Clone(q.waiting[:n])
	q.waiting = slices.Delete(q.waiting, 0, n)
	q.writing = n > 0
	return comments
}

// writeTogether writes comments in one transaction, ordered by ticket, so that two such
// transactions cannot deadlock.
func (s *Comments) writeTogether(comments []*queuedComment) {
	slices.SortStableFunc(comments, func(a, b *queuedComment) int { return cmp.Compare(a.row.TicketID, b.row.TicketID) })
	rows := make([]db.WriteCommentParams, len(comments))
	for i, c := range comments {
		rows[i] = c.row
	}
	// The comments are written even if some callers no longer wait. A statement for several
	// requests belongs to none of them.
	ctx := context.Background()
	if len(comments) == 1 {
		ctx = context.WithoutCancel(comments[0].ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, writeTimeout)
	defer cancel()
	seqs, err := db.WriteComments(ctx, s.pool, rows)
	var refused *pgconn.PgError
	if len(comments) > 1 && errors.As(err, &refused) {
		err = errAlone
	}
	for i, c := range comments {
		if c.err = err; err == nil {
			c.seq = seqs[i]
		}
		close(c.done)
	}
}
