package db_test

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// sentMessages collects what a sender has committed.
type sentMessages struct {
	mu  sync.Mutex
	all []string
}

// committed is a [db.Committed].
func (s *sentMessages) committed(messages []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, messages...)
}

// take returns what was committed since the last call.
func (s *sentMessages) take() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.all
	s.all = nil
	return all
}

// sender opens a pool whose messages the program sends, beside that of the version before.
func sender(t *testing.T) (pool, before *pgxpool.Pool, sent *sentMessages) {
	t.Helper()
	url := dbtest.NewURL(t)
	sent = &sentMessages{}
	pool, err := db.Open(t.Context(), url, 4, db.Committed(sent.committed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if before, err = db.Open(t.Context(), url, 4); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(before.Close)
	return pool, before, sent
}

// run runs a statement.
func run(t *testing.T, on interface {
	Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}, sql string, args ...any) {
	t.Helper()
	if _, err := on.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// receivedBefore listens by NOTIFY, and returns a function that sends a marker on the pool and returns what
// arrived before it.
func receivedBefore(t *testing.T, pool *pgxpool.Pool) (before func(marker string) []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	begun, messages := make(chan struct{}, 1), make(chan string, 100)
	bus := db.NewBus(pool, slog.New(slog.DiscardHandler))
	go bus.Listen(ctx, func() { begun <- struct{}{} }, func(m string) { messages <- m })
	<-begun
	return func(marker string) (all []string) {
		t.Helper()
		if err := bus.Publish(t.Context(), marker); err != nil {
			t.Fatal(err)
		}
		for {
			select {
			case m := <-messages:
				if m == marker {
					return all
				}
				all = append(all, m)
			case <-time.After(10 * time.Second):
				t.Fatal("nothing is received")
			}
		}
	}
}

// newUser adds a user whose right can change.
const newUser = "insert into users (username, email, password_hash, role) values ('Ana', 'ana@example.org', 'x', 'customer')"

// changeRight changes the right of each user, of which there is one with id 1.
const changeRight = "update users set session_ver = session_ver + 1"

func TestASenderGetsTheMessagesOfATransactionAfterItsCommit(t *testing.T) {
	t.Parallel()
	pool, _, sent := sender(t)
	run(t, pool, newUser)
	arrived := receivedBefore(t, pool)
	run(t, pool, changeRight)
	if got := sent.take(); !slices.Equal(got, []string{"u 1"}) {
		t.Errorf("after a statement: got %q", got)
	}
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run(t, tx, changeRight)
	run(t, tx, "update settings set version = version + 1")
	if got := sent.take(); got != nil {
		t.Errorf("before the commit: got %q", got)
	}
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := sent.take(); !slices.Equal(got, []string{"u 1", "s"}) {
		t.Errorf("after the commit: got %q", got)
	}
	if got := arrived("end"); got != nil {
		t.Errorf("sent by NOTIFY, too: %q", got)
	}
}

func TestMessagesOfARolledBackTransactionAreNotSent(t *testing.T) {
	t.Parallel()
	pool, _, sent := sender(t)
	run(t, pool, newUser)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run(t, tx, changeRight)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if tx, err = pool.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	run(t, tx, changeRight)
	if _, err := tx.Exec(t.Context(), "select 1 / 0"); err == nil {
		t.Fatal("a division by zero succeeds")
	}
	if err := tx.Commit(t.Context()); err == nil {
		t.Error("a failed transaction is committed")
	}
	if _, err := pool.Exec(t.Context(), "with changed as ("+changeRight+" returning 1) select 1 / (count(*) - 1) from changed"); err == nil {
		t.Error("a division by zero succeeds")
	}
	run(t, pool, "select 1")
	if got := sent.take(); got != nil {
		t.Errorf("got %q", got)
	}
}

func TestTheVersionBeforeSendsByNotifyBesideASender(t *testing.T) {
	t.Parallel()
	pool, before, sent := sender(t)
	run(t, before, newUser)
	arrived := receivedBefore(t, pool)
	run(t, before, changeRight)
	if got := arrived("end"); !slices.Equal(got, []string{"u 1"}) {
		t.Errorf("got %q", got)
	}
	if got := sent.take(); got != nil {
		t.Errorf("the sender sends what it did not write: %q", got)
	}
}

func TestStoredMessagesAreReadOnceAlthoughTransactionsCommitInAnotherOrder(t *testing.T) {
	t.Parallel()
	pool, before, _ := sender(t)
	run(t, pool, newUser)
	stored := db.NewStoredMessages(db.New(pool))
	next := func(want ...string) {
		t.Helper()
		got, err := stored.Next(t.Context())
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	next()
	slow, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	run(t, slow, "update settings set version = version + 1")
	run(t, pool, changeRight)
	next("u 1")
	next()
	if err := slow.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	next("s")
	run(t, before, changeRight)
	next("u 1")
	next()
}

func TestAReplicaSeesWhetherOthersListenToNotifyOnly(t *testing.T) {
	t.Parallel()
	pool, before, _ := sender(t)
	bus := db.NewBus(pool, slog.New(slog.DiscardHandler))
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	begun := make(chan struct{}, 1)
	go bus.ListenBeside(ctx, func() { begun <- struct{}{} }, func(string) {})
	<-begun
	if found, err := bus.HasListeners(t.Context()); found || err != nil {
		t.Errorf("a replica with NATS counts as one without: %t, %v", found, err)
	}
	receivedBefore(t, before)
	if found, err := bus.HasListeners(t.Context()); !found || err != nil {
		t.Errorf("a replica without NATS is not found: %v", err)
	}
}

func TestStoredMessagesAreReadAfterAFailOverToAServerWithOlderTransactions(t *testing.T) {
	t.Parallel()
	pool, _, _ := sender(t)
	run(t, pool, newUser)
	stored := db.NewStoredMessages(db.New(pool))
	stored.ReadFrom(1 << 40)
	run(t, pool, changeRight)
	if got, err := stored.Next(t.Context()); err != nil || !slices.Contains(got, "u 1") {
		t.Errorf("got %q, %v", got, err)
	}
	run(t, pool, changeRight)
	if got, err := stored.Next(t.Context()); err != nil || !slices.Equal(got, []string{"u 1"}) {
		t.Errorf("then got %q, %v", got, err)
	}
}

func TestASenderBehindAPoolerInTransactionModeSendsItsMessages(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	plain := opened(t, own.Migrate(), 4)
	sent := &sentMessages{}
	p := dbtest.NewPooler(t, own, "pool_mode = transaction", "default_pool_size = 1")
	pool, _, err := db.OpenPooled(t.Context(), p.URL("postgres"), plain, 4, db.Committed(sent.committed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	before, _, err := db.OpenPooled(t.Context(), p.URL("postgres"), plain, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(before.Close)
	run(t, pool, newUser)
	arrived := receivedBefore(t, plain)
	for range 3 { // both use the same server session in turns
		run(t, before, changeRight)
		if got := sent.take(); got != nil {
			t.Errorf("the sender gets the messages of another program: %q", got)
		}
		run(t, pool, changeRight)
		if got := sent.take(); !slices.Equal(got, []string{"u 1"}) {
			t.Errorf("the sender gets %q", got)
		}
	}
	if got := arrived("end"); !slices.Equal(got, []string{"u 1", "u 1", "u 1"}) {
		t.Errorf("by NOTIFY: %q", got)
	}
}
