// Package live delivers the new entries of topics to the WebSockets that subscribe to
// them. It handles topics and bytes only; the functions of [Options] read and
// render the entries.
//
// A topic is a log with the sequence numbers 1, 2, 3… Each socket has a position in
// the log and receives every later entry, once and in order. Entries are not buffered
// for slow clients: a socket with a full queue is skipped and continues from its
// position later, so a client that reads nothing costs a few frames of memory.
package live

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Bus carries wake-ups between replicas. A message is lost for a replica that does
// not listen when it is sent, so messages must only announce changes, not contain them.
type Bus interface {
	// Listen calls receive for every message until ctx ends. All replicas must get the messages in
	// the order of the commits; otherwise Options.Recovery is required. Listen calls begun after
	// each connect, also the first one, because messages may have been missed before it.
	Listen(ctx context.Context, begun func(), receive func(message string))
	// Publish sends a message to all replicas, including this one.
	Publish(ctx context.Context, message string) error
}

// Options configure a [Hub]. All fields except Resumed and Recovery are required.
type Options struct {
	Bus Bus
	// Receive is called for each message of the bus.
	Receive func(message string)
	// Updates reads the entries of each range. The result has one element for each range.
	Updates func(ctx context.Context, ranges []Range) ([]Updates, error)
	// Check returns for each member whether it may still be subscribed to its topic.
	Check func(ctx context.Context, members []Member) ([]CheckResult, error)
	// Resumed is called with the subscribers of sockets that are no longer paused after a
	// check. They may have missed messages of [Hub.Send] and [Hub.SendToUsers]. It must not
	// wait for the database or a client.
	Resumed func(subscribers []any)
	// Recovery is required if the bus can lose messages, or deliver them in another order than
	// that of the commits.
	Recovery *Recovery
	Log      *slog.Logger
}

// Member is a socket's subscriber and topic. Subscriber is the value of [JoinOptions].
type Member struct {
	Topic      string
	Subscriber any
}

// Range is a part of a topic's log: the entries after After, up to and including Upto.
type Range struct {
	Topic       string
	After, Upto int64
}

// Updates are the entries of a [Range], or the first of them.
type Updates struct {
	To   int64 // seq of the last entry; After of the range if there is none
	More bool  // the range has further entries
	Gone bool  // the topic no longer exists
	// Draw renders the entries for one subscriber; nil sends nothing. It should return the
	// same [Frame] to subscribers who see the same, so that it is rendered and encoded once.
	Draw func(subscriber any) *Frame
}

// CheckResult is the result of a check of a member's rights. Close is 0 if the member may
// follow its topic, and otherwise the code to close the socket with. Last is the seq of
// the topic's last entry, read before the rights or together with them.
type CheckResult struct {
	Close int
	Last  int64
}

// Close codes of this application, from the range 4000 to 4999 for private use (RFC 6455,
// 7.4.2). A client must not reconnect after either of them.
const (
	CloseSignedOut = 4401
	CloseGone      = 4404
)

// Frame is one or more text messages for any number of sockets.
type Frame struct {
	texts [][]byte

	// Data is for an [Outlet] other than a socket, which ignores it.
	Data any
}

// NewFrame returns a frame that sends each of the texts as a message, in order. The texts must
// not change afterwards.
func NewFrame(texts ...[]byte) *Frame { return &Frame{texts: texts} }

// Hub delivers topics to the sockets of this replica.
type Hub struct {
	opts      Options
	work      chan struct{} // contains a token if a topic is marked
	checkSoon chan struct{} // contains a token if a socket is paused

	writers atomic.Int64 // number of goroutines that write to a socket

	recalling sync.Mutex // see [Hub.recall]

	mu     sync.Mutex
	topics map[string]*topic
	marked map[*topic]struct{} // topics whose subscriptions may be behind
	all    map[*Subscription]struct{}
	users  map[userGroup]int // number of connections
	addrs  map[addrGroup]int // number of connections per network address
	closed bool
}

// topic is a topic with at least one subscription in this replica.
type topic struct {
	name string
	last int64 // seq of the last entry that may be delivered
	subs []*Subscription
	busy bool                          // its entries are being read or delivered
	next []func(subscriber any) *Frame // what to send when it is no longer busy, see [Hub.SendInOrder]
}

// New returns a hub. It delivers nothing until [Hub.Run] is called.
func New(opts Options) *Hub {
	return &Hub{
		opts: opts, work: make(chan struct{}, 1), checkSoon: make(chan struct{}, 1),
		topics: map[string]*topic{}, marked: map[*topic]struct{}{}, all: map[*Subscription]struct{}{},
		users: map[userGroup]int{}, addrs: map[addrGroup]int{},
	}
}

// Run listens to the bus, delivers entries, checks rights and sends pings until ctx ends.
func (h *Hub) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { h.opts.Bus.Listen(ctx, h.pauseAll, h.opts.Receive) })
	all.Go(func() { h.pump(ctx) })
	all.Go(func() { h.runChecks(ctx) })
	all.Go(func() { h.runPings(ctx) })
	if h.opts.Recovery != nil {
		all.Go(func() { h.runRecovery(ctx) })
	}
	all.Wait()
}

const restartReason = "the desk restarts"

// Close closes every subscription with code 1012 (service restart). Later calls of
// [Hub.Join] and [Hub.Admit] return [ErrTooMany].
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	open := make([]*Subscription, 0, len(h.all))
	for s := range h.all {
		open = append(open, s)
	}
	h.mu.Unlock()
	var all sync.WaitGroup
	for _, s := range open {
		all.Go(func() { s.out.Close(websocket.CloseServiceRestart, restartReason) })
	}
	all.Wait()
}

// Wake schedules the delivery of a topic's entries up to the seq last. It does nothing
// if no socket here subscribes to the topic.
func (h *Hub) Wake(name string, last int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[name]; t != nil && last > t.last {
		t.last = last
		h.mark(t)
	}
}

// HasSubscribers reports whether a socket of this replica subscribes to a topic.
func (h *Hub) HasSubscribers(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.topics[name] != nil
}

// Topics returns the topics to which sockets of this replica subscribe.
func (h *Hub) Topics() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Collect(maps.Keys(h.topics))
}

// Last returns the seq of a topic's last known entry, or 0 if no socket here subscribes to the topic.
func (h *Hub) Last(name string) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[name]; t != nil {
		return t.last
	}
	return 0
}

// mark schedules a delivery for the topic. The caller has locked h.mu.
func (h *Hub) mark(t *topic) {
	h.marked[t] = struct{}{}
	signal(h.work)
}

// signal puts a token into c unless it has one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Send sends each socket that subscribes to a topic what draw returns for its subscriber; nil
// sends nothing. Such messages are not in the log: a socket that is behind, paused or
// disconnected does not get them; Options.Resumed is called when it is no longer paused.
func (h *Hub) Send(name string, draw func(subscriber any) *Frame) {
	h.mu.Lock()
	var to []*Subscription
	if t := h.topics[name]; t != nil {
		for _, s := range t.subs {
			if !s.paused {
				to = append(to, s)
			}
		}
	}
	h.mu.Unlock()
	for _, s := range to {
		if f := draw(s.subscriber); f != nil {
			s.out.Push(f, Signal)
		}
	}
}

// SendInOrder is [Hub.Send], but waits for the entries that are being read or delivered, because
// they may show the state that draw replaces.
func (h *Hub) SendInOrder(name string, draw func(subscriber any) *Frame) {
	h.mu.Lock()
	t := h.topics[name]
	waits := t != nil && t.busy
	if waits {
		t.next = append(t.next, draw)
	}
	h.mu.Unlock()
	if !waits {
		h.Send(name, draw)
	}
}

// Publish sends a message to every replica. It takes at most 2 seconds; a failure is logged.
func (h *Hub) Publish(ctx context.Context, message string) {
	in, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := h.opts.Bus.Publish(in, message); err != nil && ctx.Err() == nil {
		h.opts.Log.Warn("publishing to replicas failed", "error", err)
	}
}
