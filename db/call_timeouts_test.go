package db_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// hung is the time that a test waits for a call to end. Without a deadline of the package, the
// call would never end.
const hung = time.Minute

// ends fails the test if f does not end with an expired deadline.
func ends(t *testing.T, what string, f func(ctx context.Context) error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- f(t.Context()) }()
	select {
	case err := <-done:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: got %v, want an expired deadline", what, err)
		}
	case <-time.After(hung):
		t.Errorf("%s waits for a server that is stopped", what)
	}
}

func TestCallsToAStoppedServerTimeOut(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	pool, err := db.Open(t.Context(), own.URL("postgres"), 8)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if _, err := pool.Exec(t.Context(), "create table lines (n int)"); err != nil {
		t.Fatal(err)
	}
	conns := make([]*pgxpool.Conn, 5)
	for i := range conns {
		if conns[i], err = pool.Acquire(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := conns[4].Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	own.Stop()
	var all sync.WaitGroup
	for what, f := range map[string]func(ctx context.Context) error{
		"exec":     func(ctx context.Context) error { _, err := conns[0].Exec(ctx, "select 1"); return err },
		"query":    func(ctx context.Context) error { var n int; return conns[1].QueryRow(ctx, "select 1").Scan(&n) },
		"copy":     func(ctx context.Context) error { return copyOne(ctx, conns[2]) },
		"batch":    func(ctx context.Context) error { return batchOne(ctx, conns[3]) },
		"commit":   func(ctx context.Context) error { return tx.Commit(ctx) },
		"pool":     func(ctx context.Context) error { _, err := pool.Exec(ctx, "select 1"); return err },
		"detached": func(ctx context.Context) error { _, err := pool.Begin(context.WithoutCancel(ctx)); return err },
	} {
		all.Go(func() { ends(t, what, f) })
	}
	all.Wait()
	own.Continue()
	for _, c := range conns {
		c.Release()
	}
	eventually(t, "the pool answers again", func() bool { _, err := pool.Exec(t.Context(), "select 1"); return err == nil })
}

func TestAStoppedServerIsReportedAtStart(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	own.Stop()
	done := make(chan error, 1)
	go func() { _, err := db.Fitness(t.Context(), own.URL("postgres"), poolSize); done <- err }()
	select {
	case err := <-done:
		if err == nil {
			t.Fatal("got no error, want one")
		}
		if !strings.Contains(err.Error(), "cannot be reached") {
			t.Errorf(`the error is %q, want it with "cannot be reached"`, err.Error())
		}
	case <-time.After(hung):
		t.Error("the start waits for a server that is stopped")
	}
}

// copyOne inserts one row with COPY.
func copyOne(ctx context.Context, c *pgxpool.Conn) error {
	_, err := c.CopyFrom(ctx, pgx.Identifier{"lines"}, []string{"n"}, pgx.CopyFromRows([][]any{{1}}))
	return err
}

// batchOne sends a batch of one statement.
func batchOne(ctx context.Context, c *pgxpool.Conn) error {
	var b pgx.Batch
	b.Queue("select 1")
	return c.SendBatch(ctx, &b).Close()
}

// eventually fails the test if ok stays false.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(hung); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Errorf("%s: not within %s", what, hung)
}

func TestNotificationsArriveAfterAServerContinues(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	pool, err := db.Open(t.Context(), own.URL("postgres"), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	begun, received := make(chan struct{}, 100), make(chan string, 100)
	bus := db.NewBus(pool, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go bus.Listen(ctx, func() { begun <- struct{}{} }, func(m string) { received <- m })
	await(t, "the first line", begun)
	own.Stop()
	ends(t, "publish", func(ctx context.Context) error { return bus.Publish(ctx, "lost") })
	own.Continue()
	eventually(t, "a message arrives", func() bool {
		_ = bus.Publish(ctx, "again")
		select {
		case m := <-received:
			return m == "again"
		case <-time.After(50 * time.Millisecond):
			return false
		}
	})
}

// await waits for a value, and fails the test if none comes in time.
func await(t *testing.T, what string, from <-chan struct{}) {
	t.Helper()
	select {
	case <-from:
	case <-time.After(hung):
		t.Fatalf("%s: not within %s", what, hung)
	}
}

func TestATimeoutOfOneCallMayExceedTheDefault(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	conn, err := pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	if _, err := conn.Exec(t.Context(), "set statement_timeout = 0"); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(db.WithCallTimeout(t.Context(), hung), "select pg_sleep(5)"); err != nil {
		t.Errorf("a statement of 5 s with a minute's time: %v", err)
	}
}

func TestSettingsOfTheURLAreUsed(t *testing.T) {
	t.Parallel()
	url := dbtest.NewURL(t)
	pool, err := db.Open(t.Context(), with(t, url, "statement_timeout", "30s", "pool_max_conns", "3"), 6)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if got := pool.Config().MaxConns; got != 3 {
		t.Errorf("the pool has %d connections, want 3", got)
	}
	for setting, want := range map[string]string{"statement_timeout": "30s", "lock_timeout": "2s", "idle_in_transaction_session_timeout": "10s",
		"client_encoding": "UTF8", "TimeZone": "UTC", "jit": "off", "application_name": "frontdesk"} {
		var got string
		if err := pool.QueryRow(t.Context(), "select current_setting($1)", setting).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", setting, got, err, want)
		}
	}
	if _, err := pool.Exec(t.Context(), "select pg_sleep(5)"); err != nil {
		t.Errorf("a statement of 5 s where the URL allows 30: %v", err)
	}
}
