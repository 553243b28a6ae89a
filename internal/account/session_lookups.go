package account

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
)

// lookups collects the sessions that requests look for while others are being read. They share
// the next statement, because the round trip to the database costs more than a row. A
// statement has only sessions that were asked for before it, so that no request gets a session as
// it was earlier.
type lookups struct {
	mu      sync.Mutex
	waiting []*lookup
	reading int // statements that are running
}

// lookup is the session that one request looks for.
type lookup struct {
	hash string
	done chan struct{} // closed after row and err are set, if other requests read it
	row  db.FindSessionsRow
	err  error
}

const (
	lookupsAtOnce = 64 // sessions in one statement
	maxReading    = 2  // statements at the same time, so that a connection that hangs does not stop all
)

// errReadAlone is the error of a lookup whose statement failed. It is then read alone.
var errReadAlone = errors.New("to be read alone")

// find returns the session that is stored under a hash, or [pgx.ErrNoRows].
func (s *SessionStore) find(ctx context.Context, hash string) (db.FindSessionsRow, error) {
	l := &lookup{hash: hash, done: make(chan struct{})}
	if s.lookups.begin(l) {
		defer func() { // after a panic, too: the others would wait for ever
			if next := s.lookups.next(); len(next) > 0 {
				go s.readWaiting(next)
			}
		}()
		s.read(ctx, []*lookup{l})
		return l.row, l.err
	}
	select {
	case <-l.done:
	case <-ctx.Done():
		return db.FindSessionsRow{}, ctx.Err()
	}
	if errors.Is(l.err, errReadAlone) {
		s.read(ctx, []*lookup{l})
	}
	return l.row, l.err
}

// readWaiting reads the given lookups, and then others until none waits. A statement for several
// requests belongs to none of them.
func (s *SessionStore) readWaiting(next []*lookup) {
	for ; len(next) > 0; next = s.lookups.next() {
		ctx, cancel := context.WithTimeout(context.Background(), storeTimeout)
		s.read(ctx, next)
		cancel()
		for _, l := range next {
			if l.err != nil && !errors.Is(l.err, pgx.ErrNoRows) {
				l.err = errReadAlone
			}
			close(l.done)
		}
	}
}

// read sets the row or the error of each lookup.
func (s *SessionStore) read(ctx context.Context, all []*lookup) {
	hashes := make([]string, len(all))
	for i, l := range all {
		hashes[i], l.err = l.hash, pgx.ErrNoRows
	}
	now := s.accounts.Now()
	rows, err := s.accounts.q.FindSessions(ctx, db.FindSessionsParams{TokenHashes: strings.Join(hashes, " "), Now: now, IdleSince: now.Add(-SessionIdle), MaxUnread: MaxUnread + 2})
	if err != nil {
		for _, l := range all {
			l.err = err
		}
		return
	}
	for _, row := range rows {
		l := all[row.Position-1]
		l.row, l.err = row, nil
	}
}

// begin reports whether the caller must read the lookup itself, and [lookups.next] afterwards.
// Otherwise the lookup waits.
func (q *lookups) begin(l *lookup) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.reading < maxReading {
		q.reading++
		return true
	}
	q.waiting = append(q.waiting, l)
	return false
}

// next must be called after each statement. It removes and returns the lookups of the next
// statement, nil if none waits.
func (q *lookups) next() []*lookup {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(len(q.waiting), lookupsAtOnce)
	if n == 0 {
		q.waiting = nil
		q.reading--
		return nil
	}
	next := q.waiting[:n:n]
	q.waiting = q.waiting[n:]
	return next
}
