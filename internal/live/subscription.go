package live

import (
	"time"

	"github.com/gorilla/websocket"
)

// Outlet is the connection of a subscription, which queues what the hub sends. A [Socket]
// is one. Its methods must not wait for the client.
type Outlet interface {
	// Push queues a frame. It returns false if it has no room, or is closed.
	Push(f *Frame, k Kind) bool
	// IsFull reports whether there is no room for entries. After it has returned true, and after
	// Push has refused entries, the outlet must call [Subscription.Drained] when its queue is
	// empty.
	IsFull() bool
	// Close is called when the subscription ends, with a close code and the reason:
	// [CloseSignedOut], [CloseGone] or 1012 (service restart).
	Close(code int, reason string)
}

// Kind is the kind of content of a frame.
type Kind int

const (
	Entries Kind = iota // entries of the log, which wait in the log if there is no room
	Signal              // a message outside the log, which is dropped if there is no room
)

// SubscribeOptions describe a new subscription.
type SubscribeOptions struct {
	Topic      string
	After      int64 // entries after this seq are sent
	Last       int64 // seq of the last entry when the right to read the topic was checked
	Subscriber any   // passed to the functions of [Options] and to Draw
	User       int64 // subscriptions are paused by user
}

// Subscription is a position in the log of a topic. The hub sends the entries after it to
// an outlet.
type Subscription struct {
	hub        *Hub
	out        Outlet
	subscriber any
	user       int64

	// Protected by hub.mu. index is the index of the subscription in topic.subs.
	topic  *topic
	index  int
	seq    int64 // seq of the last entry that was sent or queued; changed only by the delivery of its topic
	paused bool  // nothing is delivered until its rights have been checked
	pauses int   // how often it was paused

	checked time.Time // when the last check of its rights began that found them valid; protected by hub.mu
}

// Subscribe returns a new subscription, to which entries are sent until
// [Subscription.Leave]. An outlet may have several.
func (h *Hub) Subscribe(out Outlet, o SubscribeOptions) *Subscription {
	s := &Subscription{}
	h.subscribe(s, out, o)
	return s
}

// subscribe adds s to its topic. If others are subscribed to the topic, its last seq stays the one
// that the bus has announced: see [Hub.Pause].
func (h *Hub) subscribe(s *Subscription, out Outlet, o SubscribeOptions) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[o.Topic]
	if t == nil {
		t = &topic{name: o.Topic, last: o.Last}
		h.topics[o.Topic] = t
	}
	*s = Subscription{hub: h, out: out, subscriber: o.Subscriber, user: o.User, topic: t, index: len(t.subs), seq: o.After}
	t.subs = append(t.subs, s)
	h.all[s] = struct{}{}
	// The rights may have changed since the caller checked them.
	s.pause()
	signal(h.checkSoon)
	if h.closed { // meanwhile
		go out.Close(websocket.CloseServiceRestart, restartReason)
	}
}

// pause stops the delivery until the rights have been checked. The caller has locked hub.mu.
func (s *Subscription) pause() {
	s.paused = true
	s.pauses++
}

// Leave removes the subscription from the hub. It does nothing if that was done before.
func (s *Subscription) Leave() {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, here := h.all[s]; !here {
		return
	}
	delete(h.all, s)
	t := s.topic
	last := len(t.subs) - 1
	t.subs[s.index] = t.subs[last]
	t.subs[s.index].index = s.index
	t.subs[last] = nil
	t.subs = t.subs[:last]
	if last == 0 {
		delete(h.topics, t.name)
		delete(h.marked, t)
	}
}

// Admission is a connection that is counted.
type Admission struct {
	User    int64  // 0 is not counted
	Group   string // connections are counted by group; the sockets of [Hub.Join] have ""
	PerUser int    // the maximum number of connections of the user in the group on this replica
	Addr    string // a network address; "" is not counted
}

// Subscriptions returns the number of subscriptions.
func (h *Hub) Subscriptions() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.all)
}

// userGroup is the connections of a user in a group, and addrGroup those of a network
// address.
type (
	userGroup struct {
		user  int64
		group string
	}
	addrGroup struct{ addr, group string }
)

// Admit counts a connection until release is called. The error is [ErrTooMany].
func (h *Hub) Admit(a Admission) (release func(), err error) {
	if err := h.admit(a); err != nil {
		return nil, err
	}
	return func() { h.release(a) }, nil
}

// admit is [Hub.Admit]; release undoes it. [Hub.Join] calls it before the handshake, so
// that concurrent handshakes cannot exceed the limits.
func (h *Hub) admit(a Admission) error {
	of, from := userGroup{a.User, a.Group}, addrGroup{a.Addr, a.Group}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || a.User != 0 && h.users[of] >= a.PerUser || a.Addr != "" && h.addrs[from] >= perAddr {
		return ErrTooMany
	}
	if a.User != 0 {
		h.users[of]++
	}
	if a.Addr != "" {
		h.addrs[from]++
	}
	return nil
}

// release undoes admit.
func (h *Hub) release(a Admission) {
	of, from := userGroup{a.User, a.Group}, addrGroup{a.Addr, a.Group}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users[of]--; h.users[of] <= 0 {
		delete(h.users, of)
	}
	if h.addrs[from]--; h.addrs[from] <= 0 {
		delete(h.addrs, from)
	}
}
