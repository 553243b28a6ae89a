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
		queue(ctx, batch, (*Queries).WriteComment, c).QueryRow(func(row pgx.Row) error {
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
