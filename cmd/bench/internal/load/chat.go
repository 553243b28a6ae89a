package load

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// PacedRate is how many messages per second [Chat.Paced] sends.
const PacedRate = 100

// Chat is a set of chat rooms of two clients who write in turns: a room's next
// message is sent when both have received the previous one.
type Chat struct {
	rooms  []*room
	failed chan error // the first error of any client
	ended  <-chan struct{}
	stamp  int64
}

// ChatClient is one client in a chat room.
type ChatClient interface {
	// Send sends a chat message with an idempotency key.
	Send(text, key string) error
	// Follow calls got with each message or other update of the ticket until the client ends.
	Follow(got func(update []byte)) error
}

type room struct {
	chat  *Chat
	sides [2]ChatClient

	mu       sync.Mutex
	n        int // number of the last message that was sent
	received int // how many sides have received it
	sent     time.Time
	until    time.Time // no message is sent after it
	took     []time.Duration
	idle     chan struct{} // receives a value when the last message has been delivered
}

// NewChat creates a room for every two clients and begins to follow their tickets.
func NewChat[C ChatClient](ctx context.Context, all []C) *Chat {
	t := &Chat{failed: make(chan error, 1), ended: ctx.Done(), stamp: time.Now().UnixNano()}
	for i := 0; i < len(all); i += 2 {
		r := &room{chat: t, sides: [2]ChatClient{all[i], all[i+1]}, idle: make(chan struct{}, 1)}
		t.rooms = append(t.rooms, r)
		for side, c := range r.sides {
			go func() { t.fail(c.Follow(func(update []byte) { r.receive(side, update) })) }()
		}
	}
	return t
}

func (t *Chat) fail(err error) {
	select {
	case t.failed <- err:
	default:
	}
}

func (r *room) text() string { return fmt.Sprintf("chat %d, as long as most are", r.n) }

// send sends the next message. The requester sends the first one.
func (r *room) send() {
	r.n++
	r.received, r.sent = 0, time.Now()
	if err := r.sides[(r.n-1)%2].Send(r.text(), fmt.Sprintf("talk-%d-%d", r.chat.stamp, r.n)); err != nil {
		r.chat.fail(err)
	}
}

// receive handles an update that a side received. An update without the last
// message is a change of status.
func (r *room) receive(side int, update []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !bytes.Contains(update, []byte(r.text())) {
		return
	}
	now := time.Now()
	if side != (r.n-1)%2 {
		r.took = append(r.took, now.Sub(r.sent))
	}
	switch r.received++; {
	case r.received < 2:
	case now.Before(r.until):
		r.send()
	default:
		r.idle <- struct{}{}
	}
}

// begin sends a message, and further ones until the given time.
func (r *room) begin(until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.until = until
	r.send()
}

// wait waits until the last message of each room has been delivered.
func (t *Chat) wait(rooms []*room) error {
	for _, r := range rooms {
		select {
		case <-r.idle:
		case err := <-t.failed:
			return err
		case <-t.ended:
			return errors.New("a message was not delivered to both in time")
		}
	}
	return nil
}

// Run has every room send messages until the given time, and at least one.
func (t *Chat) Run(until time.Time) error {
	for _, r := range t.rooms {
		r.begin(until)
	}
	return t.wait(t.rooms)
}

// ClosedLoop has all rooms send as fast as messages are delivered, and returns how
// long each took until the other side received it.
func (t *Chat) ClosedLoop(seconds float64) (Sample, error) {
	t.forget()
	start := time.Now()
	err := t.Run(start.Add(time.Duration(seconds * float64(time.Second))))
	return t.sample(time.Since(start)), err
}

// Paced sends PacedRate messages per second at fixed times, in one room after the
// other, however long the previous ones take, and returns how long each took.
func (t *Chat) Paced(seconds float64) (Sample, error) {
	t.forget()
	start := time.Now()
	n := max(1, int(seconds*PacedRate))
	for i := range n {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / PacedRate)))
		r := t.rooms[i%len(t.rooms)]
		if i >= len(t.rooms) { // the room's previous message was sent seconds ago
			if err := t.wait([]*room{r}); err != nil {
				return Sample{}, err
			}
		}
		r.begin(time.Time{})
	}
	err := t.wait(t.rooms[:min(n, len(t.rooms))])
	return t.sample(time.Since(start)), err
}

func (t *Chat) forget() {
	for _, r := range t.rooms {
		r.mu.Lock()
		r.took = nil
		r.mu.Unlock()
	}
}

func (t *Chat) sample(took time.Duration) Sample {
	var all []time.Duration
	for _, r := range t.rooms {
		r.mu.Lock()
		all = append(all, r.took...)
		r.mu.Unlock()
	}
	return NewSample(all, took)
}
