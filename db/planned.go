package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Planned wraps a connection so that each query is planned with the values it
// is called with. A prepared statement falls to one generic plan after five
// runs; predicates that a flag or an empty value switches off then use no
// index. Planned with its values, what does not apply folds away. It costs a
// planning each time, so it is for queries whose shape depends on their
// arguments, and for those alone.
func Planned(to DBTX) DBTX { return planned{to} }

type planned struct{ DBTX }

func (p planned) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	return p.DBTX.Query(ctx, sql, withMode(args)...)
}

func (p planned) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	return p.DBTX.QueryRow(ctx, sql, withMode(args)...)
}

func (p planned) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	return p.DBTX.Exec(ctx, sql, withMode(args)...)
}

func withMode(args []any) []any { return append([]any{pgx.QueryExecModeExec}, args...) }
