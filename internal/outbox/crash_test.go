package outbox_test

import (
	"context"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/outbox"
)

// ended terminates the database session of a transaction, as a crash does.
func ended(ctx context.Context, h fixture, tx pgx.Tx) error {
	_, err := h.pool.Exec(ctx, "select pg_terminate_backend($1)", tx.Conn().PgConn().PID())
	return err
}

func TestALostConnectionLosesAndRepeatsNothing(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		t.Run(when, func(t *testing.T) {
			h := newFixture(t)
			c := copying(nil)
			inner, calls := c.Deliver, atomic.Int64{}
			c.Deliver = func(ctx context.Context, tx pgx.Tx, events []outbox.Event) error {
				crash := calls.Add(1)%2 == 1 && calls.Load() < 12
				if crash && when == "before" {
					if err := ended(ctx, h, tx); err != nil {
						return err
					}
				}
				if err := inner(ctx, tx, events); err != nil || !crash || when == "before" {
					return err
				}
				return ended(ctx, h, tx)
			}
			h.run(quick, c)
			h.run(quick, c)
			ids := []int64{h.ticket(), h.ticket(), h.ticket()}
			for range 10 {
				for _, id := range ids {
					h.write(id, 1)
				}
			}
			h.eventually(0, countQueued)
			for _, id := range ids {
				if got := h.delivered(id); !slices.Equal(got, upTo(10)) {
					t.Errorf("ticket %d: got %v, want 1 to 10", id, got)
				}
			}
		})
	}
}

func TestAStoppingReplicaCompletesItsDeliveryAndAnotherContinues(t *testing.T) {
	h := newFixture(t)
	begun, release := make(chan struct{}), make(chan struct{})
	var once atomic.Bool
	first := copying(nil)
	inner := first.Deliver
	first.Deliver = func(ctx context.Context, tx pgx.Tx, events []outbox.Event) error {
		if once.CompareAndSwap(false, true) {
			close(begun)
			<-release
		}
		return inner(ctx, tx, events)
	}
	stop := h.run(quick, first)
	id := h.ticket()
	h.write(id, 2)
	<-begun
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	h.run(quick, copying(nil)) // skips the ticket that is claimed
	h.write(id, 2)
	close(release)
	<-stopped
	h.eventually(0, countQueued)
	if got := h.delivered(id); !slices.Equal(got, upTo(4)) {
		t.Errorf("got %v, want 1 to 4", got)
	}
}

func TestAClaimedTicketIsSkippedAndTheOthersAreDelivered(t *testing.T) {
	h := newFixture(t)
	h.register(copying(nil))
	claimed, other := h.ticket(), h.ticket()
	h.write(claimed, 1)
	h.exec("insert into outbox_positions (stream, id, consumer, seq) values ('ticket', $1, 'copy', 0)", claimed)
	tx, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "select from outbox_positions where id = $1 for update", claimed); err != nil {
		t.Fatal(err)
	}
	h.run(outbox.Options{Gather: time.Millisecond, Sweep: 10 * time.Millisecond}, copying(nil))
	h.write(other, 3)
	h.eventually(3, countDelivered)
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.eventually(4, countDelivered)
}
