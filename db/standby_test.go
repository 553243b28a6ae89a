package db_test

import (
	"context"
	"log/slog"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// write inserts a row into the table kept until that succeeds, and returns how long it took.
func write(t *testing.T, pool *pgxpool.Pool, text string) time.Duration {
	t.Helper()
	begun := time.Now()
	for {
		_, err := pool.Exec(t.Context(), "insert into kept values ($1)", text)
		if err == nil {
			return time.Since(begun)
		}
		if time.Since(begun) > 30*time.Second {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// has reports whether a server has the row.
func has(t *testing.T, n *dbtest.Node, text string) bool {
	t.Helper()
	is, err := n.Is("select exists (select from kept where text = '" + text + "')")
	if err != nil {
		t.Fatal(err)
	}
	return is
}

func TestThePoolFollowsThePrimaryAndAvoidsOneThatComesBack(t *testing.T) {
	t.Parallel()
	pair := dbtest.NewPair(t)
	pool := opened(t, pair.URL(), 4)
	pair.First.Execute("create table kept (text text)")
	write(t, pool, "before")
	begun, received := make(chan bool, 10), make(chan string, 10)
	bus := db.NewBus(pool, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	go bus.Listen(ctx, func() { begun <- true }, func(m string) { received <- m })
	<-begun

	pair.First.Kill()
	pair.Promote()
	t.Logf("first write after the promotion: %v", write(t, pool, "after"))
	if !has(t, pair.Second, "before") {
		t.Error("an acknowledged row is lost")
	}
	<-begun // listens again
	if err := bus.Publish(t.Context(), "hello"); err != nil {
		t.Fatal(err)
	}
	if got := <-received; got != "hello" {
		t.Errorf("received %q", got)
	}

	pair.First.Start() // as a primary of the old timeline
	pair.First.Execute("alter system reset synchronous_standby_names", "select pg_reload_conf()")
	pool.Reset() // the next write needs a new connection; the old primary is the first host
	write(t, pool, "later")
	write(t, opened(t, pair.URL(), 4), "from a new process")
	for _, text := range []string{"later", "from a new process"} {
		if has(t, pair.First, text) {
			t.Error("has(t, pair.First, text) is true, want false")
		}
		if !has(t, pair.Second, text) {
			t.Error("has(t, pair.Second, text) is false, want true")
		}
	}
	throughPooler(t, pair.URL(), pool) // finds the same database in spite of the old primary
	found, err := db.Fitness(t.Context(), pair.URL(), 4)
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(found, func(f db.Finding) bool { return f.Name == "primaries" })
	if i < 0 {
		t.Fatalf("two primaries: got %v", found)
	}
	if !found[i].Warning {
		t.Error("two primaries: the warning is false, want true")
	}
}

func TestAConnectionToAServerThatBecameReadOnlyIsNotUsedAgain(t *testing.T) {
	t.Parallel()
	pair := dbtest.NewPair(t)
	pair.First.Execute("create table kept (text text)")
	pool := opened(t, pair.URL(), 1)
	write(t, pool, "before")
	pair.Promote()
	// The first server does not accept changes any more, as after it was made a standby.
	pair.First.Execute("alter system set default_transaction_read_only = on", "select pg_reload_conf()")
	write(t, pool, "after")
	if !has(t, pair.Second, "after") {
		t.Error("the row is not in the new primary")
	}
}
