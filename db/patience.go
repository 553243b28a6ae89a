package db

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A server that is stopped, or whose host is gone, answers nothing, not even
// that it is too slow: statement_timeout is the server's own clock. So every
// wait for it ends on our side too.
const (
	// statementTime bounds one statement, its rows included. It is longer than
	// statement_timeout, so that a server that answers ends a slow statement
	// itself and the connection lives on.
	statementTime = 4500 * time.Millisecond
	// acquireTime bounds the wait for a connection of the pool.
	acquireTime = 3 * time.Second
	// connectTime bounds making a connection: names looked up, every address tried.
	connectTime = 10 * time.Second
	// silentTime replaces them for silentFor after a wait that ended without an
	// answer: what a failed request still has to clean up must not wait as long again.
	silentTime = 150 * time.Millisecond
	silentFor  = time.Second
)

// patience is a tracer of pgx that gives every statement, and every wait for a
// connection, a deadline. A context's own earlier deadline stays.
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

type patientKey struct{}

// Patient returns a context in which a statement may take d on our side, and so
// may the wait for a connection. It does not change statement_timeout, which the
// server enforces: raise that as well, such as by set local.
func Patient(ctx context.Context, d time.Duration) context.Context {
	return context.WithValue(ctx, patientKey{}, d)
}

// waiting is a context with a deadline of ours.
type waiting struct {
	context.Context
	parent context.Context
	cancel context.CancelFunc
	whole  bool // not shortened because the server was silent before
}

// wait returns ctx with a deadline after most, or after the time set by
// [Patient]. If the server was silent a moment ago, the deadline is short.
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

func (p *patience) isSilent(now time.Time) bool { return now.UnixNano() < p.silentUntil.Load() }

func (p *patience) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return p.wait(ctx, p.statement)
}

func (p *patience) TraceQueryEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryEndData) {
	p.end(ctx, data.Err)
}

func (p *patience) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return p.wait(ctx, p.statement)
}

func (p *patience) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (p *patience) TraceBatchEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchEndData) {
	p.end(ctx, data.Err)
}

func (p *patience) TraceCopyFromStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceCopyFromStartData) context.Context {
	return p.wait(ctx, p.statement)
}

func (p *patience) TraceCopyFromEnd(ctx context.Context, _ *pgx.Conn, data pgx.TraceCopyFromEndData) {
	p.end(ctx, data.Err)
}

func (p *patience) TraceConnectStart(ctx context.Context, _ pgx.TraceConnectStartData) context.Context {
	inner, cancel := context.WithTimeout(ctx, connectTime)
	return &waiting{Context: inner, parent: ctx, cancel: cancel}
}

func (p *patience) TraceConnectEnd(ctx context.Context, data pgx.TraceConnectEndData) {
	p.end(ctx, data.Err)
}

func (p *patience) TraceAcquireStart(ctx context.Context, _ *pgxpool.Pool, _ pgxpool.TraceAcquireStartData) context.Context {
	return p.wait(ctx, acquireTime)
}

func (p *patience) TraceAcquireEnd(ctx context.Context, _ *pgxpool.Pool, data pgxpool.TraceAcquireEndData) {
	p.end(ctx, data.Err)
}
