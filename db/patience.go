package db

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Time limits of this program. statement_timeout is enforced by the server, and has no
// effect if the server is stopped or its host is unreachable. So every wait for the
// server also has a limit here.
const (
	// statementTime is the limit of one statement, including reading its rows. It is longer
	// than statement_timeout, so that a working server ends a slow statement itself and
	// the connection can be used again.
	statementTime = 4500 * time.Millisecond
	// acquireTime is the limit of the wait for a connection of the pool.
	acquireTime = 3 * time.Second
	// connectTime is the limit of opening a connection, including name lookup and all
	// addresses of the host.
	connectTime = 10 * time.Second
	// silentTime replaces these limits for the time silentFor after a wait that ended
	// without an answer, so that the cleanup of a failed request does not wait as long again.
	silentTime = 150 * time.Millisecond
	silentFor  = time.Second
)

// patience is a pgx tracer that sets a deadline for every statement and for every wait for
// a connection. An earlier deadline of the context still applies.
type patience struct {
	statement   time.Duration
	silentUntil atomic.Int64 // Unix nanoseconds
}

var (
	_ pgx.QueryTracer       = (*patience)(nil)
	_ pgx.BatchTracer       = (*patience)(nil)
	_ pgx.CopyFromTracer    = (*patience)(nil)
	_ pgx.ConnectTracer     = (*patience)(nil)
	_ pgxpool.AcquireTracer = (*patience)(nil)
)

// patientKey is the context key of [Patient].
type patientKey struct{}

// Patient returns a context in which the limit of a statement in this program, and of the
// wait for a connection, is d. It does not change statement_timeout, which the server
// enforces. Raise that as well if needed, for example with SET LOCAL.
func Patient(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, patientKey{}, d)
}

// waiting is a context whose deadline was set by patience.
type waiting struct {
	context.Context
	parent context.Context
	cancel context.CancelFunc
	whole  bool // the limit was not shortened to silentTime
}

// wait returns ctx with a deadline after most, or after the time set by [Patient]. If the
// server was silent recently, the deadline is after silentTime.
func (p *patience) wait(ctx context.Context, most time.Duration) context.Context {
	whole := true
	if d, ok := ctx.Value(patientKey{}).(time.Duration); ok {
		most = d
	} else if p.isSilent(time.Now()) {
		most, whole = min(most, silentTime), false
	}
	inner, cancel := context.WithTimeout(ctx, most)
	return &waiting{inner, ctx, cancel, whole}
}

// end releases the deadline. If the deadline ended a whole wait, the server
// counts as silent for a while.
func (p *patience) end(ctx context.Context, err error) {
	w, ok := ctx.(*waiting)
	if !ok {
		return
	}
	if err != nil && w.whole && errors.Is(w.Err(), context.DeadlineExceeded) && w.parent.Err() == nil {
		p.silentUntil.Store(time.Now().Add(silentFor).UnixNano())
	}
	w.cancel()
}

// isSilent reports whether a wait ended without an answer within silentFor before now.
func (p *patience) isSilent(now time.Time) bool { return now.UnixNano() < p.silentUntil.Load() }

// TraceQueryStart implements [pgx.QueryTracer].
func (p *patience) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return p.wait(ctx, p.statement)
}

// TraceQueryEnd implements [pgx.QueryTracer].
func (p *patience) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	p.end(ctx, data.Err)
}

// TraceBatchStart implements [pgx.BatchTracer].
func (p *patience) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return p.wait(ctx, p.statement)
}

// TraceBatchQuery implements [pgx.BatchTracer].
func (p *patience) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

// TraceBatchEnd implements [pgx.BatchTracer].
func (p *patience) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	p.end(ctx, data.Err)
}

// TraceCopyFromStart implements [pgx.CopyFromTracer].
func (p *patience) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	return p.wait(ctx, p.statement)
}

// TraceCopyFromEnd implements [pgx.CopyFromTracer].
func (p *patience) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromEndData) {
	p.end(ctx, data.Err)
}

// TraceConnectStart implements [pgx.ConnectTracer].
func (p *patience) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	inner, cancel := context.WithTimeout(ctx, connectTime)
	return &waiting{Context: inner, parent: ctx, cancel: cancel}
}

// TraceConnectEnd implements [pgx.ConnectTracer].
func (p *patience) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	p.end(ctx, data.Err)
}

// TraceAcquireStart implements [pgxpool.AcquireTracer].
func (p *patience) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	return p.wait(ctx, acquireTime)
}

// TraceAcquireEnd implements [pgxpool.AcquireTracer].
func (p *patience) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	p.end(ctx, data.Err)
}
