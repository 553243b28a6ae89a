package db

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Statement describes a statement that has ended, without its text and its arguments, which
// may have what users wrote.
type Statement struct {
	Name     string // of the query in queries or internal/ticketquery, or the first word of another statement
	Begun    time.Time
	Took     time.Duration // including the time in which its rows were read
	Rows     int64         // that were returned or changed
	Failed   bool
	SQLState string // the error code of PostgreSQL; "" if there is none
}

// Observer is called after each statement with the context of its caller. It must return at
// once, and must not use the database.
type Observer func(ctx context.Context, s Statement)

// Option is an option of [Open]: an [Observer], a [Committed] or [OnDemand].
type Option interface {
	apply(cfg *pgxpool.Config, calls *callTimeouts)
}

// OnDemand makes a pool keep no connection ready, for commands and tests. By default there are 2.
var OnDemand Option = onDemand{}

type onDemand struct{}

// apply implements [Option].
func (onDemand) apply(cfg *pgxpool.Config, _ *callTimeouts) { cfg.MinIdleConns = 0 }

// apply implements [Option].
func (o Observer) apply(_ *pgxpool.Config, calls *callTimeouts) {
	calls.observers = append(calls.observers, o)
}

// report reports a statement that has ended.
func (p *callTimeouts) report(ctx context.Context, tag pgconn.CommandTag, err error) {
	if call, ok := ctx.(*timedCall); ok {
		p.observe(call.parent, call.sql, call.begun, tag, err)
	}
}

// reportQueued reports a statement of a batch. Its time begins when its result is read,
// which is after the statements before it have ended.
func (p *callTimeouts) reportQueued(ctx context.Context, data pgx.TraceBatchQueryData) {
	if call, ok := ctx.(*timedCall); ok {
		p.observe(call.parent, data.SQL, data.ReadStartTime, data.CommandTag, data.Err)
	}
}

// observe calls the observers.
func (p *callTimeouts) observe(ctx context.Context, sql string, begun time.Time, tag pgconn.CommandTag, err error) {
	if len(p.observers) == 0 {
		return
	}
	s := Statement{Name: statementName(sql), Begun: begun, Took: time.Since(begun), Rows: tag.RowsAffected(), Failed: err != nil}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		s.SQLState = pg.Code
	}
	for _, o := range p.observers {
		o(ctx, s)
	}
}

// statementName returns the name of a query from its first line, as sqlc writes it, or the
// first word of another statement.
func statementName(sql string) string {
	sql, isNamed := strings.CutPrefix(sql, "-- name: ")
	sql = strings.TrimSpace(sql)
	word := sql
	if end := strings.IndexAny(sql, " \n\t(;"); end >= 0 {
		word = sql[:end]
	}
	if !isNamed {
		word = strings.ToLower(word)
	}
	return word
}
