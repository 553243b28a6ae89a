package main

import (
	"context"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/outbox"
)

// newOutbox returns the outbox with all consumers of the program, and registers them in the
// database.
func (a *app) newOutbox(ctx context.Context) (*outbox.Outbox, error) {
	opts := outbox.Options{Log: a.log, Trace: a.traceDelivery}
	if a.sendsMessages() {
		opts.Sweep = 2 * time.Second // because NATS can lose a hint
	}
	o := outbox.New(a.pool, opts, append(a.desk.Notifications.Consumers(), a.desk.Mail.Consumer())...)
	return o, o.Register(ctx)
}

// OutboxCmd shows and repairs the delivery of events.
type OutboxCmd struct {
	Status OutboxStatusCmd `cmd:"" help:"Print the number of queued and dead events of each consumer."`
	List   OutboxListCmd   `cmd:"" help:"Print dead events with their last error."`
	Retry  OutboxRetryCmd  `cmd:"" help:"Deliver dead events again."`
}

// OutboxStatusCmd prints the state of each consumer.
type OutboxStatusCmd struct{}

// Run prints one consumer per line, its fields separated by tabs.
func (OutboxStatusCmd) Run(ctx context.Context, cfg *Config) error {
	return withApp(ctx, cfg, changing, func(a *app) error {
		states, err := outbox.States(ctx, a.pool)
		for _, s := range states {
			fmt.Printf("%s\t%d queued\t%d dead\n", s.Consumer, s.Queued, s.Dead)
		}
		return err
	})
}

// OutboxListCmd prints dead events.
type OutboxListCmd struct {
	Limit int `help:"Maximum number of events." default:"100"`
}

// Run prints one event per line, its fields separated by tabs.
func (c OutboxListCmd) Run(ctx context.Context, cfg *Config) error {
	return withApp(ctx, cfg, changing, func(a *app) error {
		dead, err := outbox.ListDead(ctx, a.pool, c.Limit)
		for _, d := range dead {
			fmt.Printf("%s\tticket %d\tseq %d\t%s\t%s\t%s\n", d.Consumer, d.TicketID, d.Seq, d.Kind, d.At.Format("2006-01-02 15:04:05 MST"), printable(d.Error))
		}
		return err
	})
}

// OutboxRetryCmd requests another delivery of dead events.
type OutboxRetryCmd struct {
	Consumer string `help:"Only events of this consumer."`
	Ticket   int64  `help:"Only events of this ticket."`
	Seq      int64  `help:"Only the event with this sequence number in its ticket."`
}

// Run marks the events and wakes the replicas that run.
func (c OutboxRetryCmd) Run(ctx context.Context, cfg *Config) error {
	return withApp(ctx, cfg, changing, func(a *app) error {
		which := outbox.Which{Consumer: c.Consumer, TicketID: c.Ticket, Seq: c.Seq}
		n := 0
		err := db.Tx(ctx, a.pool, func(q *db.Queries) (err error) {
			n, err = outbox.RetryDead(ctx, q, which)
			return err
		})
		if err != nil {
			return err
		}
		fmt.Printf("Events that will be delivered again as soon as the desk runs: %d\n", n)
		return nil
	})
}

// withApp runs do on the desk, which may be served by another process meanwhile.
func withApp(ctx context.Context, cfg *Config, m mode, do func(*app) error) error {
	a, err := open(ctx, cfg, m)
	if err != nil {
		return err
	}
	defer a.close()
	return do(a)
}
