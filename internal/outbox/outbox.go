// Package outbox delivers the committed events of tickets' logs to consumers, each
// event once and in order per ticket, on any number of replicas. A consumer produces
// effects of an event that are not part of the transaction that writes it. docs/outbox.md
// says how to add one.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
)

// Event is one entry of a ticket's log.
type Event struct {
	TicketID  int64
	Seq       int64
	Kind      db.EventKind
	AuthorID  int64
	Side      db.EventSide // of the author; "" if none is stored
	Data      []byte       // a JSON object
	CreatedAt time.Time
}

// Consumer gets events. One that is registered for the first time gets those that
// are written from then on.
type Consumer struct {
	// Name is the key of the consumer's positions in the database.
	Name string
	// Kinds are the kinds of events that Deliver is called with.
	Kinds []db.EventKind
	// Unregistered is true for a consumer that [Outbox.Register] leaves out: its owner registers it
	// while it needs events.
	Unregistered bool
	// Deliver handles events, in order per ticket. What it writes with tx commits
	// together with the consumer's position. After an error all of it is rolled back
	// and the events are delivered again, so that effects outside of tx may happen twice.
	Deliver func(ctx context.Context, tx pgx.Tx, events []Event) error
	// Committed, if not nil, is called with the same events after the commit. It is
	// not called again if it fails, or if the process ends before.
	Committed func(ctx context.Context, events []Event) error
}

// Register makes the consumer known to the database: from now on its events are queued.
func (c Consumer) Register(ctx context.Context, q *db.Queries) error {
	kinds := make([]string, len(c.Kinds))
	for i, k := range c.Kinds {
		kinds[i] = string(k)
	}
	if err := q.RegisterConsumer(ctx, db.RegisterConsumerParams{Name: c.Name, Kinds: kinds}); err != nil {
		return fmt.Errorf("register consumer %s: %w", c.Name, err)
	}
	return nil
}

// Options change how an [Outbox] works. The zero value of a field means its default.
type Options struct {
	Pause    time.Duration // before the second try of an event; doubled for each further one; 1 s
	Sweep    time.Duration // how often the queue is read without a hint; 30 s
	Gather   time.Duration // the shortest time between two deliveries that hints cause, so that events share a transaction; 1 s
	MaxTries int           // tries after which an event is dead; 10
	Log      *slog.Logger

	// Trace is called before each transaction of deliveries to a consumer. It returns the
	// context of the transaction, and a function that is called at its end.
	Trace func(ctx context.Context, consumer string) (context.Context, func(delivered []Event, err error))
}

func (o Options) withDefaults() Options {
	if o.Pause == 0 {
		o.Pause = time.Second
	}
	if o.Sweep == 0 {
		o.Sweep = 30 * time.Second
	}
	if o.Gather == 0 {
		o.Gather = time.Second
	}
	if o.MaxTries == 0 {
		o.MaxTries = 10
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Trace == nil {
		o.Trace = func(ctx context.Context, _ string) (context.Context, func([]Event, error)) {
			return ctx, func([]Event, error) {}
		}
	}
	return o
}

// Outbox delivers events to the consumers of one replica.
type Outbox struct {
	pool    *pgxpool.Pool
	opts    Options
	workers []*worker
}

// New returns an outbox for a migrated database. It does nothing before [Outbox.Run].
func New(pool *pgxpool.Pool, opts Options, consumers ...Consumer) *Outbox {
	o := &Outbox{pool: pool, opts: opts.withDefaults()}
	for _, c := range consumers {
		o.workers = append(o.workers, &worker{Consumer: c, pool: pool, q: db.New(pool), opts: o.opts, wake: make(chan struct{}, 1)})
	}
	return o
}

// Wake is a hint that there may be new events. It never blocks.
func (o *Outbox) Wake() {
	for _, w := range o.workers {
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// Register registers the consumers that are not left out, see [Consumer.Register].
func (o *Outbox) Register(ctx context.Context) error {
	for _, w := range o.workers {
		if w.Unregistered {
			continue
		}
		if err := w.Register(ctx, w.q); err != nil {
			return err
		}
	}
	return nil
}

// Drain delivers the events that are queued and due, and returns. An event that
// fails is no error: it stays queued.
func (o *Outbox) Drain(ctx context.Context) error {
	for _, w := range o.workers {
		if _, err := w.deliverAll(ctx, math.MaxInt64); err != nil && !errors.Is(err, errManyFailed) {
			return fmt.Errorf("deliver to %s: %w", w.Name, err)
		}
	}
	return nil
}

// Run delivers events until ctx ends. A delivery that is under way then is
// completed first. [Outbox.Register] must have been called.
func (o *Outbox) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, w := range o.workers {
		all.Go(func() { w.run(ctx) })
	}
	all.Wait()
}
