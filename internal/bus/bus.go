// Package bus carries wake-ups between replicas by NATS, with PostgreSQL's NOTIFY in its place
// while NATS cannot be reached. It does not interpret the messages.
//
// A message that is published while a connection breaks can be lost. So messages only announce
// what the database has: the receivers read it from time to time even without a message.
package bus

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
)

// Database sends messages by NOTIFY of PostgreSQL.
type Database interface {
	// Listen calls receive for each message until ctx ends, and begun each time that it connects:
	// messages may have been missed before.
	Listen(ctx context.Context, begun func(), receive func(message string))
	// ListenBeside is Listen for a replica that is connected to NATS.
	ListenBeside(ctx context.Context, begun func(), receive func(message string))
	// PublishAll sends messages to all that listen, including this replica.
	PublishAll(ctx context.Context, messages []string) error
	// HasListeners reports whether there are replicas that use Listen, and not ListenBeside.
	HasListeners(ctx context.Context) (bool, error)
}

// Missed is the message that this package passes to the receiver if messages may have been lost
// that cannot be found in the log of a ticket.
const Missed = "l"

// Options configure a [Bus]. All fields are required.
type Options struct {
	URL      string // of one or more NATS servers, see [CheckURL]
	Subject  string // of all messages; another desk on the same servers has another one
	Database Database
	Log      *slog.Logger
}

// Bus is a live.Bus. Messages of this replica are received at once.
type Bus struct {
	opts         Options
	toNATS       *batcher
	toDatabase   *batcher
	conn         atomic.Pointer[nats.Conn] // nil before the first connection
	subscription *nats.Subscription        // set before conn
	bridging     atomic.Bool               // other replicas get messages by NOTIFY only
	changed      chan struct{}             // contains a token if NATS was connected or lost since the last LISTEN

	mu      sync.Mutex // held while a message is received, so that there is one at a time
	begun   func()     // nil before [Bus.Listen]
	receive func(message string)

	state state
}

// New returns a bus that connects when [Bus.Listen] is called.
func New(opts Options) *Bus {
	b := &Bus{opts: opts, changed: make(chan struct{}, 1)}
	b.state.since = time.Now()
	b.toNATS = newBatcher(b.sendNATS)
	b.toDatabase = newBatcher(b.sendDatabase)
	return b
}

// Publish sends a message to all replicas, including this one. It does not wait for them.
func (b *Bus) Publish(_ context.Context, message string) error {
	b.Send([]string{message})
	return nil
}

// Send sends messages to all replicas, including this one. It does not wait.
func (b *Bus) Send(messages []string) {
	for _, m := range messages {
		b.deliver(m)
	}
	b.toNATS.add(messages)
}

// Listen calls receive for every message until ctx ends, one at a time. Those of one replica
// arrive in their order. It calls begun whenever messages may have been missed: each time it
// connects to NATS or to the database, and when NATS is lost. Listen can be called once.
func (b *Bus) Listen(ctx context.Context, begun func(), receive func(message string)) {
	b.mu.Lock()
	b.begun, b.receive = begun, receive
	b.mu.Unlock()
	var all sync.WaitGroup
	all.Go(func() { b.connect(ctx) })
	all.Go(func() { b.listenDatabase(ctx) })
	all.Go(func() { b.lookForListeners(ctx) })
	all.Go(func() { b.toNATS.run(ctx) })
	all.Go(func() { b.toDatabase.run(ctx) })
	all.Wait()
	b.toDatabase.sendWaiting(ctx)
}

// deliver passes a message to the receiver.
func (b *Bus) deliver(message string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.receive != nil {
		b.receive(message)
	}
}

// readAgain makes the receiver read everything again, because messages may have been missed.
func (b *Bus) readAgain() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.receive != nil {
		b.state.rereads.Add(1)
		b.begun()
		b.receive(Missed)
	}
}

// sendNATS publishes messages by NATS, or by NOTIFY if NATS is not connected. While other
// replicas get messages by NOTIFY only, it does both.
func (b *Bus) sendNATS(_ context.Context, messages []string) {
	conn := b.conn.Load()
	err := errNotConnected
	if conn != nil && b.State().Connected {
		err = publish(conn, b.opts.Subject, messages)
	}
	if err != nil || b.bridging.Load() {
		b.toDatabase.add(messages)
	}
	if err == nil {
		b.state.byNATS.Add(int64(len(messages)))
	}
}

var errNotConnected = errors.New("NATS is not connected")

// databaseTime is the time limit of a NOTIFY.
const databaseTime = 2 * time.Second

// sendDatabase publishes messages by NOTIFY. A failure loses them: the receivers read what they
// announce after some time.
func (b *Bus) sendDatabase(ctx context.Context, messages []string) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), databaseTime)
	defer cancel()
	if err := b.opts.Database.PublishAll(ctx, messages); err != nil {
		b.opts.Log.Warn("publishing to replicas failed", "by", "NOTIFY", "messages", len(messages), "error", err)
		return
	}
	b.state.byNotify.Add(int64(len(messages)))
}

// listenDatabase receives the messages of programs that send them by NOTIFY. The way in which it
// listens shows the other replicas whether this one gets their messages by NATS.
func (b *Bus) listenDatabase(ctx context.Context) {
	for ctx.Err() == nil {
		during, stop := context.WithCancel(ctx)
		listen := b.opts.Database.Listen
		if b.State().Connected {
			listen = b.opts.Database.ListenBeside
		}
		done := make(chan struct{})
		go func() { listen(during, b.readAgain, b.deliver); close(done) }()
		select {
		case <-ctx.Done():
		case <-b.changed:
		}
		stop()
		<-done
	}
}

// lookEvery is how often a bus looks for replicas that get messages by NOTIFY only.
const lookEvery = 2 * time.Second

// lookForListeners keeps bridging current until ctx ends.
func (b *Bus) lookForListeners(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		in, cancel := context.WithTimeout(ctx, databaseTime)
		found, err := b.opts.Database.HasListeners(in)
		cancel()
		if err == nil && b.bridging.Swap(found) != found {
			b.opts.Log.Info("bridge to NOTIFY switched", "on", found, "reason", "replicas that are not connected to NATS")
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
