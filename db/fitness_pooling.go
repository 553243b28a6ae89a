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

// pooled is the sentence about a pooler that gives a connection away in between.
const pooled = "a pooler stands before the database in %s mode (such as PgBouncer with pool_mode = %s), where locks, settings and notifications of a connection get lost: " +
	"set pool_mode = session for this database, or point DATABASE_URL at PostgreSQL itself"

// serverSide is what one connection of ours sees of the server's side.
type serverSide struct {
	pid   uint32 // the process that answers
	token string // the mark in its session, if one of ours has set it
}

// poolings is how often another connection tries to get the first one's server
// process. Poolers give the one used last, or each in turn.
const poolings = 4

// checkPooling looks for a pooler whose server connections are not ours alone.
// Each of our connections marks its server's session; if another one that is open
// at the same time finds that mark, or the first does not find its own again, they
// share. A pooler in session mode must give as many connections as we need.
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

// mode returns the mode of a pooler that gives connections away, "" if there is
// none. Behind a pooler it tries several times.
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

// sharesWith opens a transaction on another connection and returns the pooler's
// mode if that got the server process of the first, or the first lost its own; ""
// if both have one of their own. The transaction is held until done is called.
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
	if theirs, err := sees(ctx, other); err != nil {
		return "", done, err
	} else if theirs.pid == mine.pid || theirs.token == mine.token {
		return "transaction", done, nil
	}
	if again, err := sees(ctx, e.conn); err != nil {
		return "", done, err
	} else if again != mine {
		return "transaction", done, nil
	}
	return "", done, nil
}

// sees returns what a connection sees of the server's side.
func sees(ctx context.Context, conn *pgx.Conn) (s serverSide, err error) {
	err = conn.QueryRow(ctx, "select pg_backend_pid(), coalesce(current_setting('frontdesk.fitness', true), '')", simple).Scan(&s.pid, &s.token)
	return s, err
}

// checkNotifications looks for a connection that hears no notifications, by which
// open pages learn what is new.
func (e *examination) checkNotifications(ctx context.Context) error {
	const name = "frontdesk_fitness"
	if e.standby {
		return nil // it has none, and is refused anyway
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

// checkPoolerSize opens as many connections as we need, and uses them.
func (e *examination) checkPoolerSize(ctx context.Context) error {
	const enough = 3 * time.Second
	soon, cancel := context.WithTimeout(ctx, enough)
	defer cancel()
	results := make([]error, e.conns)
	var all, finished sync.WaitGroup
	all.Add(len(results))
	for i := range results {
		finished.Go(func() {
			conn, err := e.connect(soon)
			if err == nil {
				defer conn.Close(context.WithoutCancel(ctx))
				_, err = conn.Exec(soon, "select 1", simple)
			}
			results[i] = err
			all.Done()
			all.Wait() // all of them are open at the same time
		})
	}
	finished.Wait()
	if err := errors.Join(results...); err != nil {
		e.tooFewFromPooler()
	}
	return nil
}

func (e *examination) tooFewFromPooler() {
	e.unfit("connections", "the pooler before the database gives fewer than the %d connections that each replica needs: raise default_pool_size and max_client_conn in pgbouncer.ini, or set pool_max_conns in DATABASE_URL to a smaller number", e.conns)
}
