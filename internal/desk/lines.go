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

// lineQueue is plain lines on their way into their tickets' logs. What is said
// while others are being written waits for them and shares the next transaction:
// the commit, and the way to the database and back, cost more than the rows.
type lineQueue struct {
	mu      sync.Mutex
	waiting []*queuedLine
	writing bool // a goroutine writes what waits
}

type queuedLine struct {
	row  db.WriteLineParams
	done chan struct{} // closed once place and err are set
	// place is 0 where nothing was written.
	place int64
	err   error
}

const (
	linesAtOnce = 64               // lines in one transaction
	linesTime   = 10 * time.Second // for one
)

// errAlone says that a line shares no transaction: one of those it was with cannot be written.
var errAlone = errors.New("to be written alone")

// writePlain writes a line that is nothing but talk, see WriteLine. Where it is
// more than that, or may not be, it is no rows.
func (s *Comments) writePlain(ctx context.Context, row db.WriteLineParams) (int64, error) {
	l := &queuedLine{row: row, done: make(chan struct{})}
	c := &s.lines
	c.mu.Lock()
	c.waiting = append(c.waiting, l)
	if !c.writing {
		c.writing = true
		go s.writeQueued()
	}
	c.mu.Unlock()
	select {
	case <-l.done:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	switch {
	case errors.Is(l.err, errAlone):
		return s.q.WriteLine(ctx, row) // which reads the right of the author itself
	case l.err == nil && l.place == 0:
		return 0, pgx.ErrNoRows
	}
	return l.place, l.err
}

// writeQueued writes what waits until nothing does.
func (s *Comments) writeQueued() {
	for {
		lines := s.lines.next()
		if len(lines) == 0 {
			return
		}
		s.writeTogether(lines)
	}
}

func (c *lineQueue) next() []*queuedLine {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(c.waiting), linesAtOnce)
	lines := slices.Clone(c.waiting[:n])
	c.waiting = slices.Delete(c.waiting, 0, n)
	c.writing = n > 0
	return lines
}

// writeTogether writes lines in one transaction, by ticket, so that two that do
// so at once cannot wait for each other.
func (s *Comments) writeTogether(lines []*queuedLine) {
	slices.SortStableFunc(lines, func(a, b *queuedLine) int { return cmp.Compare(a.row.TicketID, b.row.TicketID) })
	rows := make([]db.WriteLineParams, len(lines))
	for i, l := range lines {
		rows[i] = l.row
	}
	// Those who wait may leave, and the others' lines are written all the same.
	ctx, cancel := context.WithTimeout(context.Background(), linesTime)
	defer cancel()
	places, err := db.WriteLines(ctx, s.pool, rows)
	var refused *pgconn.PgError
	if len(lines) > 1 && errors.As(err, &refused) {
		err = errAlone
	}
	for i, l := range lines {
		if l.err = err; err == nil {
			l.place = places[i]
		}
		close(l.done)
	}
}
