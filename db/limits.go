package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// TakeRateLazily runs the query TakeRate in a transaction of its own that does not wait
// for the disk, in one round trip.
func TakeRateLazily(ctx context.Context, pool *pgxpool.Pool, arg TakeRateParams) (wait float64, err error) {
	batch := &pgx.Batch{}
	batch.Queue(countLazily)
	queue(ctx, batch, (*Queries).TakeRate, arg).QueryRow(func(row pgx.Row) error { return row.Scan(&wait) })
	return wait, pool.SendBatch(ctx, batch).Close()
}
