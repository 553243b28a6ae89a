package socketio

import (
	"context"
	"encoding/json"
	"sync"
	"sync/atomic"
)

// Socket is a client in a namespace. Its methods can be called concurrently.
type Socket struct {
	// Data is for the application, which sets it in Options.Connect.
	Data any

	session   *session
	namespace string
	id        string
	ctx       context.Context
	cancel    context.CancelFunc

	mu         sync.Mutex
	connecting bool          // Options.Connect has not returned
	gone       bool          // the socket has ended
	early      []frame       // sent while connecting
	answered   chan struct{} // closed when Options.Connect has returned; nil unless something waits
}

// ID returns the random id of the socket. Clients know it as socket.id.
func (s *Socket) ID() string { return s.id }

// Client returns what Options.Open returned for the session.
func (s *Socket) Client() any { return s.session.client }

// Context returns a context that ends with the socket.
func (s *Socket) Context() context.Context { return s.ctx }

// Emit sends an event. It returns an error if an argument has no JSON.
func (s *Socket) Emit(name string, args ...any) error {
	m, err := NewMessage(name, args...)
	if err == nil {
		s.Send(m)
	}
	return err
}

// Send queues an event for the client, and reports whether it did: false means that the
// socket has ended. It does not wait. If 256 packets or 1 MiB are queued for the session,
// the session is closed: the client can connect again, and recover what it missed.
func (s *Socket) Send(m *Message) bool { return s.send(m.frames(s.namespace)...) }

// send queues packets. Packets that are sent before the client is connected are kept until then.
func (s *Socket) send(frames ...frame) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.gone:
		return false
	case !s.connecting:
		return s.session.send(frames...)
	case len(s.early)+len(frames) > maxQueue:
		s.session.close(reasonFull)
		return false
	}
	s.early = append(s.early, frames...)
	return true
}

// Drained waits until all queued packets of the session were written to the network, so
// that a long history can be sent in parts. It returns nil if the session has ended, and
// an error if ctx ends before. Options.Connect must not call it, because packets are sent
// after it has returned.
func (s *Socket) Drained(ctx context.Context) error {
	for _, wait := range []func() <-chan struct{}{s.onAnswered, s.session.onDrained} {
		done := wait()
		if done == nil {
			continue
		}
		select {
		case <-done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// onAnswered returns a channel that is closed when Options.Connect has returned, or nil if
// it has.
func (s *Socket) onAnswered() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.connecting || s.gone {
		return nil
	}
	if s.answered == nil {
		s.answered = make(chan struct{})
	}
	return s.answered
}

// answer wakes what waits for Options.Connect. The caller has locked s.mu.
func (s *Socket) answer() {
	s.connecting, s.early = false, nil
	if s.answered != nil {
		close(s.answered)
		s.answered = nil
	}
}

// Queued returns the number of packets that wait for the client.
func (s *Socket) Queued() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session.mu.Lock()
	defer s.session.mu.Unlock()
	return len(s.early) + len(s.session.queue)
}

// Disconnect ends the session after the queued packets were sent. The client does not reconnect by
// itself.
func (s *Socket) Disconnect() {
	s.send((&packet{kind: packetDisconnect, namespace: s.namespace}).frame())
	s.session.finish(typeClose)
}

// Close ends the session at once. The client reconnects by itself.
func (s *Socket) Close() { s.session.close(reasonServer) }

// accept answers that the client is connected, and sends what was sent before.
func (s *Socket) accept(pid string) {
	data, err := json.Marshal(struct {
		SID string `json:"sid"`
		PID string `json:"pid,omitempty"`
	}{s.id, pid})
	if err != nil {
		panic(err) // two strings
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.session.send((&packet{kind: packetConnect, namespace: s.namespace, data: data}).frame())
	if len(s.early) > 0 {
		s.session.send(s.early...)
	}
	s.answer()
}

// leave ends the socket.
func (s *Socket) leave() {
	s.mu.Lock()
	s.gone = true
	s.answer()
	s.mu.Unlock()
	s.cancel()
}

// Event is an event from a client.
type Event struct {
	Name string
	Args []json.RawMessage
	// Attachments are the binary arguments, or parts of arguments. Args has objects like
	// {"_placeholder":true,"num":0} for them, whose numbers are not checked.
	Attachments [][]byte

	socket *Socket
	ack    string
	acked  atomic.Bool
}

// Ack answers the event. It can be called after Options.Event has returned. It does
// nothing if the client did not ask, or was answered before. It returns an error if an
// argument has no JSON.
func (e *Event) Ack(args ...any) error {
	if e.ack == "" || e.acked.Swap(true) {
		return nil
	}
	data, attachments, err := encodeArgs(args)
	if err != nil {
		return err
	}
	p := &packet{kind: packetAck, namespace: e.socket.namespace, ack: e.ack, data: data}
	if len(attachments) > 0 {
		p.kind, p.attachments = packetBinaryAck, len(attachments)
	}
	e.socket.send(append([]frame{p.frame()}, attachments...)...)
	return nil
}
