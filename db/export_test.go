package db

import "context"

// RunPending lets tests see whether jobs ran, were finished, or are run by another replica.
var RunPending = runPending

// Exec lets the jobs of tests run their own statements.
func (q *Queries) Exec(ctx context.Context, sql string, args ...any) error {
	_, err := q.db.Exec(ctx, sql, args...)
	return err
}
