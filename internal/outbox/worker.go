package outbox

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
)

const (
	ticketsAtOnce  = 64                    // tickets in one transaction
	eventsAtOnce   = 16                    // events of one ticket in one transaction
	roundTime      = 20 * time.Millisecond // after which a worker pauses, so that those who write events keep most of the machine under load
	deliveryTime   = 10 * time.Second      // for one transaction
	failuresAtOnce = 10                    // failed events after which a worker rests
	restFor        = 5                     // as many pauses as this
)

// worker delivers the events of one consumer.
type worker struct {
	Consumer
	pool *pgxpool.Pool
	q    *db.Queries
	opts Options
	wake chan struct{}

	after int64 // the ticket that was visited last; 0 at the beginning of the queue
}

// run delivers what is queued: at once, after each hint, when an event is due
// again, and from time to time. A hint after a pause is followed at once, and the hints of
// the time after it together, so that under load events share a transaction.
func (w *worker) run(ctx context.Context) {
	for ctx.Err() == nil {
		due, err := w.deliverAll(ctx, roundTime)
		ended := time.Now()
		switch {
		case errors.Is(err, errManyFailed):
			sleep(ctx, restFor*w.opts.Pause) // hints during the pause are ignored
			continue
		case err != nil && ctx.Err() == nil:
			w.opts.Log.Error("outbox failed", "consumer", w.Name, "error", err)
			due = restFor * w.opts.Pause
		}
		select {
		case <-ctx.Done():
		case <-time.After(w.wait(due)):
		case <-w.wake:
			sleep(ctx, w.opts.Gather-time.Since(ended))
		}
	}
}

// wait returns how long to wait without a hint, if an event is due after some time;
// a negative time if none is. Another replica may be delivering what is due.
func (w *worker) wait(due time.Duration) time.Duration {
	if due < 0 {
		return w.opts.Sweep
	}
	return min(max(due, w.opts.Gather), w.opts.Sweep)
}

// errManyFailed is returned if so many events in a row could not be delivered
// that the events are probably not the cause.
var errManyFailed = errors.New("many events could not be delivered")

// sleep waits for d, or until ctx ends.
func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// deliverAll delivers what is queued and due. It starts no transaction after the given
// time, but one at least, and one for a dead event. What is added meanwhile waits for the next call, so that under
// load, too, many events share a transaction. It returns how long until an event is due
// again; a negative time if none is. After many failures it is errManyFailed.
func (w *worker) deliverAll(ctx context.Context, within time.Duration) (time.Duration, error) {
	end := time.Now().Add(within)
	for failures := 0; ; {
		more, failed, err := w.walkQueue(ctx, end, failuresAtOnce-failures)
		if err != nil {
			return 0, err
		}
		if failures += failed; failures >= failuresAtOnce {
			return 0, errManyFailed
		}
		if !more {
			break
		}
		if !time.Now().Before(end) {
			_, err := w.deliverDead(ctx) // which would wait as long as there is load otherwise
			return 0, err
		}
	}
	for {
		due, err := w.q.NextRetry(ctx, w.Name)
		if err != nil || due != 0 {
			return time.Duration(due) * time.Millisecond, err
		}
		if found, err := w.deliverDead(ctx); err != nil || !found {
			return 0, err
		}
	}
}

// walkQueue visits the tickets in the queue from the last one on. After the end, and after
// maxFailed failures, it stops. It reports whether there may be more events that are due, and
// how many events failed.
func (w *worker) walkQueue(ctx context.Context, end time.Time, maxFailed int) (more bool, failed int, err error) {
	more = w.after > 0 // those before it
	for failed < maxFailed {
		if err := ctx.Err(); err != nil {
			return more, failed, err
		}
		found, err := w.q.FindQueuedTickets(ctx, db.FindQueuedTicketsParams{Consumer: w.Name, After: w.after, Max: ticketsAtOnce})
		if err != nil {
			return more, failed, err
		}
		if len(found) == 0 {
			w.after = 0
			return more, failed, nil
		}
		w.after = found[len(found)-1].ID
		found = slices.DeleteFunc(found, func(r db.FindQueuedTicketsRow) bool { return r.Gone })
		ids := make([]int64, len(found))
		for i, r := range found {
			ids[i] = r.ID
		}
		rest, bad, err := w.deliverTickets(ctx, ids, maxFailed-failed)
		more, failed = more || rest, failed+bad
		if err != nil {
			return more, failed, err
		}
		if !time.Now().Before(end) {
			return true, failed, nil
		}
	}
	return more, failed, nil
}

// deliverTickets delivers events of tickets in one transaction. If that fails, the
// next event of each ticket gets a transaction of its own, so that the event that
// cannot be delivered is found and the others are not held up.
func (w *worker) deliverTickets(ctx context.Context, ids []int64, maxFailed int) (more bool, failed int, err error) {
	d := w.deliver(ctx, ids, eventsAtOnce)
	if d.err == nil || d.isWhole() {
		return d.isFull(eventsAtOnce), 0, d.err
	}
	for _, id := range ids {
		if ctx.Err() != nil || failed == maxFailed {
			return more, failed, ctx.Err()
		}
		d := w.deliver(ctx, []int64{id}, 1)
		switch {
		case d.err == nil:
			more = more || len(d.events) > 0
		case d.isWhole():
			return more, failed, d.err
		default:
			failed++
			if err := w.countTry(ctx, d); err != nil {
				return more, failed, err
			}
			more = true // the event was set aside, or is not due
		}
	}
	return more, failed, nil
}
