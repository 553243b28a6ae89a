package outbox_test

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/db"
	"frontdesk/internal/outbox"
)

func TestAFailingEventIsDeadLetteredAfterTenTriesAndLaterOnesAreDelivered(t *testing.T) {
	h := newFixture(t)
	var log strings.Builder
	o := quick
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	h.register(copying(nil))
	id := h.ticket()
	h.write(id, 4)
	stop := h.run(o, copying(func(e outbox.Event) error {
		if e.Seq == 2 {
			panic("poison\x00")
		}
		return nil
	}))
	h.eventually(3, countDelivered)
	stop()
	if got, want := h.delivered(id), []int64{1, 3, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	dead, err := outbox.ListDead(t.Context(), h.pool, 10)
	if err != nil || len(dead) != 1 {
		t.Fatalf("dead events: %v, %v", dead, err)
	}
	want := dead[0]
	want.TicketID, want.Seq, want.Tries, want.Error = id, 2, 10, "panic: poison\ufffd"
	if diff := cmp.Diff(want, dead[0]); diff != "" {
		t.Errorf("the dead event (-want +got):\n%s", diff)
	}
	if !strings.Contains(log.String(), fmt.Sprintf(`msg="event dead-lettered" consumer=copy ticket=%d seq=2`, id)) {
		t.Errorf("the log has no line about it: %s", log.String())
	}
	states, err := outbox.States(t.Context(), h.pool)
	if err != nil || !slices.Equal(states, []outbox.State{{Consumer: "copy", Dead: 1}}) {
		t.Errorf("states: %+v, %v", states, err)
	}
}

func TestDeliveriesAreLoggedWithTicketAndSeq(t *testing.T) {
	h := newFixture(t)
	var log strings.Builder
	o := quick
	o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.register(copying(nil))
	id := h.ticket()
	h.write(id, 2)
	stop := h.run(o, copying(nil))
	h.eventually(2, countDelivered)
	stop()
	for seq := 1; seq <= 2; seq++ {
		if want := fmt.Sprintf(`level=DEBUG msg="event delivered" consumer=copy ticket=%d seq=%d kind=comment author=`, id, seq); !strings.Contains(log.String(), want) {
			t.Errorf("the log has no entry %q: %s", want, log.String())
		}
	}
}

func TestADeadEventIsDeliveredOnRequest(t *testing.T) {
	h := newFixture(t)
	var mended atomic.Bool
	h.run(quick, copying(func(e outbox.Event) error {
		if e.Seq == 1 && !mended.Load() {
			return errors.New("broken")
		}
		return nil
	}))
	id := h.ticket()
	h.write(id, 2)
	h.eventually(1, countDead)
	h.retry(1) // it fails again
	h.eventually(1, countDead)
	mended.Store(true)
	h.retry(1)
	h.eventually(0, "select count(*) from outbox_dead")
	if got, want := h.delivered(id), []int64{2, 1}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n, err := outbox.RetryDead(t.Context(), db.New(h.pool), outbox.Which{TicketID: id, Seq: 1}); err != nil || n != 0 {
		t.Errorf("a second request: %d, %v", n, err)
	}
}

func TestADeadEventIsDeliveredOnRequestWhileTheQueueIsNeverEmpty(t *testing.T) {
	h := newFixture(t)
	once := quick
	once.MaxTries = 1
	var busy atomic.Int64
	stop := h.run(once, copying(func(e outbox.Event) error {
		if e.TicketID != busy.Load() {
			return errors.New("broken")
		}
		h.write(e.TicketID, 1)            // the next one
		time.Sleep(30 * time.Millisecond) // longer than a round
		return nil
	}))
	defer stop()
	dead := h.ticket()
	h.write(dead, 1)
	h.eventually(1, countDead)
	id := h.ticket()
	busy.Store(id)
	h.write(id, 1)
	h.eventually(1, "select (count(*) > 0)::int from delivered")
	h.exec("update outbox_dead set error = ''")
	h.retry(1)
	h.eventually(1, "select count(*) from outbox_dead where error <> ''") // it was delivered again, and failed
}

func TestARetriedEventHasTheSideOfItsAuthor(t *testing.T) {
	h := newFixture(t)
	once := quick
	once.MaxTries = 1
	var mended atomic.Bool
	var side atomic.Value
	h.run(once, copying(func(e outbox.Event) error {
		if !mended.Load() {
			return errors.New("broken")
		}
		side.Store(e.Side)
		return nil
	}))
	h.exec("insert into ticket_events (ticket_id, seq, kind, author_id, side, body) values ($1, 1, 'comment', 1, 'staff', 'text')", h.ticket())
	h.eventually(1, countDead)
	mended.Store(true)
	h.retry(1)
	h.eventually(1, countDelivered)
	if got := side.Load(); got != db.EventSideStaff {
		t.Errorf("got side %q, want %q", got, db.EventSideStaff)
	}
}

// retry retries the dead events of the consumer, and fails the test if their number is not
// want.
func (h fixture) retry(want int) {
	h.t.Helper()
	if n, err := outbox.RetryDead(h.t.Context(), db.New(h.pool), outbox.Which{Consumer: "copy"}); err != nil || n != want {
		h.t.Fatalf("retried %d, %v; want %d", n, err, want)
	}
}

func TestAFailingConsumerDoesNotDelayAnother(t *testing.T) {
	h := newFixture(t)
	broken := copying(func(outbox.Event) error { return errors.New("broken") })
	broken.Name = "broken"
	h.run(quick, broken)
	h.run(quick, copying(nil))
	id := h.ticket()
	h.write(id, 5)
	h.eventually(5, countDelivered)
	h.eventually(5, countDead)
}

func TestQueuedEventsOfAPurgedTicketAreRemoved(t *testing.T) {
	h := newFixture(t)
	h.run(quick, copying(func(e outbox.Event) error { return errors.New("broken") }))
	dead, gone, stays := h.ticket(), h.ticket(), h.ticket()
	h.write(dead, 1)
	h.eventually(1, countDead)
	h.write(gone, 3)
	h.write(stays, 1)
	h.exec("delete from tickets where id in ($1, $2)", gone, dead)
	h.eventually(0, "select count(*) from outbox_queue where id = $1", gone)
	for _, table := range []string{"outbox_positions", "outbox_dead"} {
		if got := h.int("select count(*) from "+table+" where id in ($1, $2)", gone, dead); got != 0 {
			t.Errorf("%s has %d rows of deleted tickets, want 0", table, got)
		}
	}
}

func TestFailuresOfManyTicketsPauseTheWorker(t *testing.T) {
	h := newFixture(t)
	h.register(copying(nil))
	for range 30 {
		h.write(h.ticket(), 1)
	}
	var calls atomic.Int64
	stop := h.run(outbox.Options{Pause: time.Hour, Sweep: time.Hour}, copying(func(outbox.Event) error { calls.Add(1); return errors.New("broken") }))
	h.eventually(10, "select count(*) from outbox_positions where tries > 0")
	stop()
	if got := calls.Load(); got != 11 { // one batch, then ten single events
		t.Errorf("the consumer was called %d times, want 11", got)
	}
}

func TestARetriedEventIsDeliveredBeforeLaterOnesOfItsTicket(t *testing.T) {
	h := newFixture(t)
	id, other := int64(0), int64(0)
	var tries atomic.Int64
	h.register(copying(nil))
	id, other = h.ticket(), h.ticket()
	h.write(id, 3)
	h.write(other, 3)
	h.run(quick, copying(func(e outbox.Event) error {
		if e.TicketID == id && e.Seq == 2 && tries.Add(1) < 6 {
			return errors.New("not now")
		}
		return nil
	}))
	h.eventually(6, countDelivered)
	for _, ticket := range []int64{id, other} {
		if got := h.delivered(ticket); !slices.Equal(got, upTo(3)) {
			t.Errorf("ticket %d: got %v, want 1 to 3", ticket, got)
		}
	}
	if got := h.int("select tries from outbox_positions where id = $1", id); got != 0 {
		t.Errorf("after the delivery %d tries are counted, want 0", got)
	}
}
