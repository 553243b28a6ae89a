package outbox_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/outbox"
)

// fixture is a desk with one consumer, which copies events into a table. The table has every
// committed delivery in order.
type fixture struct {
	t    *testing.T
	pool *pgxpool.Pool
}

// newFixture returns a database with a user and a table for what consumers receive. It
// makes the test parallel.
func newFixture(t *testing.T) fixture {
	t.Helper()
	t.Parallel()
	h := fixture{t, dbtest.New(t)}
	h.exec("create table delivered (n bigserial, ticket bigint, seq bigint)")
	h.exec("insert into users (username, email, password_hash) values ('ana', 'ana@example.org', '')")
	return h
}

// exec executes a statement.
func (h fixture) exec(sql string, args ...any) {
	h.t.Helper()
	if _, err := h.pool.Exec(h.t.Context(), sql, args...); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
}

// int returns the one number that a query selects.
func (h fixture) int(sql string, args ...any) (n int) {
	h.t.Helper()
	if err := h.pool.QueryRow(h.t.Context(), sql, args...).Scan(&n); err != nil {
		h.t.Fatalf("%s: %v", sql, err)
	}
	return n
}

// ticket opens a ticket without events.
func (h fixture) ticket() (id int64) {
	h.t.Helper()
	err := h.pool.QueryRow(h.t.Context(), `insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash)
		values (1, 's', 'd', 1, 'Low', gen_random_uuid()::text, '') returning id`).Scan(&id)
	if err != nil {
		h.t.Fatal(err)
	}
	return id
}

const writeEvent = `with t as (update tickets set last_seq = last_seq + 1 where id = $1 returning id, last_seq)
	insert into ticket_events (ticket_id, seq, kind, author_id, body) select id, last_seq, $2, 1, 'text' from t`

// write adds n comments to a ticket.
func (h fixture) write(ticket int64, n int) {
	h.t.Helper()
	for range n {
		h.exec(writeEvent, ticket, "comment")
	}
}

// copying returns a consumer that copies events. If check is not nil, the consumer calls it
// before each event.
func copying(check func(outbox.Event) error) outbox.Consumer {
	return outbox.Consumer{Name: "copy", Kinds: []db.EventKind{db.EventKindComment},
		Deliver: func(ctx context.Context, tx pgx.Tx, events []outbox.Event) error {
			for _, e := range events {
				if check != nil {
					if err := check(e); err != nil {
						return err
					}
				}
				if _, err := tx.Exec(ctx, "insert into delivered (ticket, seq) values ($1, $2)", e.TicketID, e.Seq); err != nil {
					return err
				}
			}
			return nil
		}}
}

// quick has options with short pauses.
var quick = outbox.Options{Pause: time.Millisecond, Gather: time.Millisecond, Sweep: 20 * time.Millisecond}

// run runs an outbox until the returned function is called, or the test ends.
func (h fixture) run(o outbox.Options, c outbox.Consumer) (stop func()) {
	h.t.Helper()
	box := outbox.New(h.pool, o, c)
	if err := box.Register(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { box.Run(ctx); close(done) }()
	stop = sync.OnceFunc(func() { cancel(); <-done })
	h.t.Cleanup(stop)
	return stop
}

// register registers a consumer, without delivering events to it.
func (h fixture) register(c outbox.Consumer) {
	h.t.Helper()
	if err := outbox.New(h.pool, quick, c).Register(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// eventually waits until a query returns want.
func (h fixture) eventually(want int, sql string, args ...any) {
	h.t.Helper()
	got := 0
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if got = h.int(sql, args...); got == want {
			return
		}
	}
	h.t.Fatalf("%s: got %d, want %d", sql, got, want)
}

// delivered returns the sequence numbers of the delivered events of a ticket, in the order of
// delivery.
func (h fixture) delivered(ticket int64) (seqs []int64) {
	h.t.Helper()
	rows, err := h.pool.Query(h.t.Context(), "select seq from delivered where ticket = $1 order by n", ticket)
	if err == nil {
		seqs, err = pgx.CollectRows(rows, pgx.RowTo[int64])
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return seqs
}

// upTo returns the numbers from 1 to n.
func upTo(n int64) (seqs []int64) {
	for i := range n {
		seqs = append(seqs, i+1)
	}
	return seqs
}

const (
	countDelivered = "select count(*) from delivered"
	countQueued    = "select count(*) from outbox_queue"
	countDead      = "select count(*) from outbox_dead where retry_at is null"
)

func TestEventsAreDeliveredOnceAndInOrderOfTheirTicketByTwoReplicas(t *testing.T) {
	h := newFixture(t)
	h.run(quick, copying(nil))
	h.run(quick, copying(nil))
	const tickets, each = 8, 40
	var writers sync.WaitGroup
	ids := make([]int64, tickets)
	for i := range ids {
		ids[i] = h.ticket()
		writers.Go(func() { h.write(ids[i], each) })
	}
	writers.Wait()
	h.eventually(0, countQueued)
	for _, id := range ids {
		if got := h.delivered(id); !slices.Equal(got, upTo(each)) {
			t.Errorf("ticket %d: got %v, want 1 to %d", id, got, each)
		}
	}
}

func TestANewConsumerGetsOnlyLaterEvents(t *testing.T) {
	h := newFixture(t)
	old := h.ticket()
	h.write(old, 3)
	h.run(quick, copying(nil))
	h.write(old, 2)
	h.eventually(2, countDelivered)
	if got, want := h.delivered(old), []int64{4, 5}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestOnlyTheKindsOfAConsumerAreQueued(t *testing.T) {
	h := newFixture(t)
	h.register(copying(nil))
	id := h.ticket()
	h.exec(writeEvent, id, "message")
	h.exec(writeEvent, id, "comment")
	if got := h.int(countQueued); got != 1 {
		t.Errorf("got %d events in the queue, want 1", got)
	}
}

func TestUnknownKindsAreSkipped(t *testing.T) {
	h := newFixture(t)
	newer := copying(nil)
	newer.Kinds = append(slices.Clone(newer.Kinds), db.EventKindMessage)
	h.register(newer)
	id := h.ticket()
	h.exec(writeEvent, id, "message")
	h.exec(writeEvent, id, "comment")
	h.run(quick, copying(nil))
	h.eventually(0, countQueued)
	if got, want := h.delivered(id), []int64{2}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestARefusedTransactionLeavesNothingInTheQueue(t *testing.T) {
	h := newFixture(t)
	h.register(copying(nil))
	id := h.ticket()
	tx, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), writeEvent, id, "comment"); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.int(countQueued); got != 0 {
		t.Errorf("got %d events in the queue, want 0", got)
	}
}

func TestCommittedIsCalledAfterTheCommitWithTheSameEvents(t *testing.T) {
	h := newFixture(t)
	c, seen := copying(nil), make(chan int, 10)
	c.Committed = func(_ context.Context, events []outbox.Event) error {
		seen <- h.int("select count(*) from delivered where seq = $1", events[0].Seq)
		return nil
	}
	h.run(quick, c)
	h.write(h.ticket(), 1)
	if got := <-seen; got != 1 {
		t.Errorf("at the call %d deliveries were committed, want 1", got)
	}
}

func TestWakeDeliversAtOnce(t *testing.T) {
	h := newFixture(t)
	box := outbox.New(h.pool, outbox.Options{Gather: time.Millisecond, Sweep: time.Hour}, copying(nil))
	if err := box.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go box.Run(ctx)
	for n := range 3 {
		h.write(h.ticket(), 1)
		box.Wake()
		h.eventually(n+1, countDelivered)
	}
}

func TestNothingIsDueOnAnIdleDesk(t *testing.T) {
	h := newFixture(t)
	due, err := db.New(h.pool).NextRetry(t.Context(), "copying")
	if err != nil {
		t.Fatal(err)
	}
	if due != -1 {
		t.Errorf("an event is due in %d ms, want none", due)
	}
}
