package db

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// HoldRestoredMail cancels the mails that were queued when a backup was made. The schema may be one
// without mail.
func HoldRestoredMail(ctx context.Context, pool *pgxpool.Pool) error {
	q := New(pool)
	has, err := q.HasMail(ctx)
	if err == nil && has {
		err = q.HoldRestoredMail(ctx)
	}
	if err != nil {
		return fmt.Errorf("cancel queued mails: %w", err)
	}
	return nil
}
