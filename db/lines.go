package db

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// WriteLines runs the query WriteLine for several comments or chat messages in one round
// trip and one transaction: if one of them fails, none is written. It returns their seqs,
// 0 for one that the query did not write.
func WriteLines(ctx context.Context, pool *pgxpool.Pool, lines []WriteLineParams) ([]int64, error) {
	places := make([]int64, len(lines))
	batch := &pgx.Batch{}
	for i, l := range lines {
		batch.Queue(writeLine, l.TicketID, l.Kind, l.AuthorID, l.Body, l.SubmissionID, l.SubmissionHash, l.Now, l.SeesAll, l.Plain, l.Seen,
			l.AuthorRole, l.RightVersion, l.RightSession, l.RightToken).
			QueryRow(func(row pgx.Row) error {
				if err := row.Scan(&places[i]); !errors.Is(err, pgx.ErrNoRows) {
					return err
				}
				return nil
			})
	}
	if err := pool.SendBatch(ctx, batch).Close(); err != nil {
		return nil, err
	}
	return places, nil
}
