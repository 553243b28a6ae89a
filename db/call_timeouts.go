package db

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Time limits of this program. statement_timeout is enforced by the server, and has no
// effect if the server is stopped or its host is unreachable. So every wait for the
// server also has a limit here.
const (
	// statementTimeout is the limit of one statement, including reading its rows. It is longer
	// than statement_timeout, so that a working server ends a slow statement itself and
	// the connection can be used again.
	statementTimeout = 4500 * time.Millisecond
	// acquireTimeout is the limit of the wait for a connection of the pool.
	acquireTimeout = 3 * time.Second
	// connectTimeout is the limit of opening a connection, including name lookup and all
	// addresses of the host.
	connectTimeout = 10 * time.Second
	// silentTimeout replaces these limits for the time silentCooldown after a wait that ended
	// without an answer, so that the cleanup of a failed request does not wait as long again.
	silentTimeout  = 150 * time.Millisecond
	silentCooldown = time.Second
)

// callTimeouts is a pgx tracer that sets a deadline for every statement and for every wait for
// a connection. An earlier deadline of the context still applies. It reports each statement
// to the observers.
type callTimeouts struct {
	statement   time.Duration
	observers   []Observer
	committed   Committed // nil if the database sends the messages to replicas
	sessions    *sessions
	silentUntil atomic.Int64 // Unix nanoseconds
}

var (
	_ pgx.QueryTracer       = (*callTimeouts)(nil)
	_ pgx.BatchTracer       = (*callTimeouts)(nil)
	_ pgx.CopyFromTracer    = (*callTimeouts)(nil)
	_ pgx.ConnectTracer     = (*callTimeouts)(nil)
	_ pgxpool.AcquireTracer = (*callTimeouts)(nil)
)

// callTimeoutKey is the context key of [WithCallTimeout].
type callTimeoutKey struct{}

// WithCallTimeout returns a context in which the limit of a statement in this program, and of the
// wait for a connection, is d. It does not change statement_timeout, which the server
// enforces. Raise that as well if needed, for example with SET LOCAL.
func WithCallTimeout(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, callTimeoutKey{}, d)
}

// timedCall is a context whose deadline was set by callTimeouts.
type timedCall struct {
	context.Context
	parent context.Context
	cancel context.CancelFunc
	whole  bool // the limit was not shortened to silentTimeout
	sql    string
	begun  time.Time
}

// wait returns ctx with a deadline after most, or after the time set by [WithCallTimeout]. If the
// server was silent recently, the deadline is after silentTimeout.
func (p *callTimeouts) wait(ctx context.Context, most time.Duration) *timedCall {
	whole := true
	if d, ok := ctx.Value(callTimeoutKey{}).(time.Duration); ok {
		most = d
	} else if p.isSilent(time.Now()) {
		most, whole = min(most, silentTimeout), false
	}
	inner, cancel := context.WithTimeout(ctx, most)
	return &timedCall{Context: inner, parent: ctx, cancel: cancel, whole: whole}
}

// begin is wait for a statement.
func (p *callTimeouts) begin(ctx context.Context, sql string) context.Context {
	call := p.wait(ctx, p.statement)
	call.sql, call.begun = sql, time.Now()
	return call
}

// end releases the deadline. If the deadline ended a whole wait, the server
// counts as silent for a while.
func (p *callTimeouts) end(ctx context.Context, err error) {
	w, ok := ctx.(*timedCall)
	if !ok {
		return
	}
	if err != nil && w.whole && errors.Is(w.Err(), context.DeadlineExceeded) && w.parent.Err() == nil {
		p.silentUntil.Store(time.Now().Add(silentCooldown).UnixNano())
	}
	w.cancel()
}

// isSilent reports whether a wait ended without an answer within silentCooldown before now.
func (p *callTimeouts) isSilent(now time.Time) bool { return now.UnixNano() < p.silentUntil.Load() }

// TraceQueryStart implements [pgx.QueryTracer].
func (p *callTimeouts) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	return p.begin(ctx, data.SQL)
}

// TraceQueryEnd implements [pgx.QueryTracer].
func (p *callTimeouts) TraceQueryEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceQueryEndData) {
	p.endMessages(conn, data.CommandTag, data.Err)
	p.report(ctx, data.CommandTag, data.Err)
	if isReadOnlyError(data.Err) {
		conn.PgConn().CustomData()[readOnlyKey] = true
	}
	p.end(ctx, data.Err)
}

// TraceBatchStart implements [pgx.BatchTracer].
func (p *callTimeouts) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return p.wait(ctx, p.statement)
}

// TraceBatchQuery implements [pgx.BatchTracer].
func (p *callTimeouts) TraceBatchQuery(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchQueryData) {
	p.reportQueued(ctx, data)
}

// TraceBatchEnd implements [pgx.BatchTracer].
func (p *callTimeouts) TraceBatchEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceBatchEndData) {
	p.endMessages(conn, pgconn.CommandTag{}, data.Err)
	if isReadOnlyError(data.Err) {
		conn.PgConn().CustomData()[readOnlyKey] = true
	}
	p.end(ctx, data.Err)
}

// TraceCopyFromStart implements [pgx.CopyFromTracer].
func (p *callTimeouts) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	return p.begin(ctx, "copy")
}

// TraceCopyFromEnd implements [pgx.CopyFromTracer].
func (p *callTimeouts) TraceCopyFromEnd(ctx context.Context, conn *pgx.Conn, data pgx.TraceCopyFromEndData) {
	p.endMessages(conn, data.CommandTag, data.Err)
	p.report(ctx, data.CommandTag, data.Err)
	p.end(ctx, data.Err)
}

// TraceConnectStart implements [pgx.ConnectTracer].
func (p *callTimeouts) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	inner, cancel := context.WithTimeout(ctx, connectTimeout)
	return &timedCall{Context: inner, parent: ctx, cancel: cancel}
}

// TraceConnectEnd implements [pgx.ConnectTracer].
func (p *callTimeouts) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	p.end(ctx, data.Err)
}

// TraceAcquireStart implements [pgxpool.AcquireTracer].
func (p *callTimeouts) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	return p.wait(ctx, acquireTimeout)
}

// TraceAcquireEnd implements [pgxpool.AcquireTracer].
func (p *callTimeouts) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	p.end(ctx, data.Err)
}
