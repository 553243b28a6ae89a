package db

import (
	"context"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Planned wraps a connection so that each query is planned with the values of its
// arguments. PostgreSQL may use one generic plan for a prepared statement after five
// runs, and predicates that a flag or an empty value switches off then use no index.
// Planning each time has a cost, so use it only for queries whose best plan depends on
// their arguments.
func Planned(to DBTX) DBTX { return planned{to} }

// planned is the result of [Planned].
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

// withMode puts the option of pgx that prepares no statement before the arguments.
func withMode(args []any) []any { return append([]any{pgx.QueryExecModeExec}, args...) }
