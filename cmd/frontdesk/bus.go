package main

import (
	"context"
	"fmt"
	"strings"

	"frontdesk/db"
	"frontdesk/internal/bus"
	"frontdesk/internal/live"
)

// checkNATS returns an error for a NATS_URL that cannot work.
func (c *Config) checkNATS() error {
	if c.NATSURL == "" {
		return nil
	}
	return bus.CheckURL(c.NATSURL)
}

// sendsMessages reports whether this process sends the messages between replicas by NATS. Commands
// send theirs by NOTIFY, which all replicas receive.
func (a *app) sendsMessages() bool { return a.cfg.NATSURL != "" && a.mode == serving }

// poolOptions returns the options of the pool of connections.
func (a *app) poolOptions() []db.Option {
	options := []db.Option{db.Observer(a.observeStatement)}
	if a.mode.joins() { // a command, which ends soon
		options = append(options, db.OnDemand)
	}
	if a.sendsMessages() {
		options = append(options, db.Committed(a.committed))
	}
	return options
}

// committed sends the messages of a transaction to the other replicas. Those that are committed
// before the server begins are not sent.
func (a *app) committed(messages []string) {
	if b := a.nats.Load(); b != nil {
		b.Send(messages)
	}
}

// newBus returns the bus of NATS_URL, or that of the database. instance is part of the subject, so
// that several desks can use the same NATS.
func (a *app) newBus(instance string) live.Bus {
	database := db.NewBus(a.direct, a.log)
	if !a.sendsMessages() {
		return database
	}
	b := bus.New(bus.Options{URL: a.cfg.NATSURL, Subject: "frontdesk." + instance, Database: database, Log: a.log})
	a.nats.Store(b)
	return b
}

// examineNATS returns an error if NATS cannot be reached: that of the bus of a running desk, and
// for a command that of a new connection.
func (a *app) examineNATS(ctx context.Context) error {
	b := a.nats.Load()
	if b == nil {
		return bus.Check(ctx, a.cfg.NATSURL)
	}
	switch now := b.State(); {
	case now.Connected:
		return nil
	case now.Err == nil:
		return fmt.Errorf("not connected since %s", now.Since.UTC().Format("15:04:05 MST"))
	default:
		return fmt.Errorf("%w, since %s", now.Err, now.Since.UTC().Format("15:04:05 MST"))
	}
}

// hintingBus is the bus of the replicas. It calls hint when events may be new.
type hintingBus struct {
	live.Bus
	hint func()
}

// retryHint is the message that wakes the outboxes of all replicas.
const retryHint = "o"

// Listen implements [live.Bus]. It also calls hint for a new entry in a ticket's log (messages
// t and i, see migration 00052), for events to be retried, and when messages may have been missed.
func (b hintingBus) Listen(ctx context.Context, begun func(), receive func(message string)) {
	b.Bus.Listen(ctx, func() { b.hint(); begun() }, func(message string) {
		switch kind, _, _ := strings.Cut(message, " "); kind {
		case "t", "i", retryHint, bus.Missed:
			b.hint()
		}
		receive(message)
	})
}
