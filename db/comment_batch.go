package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// WriteComments runs the query WriteComment for several comments or chat messages in one
// round trip and one transaction: if one of them fails, none is written. It returns their
// seqs, 0 for one that the query did not write.
func WriteComments(ctx context.Context, pool *pgxpool.Pool, comments []WriteCommentParams) ([]int64, error) {
	seqs := make([]int64, len(comments))
	batch := &pgx.Batch{}
	for i, c := range comments {
		var call recordedCall
		if _, err := New(&call).WriteComment(ctx, c); err != nil {
			return nil, err
		}
		batch.Queue(call.sql, call.args...).
			QueryRow(func(row pgx.Row) error {
				if err := row.Scan(&seqs[i]); !errors.Is(err, pgx.ErrNoRows) {
					return err
				}
				return nil
			})
	}
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, err
	}
	return seqs, nil
}

// recordedCall is a DBTX that stores the statement and the arguments of a query with one row
// instead of running it.
type recordedCall struct {
	DBTX
	sql  string
	args []any
}

func (c *recordedCall) QueryRow(_ context.Context, sql string, args ...any) pgx.Row {
	c.sql, c.args = sql, args
	return noRow{}
}

// noRow is a row that sets nothing.
type noRow struct{}

func (noRow) Scan(...any) error { return nil }
