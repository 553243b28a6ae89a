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
	writers int            // goroutines that write waiting comments
	writing map[int64]bool // tickets whose comments are being written
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
	maxWriters     = 2                // transactions at the same time
	secondWriterAt = 8                // comments that wait when the second transaction begins; smaller ones cost more commits
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
	if s.queue.add(c) {
		go s.writeQueued()
	}
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

// writeQueued writes waiting comments until none is left, or too few for a second writer.
func (s *Comments) writeQueued() {
	for comments := s.queue.next(nil); len(comments) > 0; comments = s.queue.next(comments) {
		s.writeTogether(comments)
	}
}

// add appends a comment and reports whether the caller must start a writer.
func (q *commentQueue) add(c *queuedComment) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, c)
	if q.writers > 0 && (q.writers == maxWriters || len(q.waiting) < secondWriterAt) {
		return false
	}
	q.writers++
	return true
}

// next removes and returns the comments of a writer's next transaction. The writer passes the
// comments of its last transaction, and must end if there are none for it: the other writer writes
// the rest. Only one transaction at a time has comments of a ticket, so that they stay in order and
// none finds its ticket locked.
func (q *commentQueue) next(written []*queuedComment) []*queuedComment {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, c := range written {
		delete(q.writing, c.row.TicketID)
	}
	var comments, rest []*queuedComment
	if q.writers == 1 || len(q.waiting) >= secondWriterAt {
		for _, c := range q.waiting {
			if len(comments) == commentsAtOnce || q.writing[c.row.TicketID] {
				rest = append(rest, c)
			} else {
				comments = append(comments, c)
			}
		}
		q.waiting = rest
	}
	for _, c := range comments {
		q.writing[c.row.TicketID] = true
	}
	if len(comments) == 0 {
		q.writers--
	}
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
