package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
)

// delivery is one transaction in which events were delivered.
type delivery struct {
	claims []db.ClaimTicketsRow
	events []Event // of all kinds that are queued
	err    error
}

// isWhole reports whether the delivery failed before an event was read, so that no event is the cause.
func (d delivery) isWhole() bool { return d.err != nil && len(d.events) == 0 }

// isFull reports whether a ticket had as many events as are delivered at once.
func (d delivery) isFull(each int) bool {
	count := map[int64]int{}
	for _, e := range d.events {
		if count[e.TicketID]++; count[e.TicketID] == each {
			return true
		}
	}
	return false
}

// deliver claims those of the tickets that no other replica has claimed, and
// delivers at most each events of each, in one transaction.
func (w *worker) deliver(ctx context.Context, ids []int64, each int) (d delivery) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliveryTime)
	defer cancel()
	ctx, end := w.opts.Trace(ctx, w.Name)
	defer func() { end(d.events, d.err) }()
	d.err = db.InTx(ctx, w.pool, func(tx pgx.Tx) (err error) {
		q := w.q.WithTx(tx)
		if d.claims, err = q.ClaimTickets(ctx, db.ClaimTicketsParams{Consumer: w.Name, Tickets: ids}); err != nil || len(d.claims) == 0 {
			return err
		}
		if d.events, err = w.read(ctx, q, d.claims, each); err != nil || len(d.events) == 0 {
			return err
		}
		if err := w.consume(ctx, tx, d.events); err != nil {
			return err
		}
		return q.AdvancePositions(ctx, w.positions(d.events))
	})
	if d.err == nil {
		w.logDelivered(ctx, d.events)
		w.committed(ctx, d.events)
	}
	return d
}

// read reads events that follow claimed positions.
func (w *worker) read(ctx context.Context, q *db.Queries, claims []db.ClaimTicketsRow, each int) ([]Event, error) {
	in := db.QueuedEventsParams{Consumer: w.Name, Each: int32(each)}
	for _, c := range claims {
		in.Tickets, in.After = append(in.Tickets, c.ID), append(in.After, c.Seq)
	}
	rows, err := q.QueuedEvents(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("read events: %w", err)
	}
	events := make([]Event, len(rows))
	for i, r := range rows {
		events[i] = Event{TicketID: r.ID, Seq: r.Seq, Kind: r.Kind, AuthorID: r.AuthorID, Side: db.EventSide(r.Side), Data: r.Data, CreatedAt: r.CreatedAt}
	}
	return events, nil
}

// consume calls the consumer. A panic in it is an error as any other.
func (w *worker) consume(ctx context.Context, tx pgx.Tx, events []Event) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	if events = w.wanted(events); len(events) == 0 {
		return nil
	}
	return w.Deliver(ctx, tx, events)
}

// wanted returns the events of the consumer's kinds. A replica of another version
// may have registered it for more.
func (w *worker) wanted(events []Event) []Event {
	return slices.DeleteFunc(slices.Clone(events), func(e Event) bool { return !slices.Contains(w.Kinds, e.Kind) })
}

func (w *worker) committed(ctx context.Context, events []Event) {
	events = w.wanted(events)
	if w.Committed == nil || len(events) == 0 {
		return
	}
	if err := w.Committed(ctx, events); err != nil {
		w.opts.Log.Warn("outbox follow-up failed", append(w.attrs(events[0]), "events", len(events), "error", err)...)
	}
}

// positions returns the positions after events, which are in order per ticket.
func (w *worker) positions(events []Event) db.AdvancePositionsParams {
	p := db.AdvancePositionsParams{Consumer: w.Name}
	for i, e := range events {
		if i+1 == len(events) || events[i+1].TicketID != e.TicketID {
			p.Tickets, p.Seqs = append(p.Tickets, e.TicketID), append(p.Seqs, e.Seq)
		}
	}
	return p
}

// countTry counts the failed delivery of one event, and sets the event aside after
// the last try. It does nothing if another replica has dealt with the event.
func (w *worker) countTry(ctx context.Context, d delivery) error {
	claim, event, tries := d.claims[0], d.events[0], int32(0)
	err := db.InTx(ctx, w.pool, func(tx pgx.Tx) (err error) {
		q := w.q.WithTx(tx)
		tries, err = q.CountTry(ctx, db.CountTryParams{ID: claim.ID, Consumer: w.Name, Seq: claim.Seq, Tries: claim.Tries, PauseSeconds: w.opts.Pause.Seconds()})
		if err != nil || int(tries) < w.opts.MaxTries {
			return err
		}
		err = q.AddDeadEvent(ctx, db.AddDeadEventParams{Consumer: w.Name, ID: event.TicketID, Seq: event.Seq, Error: reason(d.err), Tries: tries})
		if err != nil {
			return err
		}
		return q.AdvancePositions(ctx, w.positions(d.events))
	})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return nil
	case err != nil:
		return fmt.Errorf("count a failed delivery: %w", err)
	}
	w.logFailure(event, int(tries), d.err)
	return nil
}

// attrs returns the attributes of a log entry about an event. Request ids are not stored;
// find the request in the log by author, ticket and time.
func (w *worker) attrs(e Event) []any {
	return []any{"consumer", w.Name, "ticket", e.TicketID, "seq", e.Seq, "kind", e.Kind, "author", e.AuthorID, "written", e.CreatedAt}
}

// logDelivered logs delivered events at DEBUG.
func (w *worker) logDelivered(ctx context.Context, events []Event) {
	if !w.opts.Log.Enabled(ctx, slog.LevelDebug) {
		return
	}
	for _, e := range w.wanted(events) {
		w.opts.Log.DebugContext(ctx, "event delivered", w.attrs(e)...)
	}
}

func (w *worker) logFailure(e Event, tries int, cause error) {
	attrs := append(w.attrs(e), "tries", tries, "error", cause)
	if tries < w.opts.MaxTries {
		w.opts.Log.Warn("event delivery failed", attrs...)
		return
	}
	w.opts.Log.Error("event dead-lettered", attrs...)
}
