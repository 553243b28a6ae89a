package db

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/fault"
)

// maxTries is how often [Tx] runs a transaction that fails for a transient reason.
const maxTries = 3

// readCommitted has the options of every transaction. At a higher isolation level a
// statement would not see what was committed while an earlier one waited for a lock, and
// a right that had ended meanwhile would still be read as valid.
var readCommitted = pgx.TxOptions{IsoLevel: pgx.ReadCommitted}

// beginner is a pool or a connection.
type beginner interface {
	BeginTx(ctx context.Context, opts pgx.TxOptions) (pgx.Tx, error)
}

// InTx runs f once in a transaction and commits it, or rolls it back if f returns an
// error.
func InTx(ctx context.Context, on beginner, f func(tx pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, on, readCommitted, f)
}

// Tx runs f in one transaction and commits it. After a deadlock or a failed
// serialisation it runs f again, up to three times in all: f must be safe to repeat.
func Tx(ctx context.Context, pool *pgxpool.Pool, f func(q *Queries) error) error {
	for try := 1; ; try++ {
		err := InTx(ctx, pool, func(tx pgx.Tx) error { return f(New(tx)) })
		if err == nil || try == maxTries || !isTransient(err) {
			return err
		}
	}
}

// isTransient reports whether err is a deadlock or a failed serialisation.
func isTransient(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40001" || pg.Code == "40P01")
}

// Violates reports whether err is a violation of the named constraint.
func Violates(err error, constraint string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.ConstraintName == constraint
}

// IsCanceled reports whether the server ended a statement, because it took longer than
// statement_timeout or was canceled.
func IsCanceled(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "57014"
}

// Found returns nil for nil, [fault.ErrNotFound] for [pgx.ErrNoRows], and any other err
// wrapped with what, the name of the operation.
func Found(err error, what string) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, pgx.ErrNoRows):
		return fault.ErrNotFound
	}
	return fmt.Errorf("%s: %w", what, err)
}

// Transaction returns the transaction in which q runs its queries, or nil if it runs them on a pool.
func (q *Queries) Transaction() pgx.Tx {
	tx, _ := q.db.(pgx.Tx)
	return tx
}
