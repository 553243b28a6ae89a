package db

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// pooled is the finding for a pooler in transaction or statement mode.
const pooled = "there is a pooler in front of the database in %s mode (such as PgBouncer with pool_mode = %s), where locks, settings and notifications of a connection get lost: " +
	"set DATABASE_DIRECT_URL to the address of PostgreSQL itself beside this one, or set pool_mode = session"

// serverSide identifies the server session behind a connection.
type serverSide struct {
	pid   uint32 // the server process
	token string // the setting frontdesk.fitness of the session; "" if it is not set
}

// poolings is how many further connections are opened to see whether one gets the server
// process of the first. Poolers assign the process used last, or each in turn.
const poolings = 4

// checkPooling finds a pooler that shares server sessions between connections. The first
// connection sets a token in its server session. If another open connection sees the token,
// or the first one no longer sees it, the sessions are shared. It also finds a pooler in
// session mode that gives too few connections.
func (e *examination) checkPooling(ctx context.Context) error {
	token := rand.Text()
	var mine serverSide
	if err := e.row(ctx, "select pg_backend_pid(), set_config('frontdesk.fitness', $1, false)", token).Scan(&mine.pid, &mine.token); err != nil {
		return err
	}
	defer e.conn.Exec(context.WithoutCancel(ctx), "select set_config('frontdesk.fitness', '', false)", simple)
	behind := mine.pid != e.conn.PgConn().PID() // PostgreSQL itself names the process of the connection
	mode, err := e.mode(ctx, mine, behind)
	switch {
	case behind && errors.Is(err, context.DeadlineExceeded):
		e.tooFewFromPooler()
		return nil
	case err != nil:
		return err
	case mode != "":
		e.unfit("pooling", pooled, mode, mode)
		return nil
	}
	if err := e.checkNotifications(ctx); err != nil || !behind {
		return err
	}
	return e.checkPoolerSize(ctx)
}

// mode returns the mode of a pooler that shares server sessions ("transaction" or
// "statement"), or "" if there is none. Behind a pooler it tries several times.
func (e *examination) mode(ctx context.Context, mine serverSide, behind bool) (string, error) {
	tries := 1
	if behind {
		tries = poolings
	}
	for range tries {
		mode, done, err := e.sharesWith(ctx, mine)
		defer done()
		if err != nil || mode != "" {
			return mode, err
		}
	}
	return "", nil
}

// sharesWith opens a transaction on another connection. It returns the pooler's mode if
// that connection got the server session of the first one, or the first one has another
// session now, and otherwise "". The transaction stays open until done is called.
func (e *examination) sharesWith(ctx context.Context, mine serverSide) (mode string, done func(), err error) {
	done = func() {}
	other, err := e.connect(ctx)
	if err != nil {
		return "", done, err
	}
	done = func() { _ = other.Close(context.WithoutCancel(ctx)) }
	if _, err := other.Exec(ctx, "begin; set local statement_timeout = "+literal(session["statement_timeout"]), simple); err != nil {
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "08P01" {
			return "statement", done, nil // PgBouncer ends a connection that begins a transaction
		}
		return "", done, err
	}
	if theirs, err := backendTokens(ctx, other); err != nil {
		return "", done, err
	} else if theirs.pid == mine.pid || theirs.token == mine.token {
		return "transaction", done, nil
	}
	if again, err := backendTokens(ctx, e.conn); err != nil {
		return "", done, err
	} else if again != mine {
		return "transaction", done, nil
	}
	return "", done, nil
}

// backendTokens returns the server session behind a connection.
func backendTokens(ctx context.Context, conn *pgx.Conn) (s serverSide, err error) {
	err = conn.QueryRow(ctx, "select pg_backend_pid(), coalesce(current_setting('frontdesk.fitness', true), '')", simple).Scan(&s.pid, &s.token)
	return s, err
}

// checkNotifications finds a connection that receives no notifications, which open pages
// depend on.
func (e *examination) checkNotifications(ctx context.Context) error {
	const name = "frontdesk_fitness"
	if e.standby {
		return nil // a standby has no notifications; checkWritable has reported it
	}
	if _, err := e.conn.Exec(ctx, "listen "+name, simple); err != nil {
		return err
	}
	defer e.conn.Exec(context.WithoutCancel(ctx), "unlisten "+name, simple)
	other, err := e.connect(ctx)
	if err != nil {
		return err
	}
	defer other.Close(context.WithoutCancel(ctx))
	if _, err := other.Exec(ctx, "notify "+name, simple); err != nil {
		return err
	}
	soon, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	if _, err := e.conn.WaitForNotification(soon); err != nil {
		e.unfit("notifications", "notifications do not arrive (LISTEN and NOTIFY), so that open pages would not be kept current: point DATABASE_URL at PostgreSQL itself")
	}
	return nil
}

// checkPoolerSize finds a pooler that does not give as many connections as a replica
// needs. It opens all of them at the same time.
func (e *examination) checkPoolerSize(ctx context.Context) error {
	enough := 3 * time.Second
	if end, ok := ctx.Deadline(); ok { // leave time for the other checks
		enough = min(enough, time.Until(end)/2)
	}
	soon, cancel := context.WithTimeout(ctx, enough)
	defer cancel()
	results := make([]error, e.conns)
	var all, finished sync.WaitGroup
	all.Add(len(results))
	for i := range results {
		finished.Go(func() {
			conn, err := e.connect(soon)
			switch {
			case err == nil:
				defer conn.Close(context.WithoutCancel(ctx))
				_, err = conn.Exec(soon, "select 1", simple)
			case soon.Err() != nil:
				err = nil // a busy machine: a pooler without a free connection accepts clients, and lets their statements wait
			}
			results[i] = err
			all.Done()
			all.Wait() // all of them are open at the same time
		})
	}
	finished.Wait()
	if err := errors.Join(results...); err != nil && ctx.Err() == nil {
		e.tooFewFromPooler()
	}
	return nil
}

// tooFewFromPooler adds the finding about a pooler with too few connections.
func (e *examination) tooFewFromPooler() {
	e.unfit("connections", "the pooler before the database gives fewer than the %d connections that each replica needs: raise default_pool_size and max_client_conn in pgbouncer.ini, or set pool_max_conns in DATABASE_URL to a smaller number", e.conns)
}
