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

// crossing is plain lines on their way into their tickets' logs. What is said
// while others are being written waits for them and shares the next transaction:
// the commit, and the way to the database and back, cost more than the rows.
type crossing struct {
	mu      sync.Mutex
	waiting []*crossingLine
	sailing bool // a goroutine writes what waits
}

type crossingLine struct {
	row  db.WriteLineParams
	done chan struct{} // closed once place and err are set
	// place is 0 where nothing was written.
	place int64
	err   error
}

const (
	crossMost = 64               // lines in one transaction
	crossTime = 10 * time.Second // for one
)

// errAlone says that a line shares no transaction: one of those it was with cannot be written.
var errAlone = errors.New("to be written alone")

// writePlain writes a line that is nothing but talk, see WriteLine. Where it is
// more than that, or may not be, it is no rows.
func (d *Desk) writePlain(ctx context.Context, row db.WriteLineParams) (int64, error) {
	l := &crossingLine{row: row, done: make(chan struct{})}
	c := &d.crossing
	c.mu.Lock()
	c.waiting = append(c.waiting, l)
	if !c.sailing {
		c.sailing = true
		go d.cross()
	}
	c.mu.Unlock()
	select {
	case <-l.done:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	switch {
	case errors.Is(l.err, errAlone):
		return d.q.WriteLine(ctx, row)
	case l.err == nil && l.place == 0:
		return 0, pgx.ErrNoRows
	}
	return l.place, l.err
}

// cross writes what waits until nothing does.
func (d *Desk) cross() {
	for {
		lines := d.crossing.next()
		if len(lines) == 0 {
			return
		}
		d.writeTogether(lines)
	}
}

func (c *crossing) next() []*crossingLine {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := min(len(c.waiting), crossMost)
	lines := slices.Clone(c.waiting[:n])
	c.waiting = slices.Delete(c.waiting, 0, n)
	c.sailing = n > 0
	return lines
}

// writeTogether writes lines in one transaction, by ticket, so that two that do
// so at once cannot wait for each other.
func (d *Desk) writeTogether(lines []*crossingLine) {
	slices.SortStableFunc(lines, func(a, b *crossingLine) int { return cmp.Compare(a.row.TicketID, b.row.TicketID) })
	rows := make([]db.WriteLineParams, len(lines))
	for i, l := range lines {
		rows[i] = l.row
	}
	// Those who wait may leave, and the others' lines are written all the same.
	ctx, cancel := context.WithTimeout(context.Background(), crossTime)
	defer cancel()
	places, err := db.WriteLines(ctx, d.pool, rows)
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
