package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
)

// queue adds a query to a batch, with its arguments in the order that sqlc has generated.
func queue[A, R any](ctx context.Context, batch *pgx.Batch, query func(*Queries, context.Context, A) (R, error), arg A) *pgx.QueuedQuery {
	var call recordedCall
	_, _ = query(New(&call), ctx, arg) // the error is errRecorded
	return batch.Queue(call.sql, call.args...)
}

// recordedCall is a DBTX that stores the statement and the arguments of a query instead of
// running it.
type recordedCall struct {
	DBTX
	sql  string
	args []any
}

// errRecorded is returned by a query of which the call was recorded.
var errRecorded = errors.New("the query was not run")

func (c *recordedCall) Query(_ context.Context, sql string, args ...any) (pgx.Rows, error) {
	c.sql, c.args = sql, args
	return nil, errRecorded
}

func (c *recordedCall) QueryRow(_ context.Context, sql string, args ...any) pgx.Row {
	c.sql, c.args = sql, args
	return noRow{}
}

// noRow is the row of a recorded call.
type noRow struct{}

func (noRow) Scan(...any) error { return errRecorded }
