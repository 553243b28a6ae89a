package db

import (
	"context"
	"time"
)

// RunPending is runPending, which reports whether all jobs are finished.
var RunPending = runPending

// Exec runs a statement, for the jobs of tests.
func (q *Queries) Exec(ctx context.Context, sql string, args ...any) error {
	_, err := q.db.Exec(ctx, sql, args...)
	return err
}

// SetNow replaces the clock.
func (l *SlowLog) SetNow(now func() time.Time) { l.now = now }

// ReadFrom makes the reader continue after a transaction id, as after a fail-over to a server
// that has not used it yet.
func (s *StoredMessages) ReadFrom(oldest int64) { s.oldest = oldest }
