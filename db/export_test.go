package db

import "context"

// RunPending is runPending, which reports whether all jobs are finished.
var RunPending = runPending

// Exec runs a statement, for the jobs of tests.
func (q *Queries) Exec(ctx context.Context, sql string, args ...any) error {
	_, err := q.db.Exec(ctx, sql, args...)
	return err
}
