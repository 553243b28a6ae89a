package outbox

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
)

// deliverDead delivers one dead event that an operator has requested again. It reports
// whether there was one. Later events of its ticket were delivered before.
func (w *worker) deliverDead(ctx context.Context) (found bool, err error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), deliveryTime)
	defer cancel()
	var dead db.ClaimDeadEventRow
	var event Event
	err = db.InTx(ctx, w.pool, func(tx pgx.Tx) (err error) {
		q := w.q.WithTx(tx)
		if dead, err = q.ClaimDeadEvent(ctx, w.Name); err != nil {
			return err
		}
		event = Event{TicketID: dead.ID, Seq: dead.Seq, Kind: dead.Kind, AuthorID: dead.AuthorID, Side: db.EventSide(dead.Side), Data: dead.Data, CreatedAt: dead.CreatedAt}
		if err := w.consume(ctx, tx, []Event{event}); err != nil {
			return err
		}
		return q.RemoveDeadEvent(ctx, db.RemoveDeadEventParams{Consumer: w.Name, ID: dead.ID, Seq: dead.Seq})
	})
	switch {
	case dead.ID == 0 && errors.Is(err, pgx.ErrNoRows):
		return false, nil
	case dead.ID == 0:
		return false, err
	case err == nil:
		w.opts.Log.Info("dead event delivered", w.attrs(event)...)
		w.committed(ctx, []Event{event})
		return true, nil
	}
	w.logFailure(event, int(dead.Tries)+1, err)
	return true, w.q.CountDeadTry(ctx, db.CountDeadTryParams{Consumer: w.Name, ID: dead.ID, Seq: dead.Seq, Tries: dead.Tries,
		Error: reason(err), MaxTries: int32(w.opts.MaxTries), PauseSeconds: w.opts.Pause.Seconds()})
}

// reason returns the text of an error as the database can keep it: valid UTF-8
// without NUL, at most 1,000 bytes.
func reason(err error) string {
	text := err.Error()
	return strings.ReplaceAll(strings.ToValidUTF8(text[:min(len(text), 1000)], "\ufffd"), "\x00", "\ufffd")
}

// Dead is an event whose last try has failed.
type Dead struct {
	Consumer string
	TicketID int64
	Seq      int64
	Kind     db.EventKind
	Tries    int
	At       time.Time // of the last try
	Error    string
	Retrying bool // an operator has requested it again
}

// ListDead returns at most limit dead events, by consumer, the oldest first.
func ListDead(ctx context.Context, pool *pgxpool.Pool, limit int) ([]Dead, error) {
	rows, err := db.New(pool).ListDeadEvents(ctx, int32(limit))
	if err != nil {
		return nil, fmt.Errorf("list dead events: %w", err)
	}
	out := make([]Dead, len(rows))
	for i, r := range rows {
		out[i] = Dead{Consumer: r.Consumer, TicketID: r.ID, Seq: r.Seq, Kind: r.Kind, Tries: int(r.Tries), At: r.DiedAt, Error: r.Error, Retrying: r.Retrying}
	}
	return out, nil
}

// Which selects dead events. The zero value of a field selects all.
type Which struct {
	Consumer string
	TicketID int64
	Seq      int64
}

// RetryDead requests another delivery of dead events, and returns their number. The replicas
// deliver them after the commit of the transaction of q.
func RetryDead(ctx context.Context, q *db.Queries, which Which) (int, error) {
	n, err := q.RetryDeadEvents(ctx, db.RetryDeadEventsParams{Consumer: which.Consumer, ID: which.TicketID, Seq: which.Seq})
	if err != nil {
		return 0, fmt.Errorf("retry dead events: %w", err)
	}
	if err := q.WakeOutboxes(ctx); err != nil {
		return 0, fmt.Errorf("wake the replicas: %w", err)
	}
	return int(n), nil
}

// State is the progress of a consumer.
type State struct {
	Consumer string
	Queued   int64 // events that are still to be delivered
	Dead     int64 // dead events
}

// States returns the state of each registered consumer, by name.
func States(ctx context.Context, pool *pgxpool.Pool) ([]State, error) {
	rows, err := db.New(pool).OutboxState(ctx)
	if err != nil {
		return nil, fmt.Errorf("read the state of the outbox: %w", err)
	}
	out := make([]State, len(rows))
	for i, r := range rows {
		out[i] = State{Consumer: r.Name, Queued: r.Queued, Dead: r.Dead}
	}
	return out, nil
}
