// Package live keeps sockets current: it fans out what is new in a topic to
// those who follow it, each from the place where they stand. It knows topics
// and bytes; what they mean is told by the functions of [Options].
//
// A topic is a log with places 1, 2, 3…; a socket stands at one of them and gets
// everything that follows, in order, once. Nothing is kept here for slow
// readers: a socket whose queue is full is passed over and reads on from its
// place later, so that a reader that hangs costs a few frames and no more.
package live

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// Bus carries wake-ups between replicas. A message that was sent while nobody
// listened is lost: it says that something happened, and never what.
type Bus interface {
	// Listen calls hear for every message, in one order for all, until ctx ends, and
	// begun whenever it begins anew: anything may have been missed before.
	Listen(ctx context.Context, begun func(), hear func(message string))
	// Publish sends to all replicas, this one too.
	Publish(ctx context.Context, message string) error
}

// Options are what a [Hub] is made of.
type Options struct {
	Bus Bus
	// Receive is called for each message of the bus.
	Receive func(message string)
	// News reads what followed each of the places.
	News func(ctx context.Context, wants []Range) ([]News, error)
	// Check tells which members may still follow their topics.
	Check func(ctx context.Context, members []Member) ([]Verdict, error)
	Log   *slog.Logger
}

// Member is somebody who follows a topic. Who is whatever the maker of the
// socket said; the functions of [Options] get it back.
type Member struct {
	Topic    string
	Follower any
}

// Range is a batch of a topic's log: what follows After, up to Upto.
type Range struct {
	Topic       string
	After, Upto int64
}

// News is what followed a place.
type News struct {
	To   int64 // the place after it; that of the [Range] where nothing followed
	More bool  // there is more up to Upto
	Gone bool  // the topic is no more
	// Draw renders it for one member. Members who see the same get the same [Frame],
	// so that it is rendered and encoded once.
	Draw func(follower any) *Frame
}

// Verdict is whether a member may still follow its topic: Close is 0, or the
// code to close its socket with. Last is the topic's last place.
type Verdict struct {
	Close int
	Last  int64
}

// Close codes of our own (RFC 6455 leaves 4000 to 4999 to applications). Both
// are final: a client must not come back by itself.
const (
	CloseSignedOut = 4401
	CloseGone      = 4404
)

// Frame is one text message or several, encoded once for any number of sockets.
type Frame struct{ messages []*websocket.PreparedMessage }

// NewFrame makes a frame of texts that go one after the other.
func NewFrame(texts ...[]byte) *Frame {
	f := &Frame{}
	for _, text := range texts {
		m, err := websocket.NewPreparedMessage(websocket.TextMessage, text)
		if err != nil {
			panic(err) // text alone cannot fail
		}
		f.messages = append(f.messages, m)
	}
	return f
}

// Hub has the sockets of this replica.
type Hub struct {
	opts Options
	work chan struct{} // contains a token where a topic is marked
	test chan struct{} // contains a token where a socket is held

	writers atomic.Int64 // goroutines that write to a socket

	mu      sync.Mutex
	topics  map[string]*topic
	marked  map[*topic]struct{} // topics whose sockets may be behind
	sockets map[*Socket]struct{}
	users   map[int64]int  // sockets a user
	addrs   map[string]int // sockets an address of the network
	checked time.Time      // when the rights of all were last looked at
	closed  bool
}

// topic is what some sockets of this replica follow.
type topic struct {
	name    string
	last    int64 // how far its log is known to go
	sockets []*Socket
	busy    bool // what is new is being read or delivered
}

// New makes a hub. It does nothing before [Hub.Run].
func New(opts Options) *Hub {
	return &Hub{
		opts: opts, work: make(chan struct{}, 1), test: make(chan struct{}, 1),
		topics: map[string]*topic{}, marked: map[*topic]struct{}{}, sockets: map[*Socket]struct{}{},
		users: map[int64]int{}, addrs: map[string]int{},
	}
}

// Run follows the bus and serves the sockets until ctx ends.
func (h *Hub) Run(ctx context.Context) {
	var all sync.WaitGroup
	all.Go(func() { h.opts.Bus.Listen(ctx, h.pauseAll, h.opts.Receive) })
	all.Go(func() { h.pump(ctx) })
	all.Go(func() { h.runChecks(ctx) })
	all.Go(func() { h.runPings(ctx) })
	all.Wait()
}

const restarts = "the desk restarts"

// Close closes every socket with 1012 (service restart), and lets no new ones in.
func (h *Hub) Close() {
	h.mu.Lock()
	h.closed = true
	open := make([]*Socket, 0, len(h.sockets))
	for s := range h.sockets {
		open = append(open, s)
	}
	h.mu.Unlock()
	var all sync.WaitGroup
	for _, s := range open {
		all.Go(func() { s.close(websocket.CloseServiceRestart, restarts) })
	}
	all.Wait()
}

// Wake says that a topic's log goes as far as last by now.
func (h *Hub) Wake(name string, last int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[name]; t != nil && last > t.last {
		t.last = last
		h.mark(t)
	}
}

// Follows reports whether anybody here follows a topic.
func (h *Hub) Follows(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.topics[name] != nil
}

// Last returns how far a topic's log is known to go, 0 if nobody follows it here.
func (h *Hub) Last(name string) int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	if t := h.topics[name]; t != nil {
		return t.last
	}
	return 0
}

// mark has the pump look at the topic. The lock is held.
func (h *Hub) mark(t *topic) {
	h.marked[t] = struct{}{}
	signal(h.work)
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Tell draws a passing word for everybody who follows a topic. It has no place in
// the log: who is behind or away misses it.
func (h *Hub) Send(name string, draw func(follower any) *Frame) {
	h.mu.Lock()
	var to []*Socket
	if t := h.topics[name]; t != nil {
		for _, s := range t.sockets {
			if !s.paused {
				to = append(to, s)
			}
		}
	}
	h.mu.Unlock()
	for _, s := range to {
		if f := draw(s.follower); f != nil {
			s.push(f, signalRoom)
		}
	}
}

// Publish sends a message to every replica.
func (h *Hub) Publish(ctx context.Context, message string) {
	in, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if err := h.opts.Bus.Publish(in, message); err != nil && ctx.Err() == nil {
		h.opts.Log.Warn("publish", "error", err)
	}
}
