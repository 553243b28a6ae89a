package socketio

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// reason is why a session ends: the code and text of the close frame of a WebSocket.
type reason struct {
	code int
	text string
}

var (
	reasonClient    = reason{websocket.CloseNormalClosure, "closed by the client"}
	reasonServer    = reason{websocket.CloseNormalClosure, "closed by the server"}
	reasonLost      = reason{websocket.CloseGoingAway, "connection lost"}
	reasonTimeout   = reason{websocket.ClosePolicyViolation, "time-out"}
	reasonProtocol  = reason{websocket.CloseProtocolError, "protocol error"}
	reasonDuplicate = reason{websocket.ClosePolicyViolation, "the session has another connection"}
	reasonFull      = reason{websocket.CloseTryAgainLater, "too many unread packets"}
	reasonRetry     = reason{websocket.CloseTryAgainLater, "try again later"}
	reasonPanic     = reason{websocket.CloseInternalServerErr, "something went wrong on our side"}
	reasonRestart   = reason{websocket.CloseServiceRestart, "the server restarts"}
)

// errEnded is the error of a packet for a session that has ended, and errClose of a
// packet with which the client ends it.
var (
	errEnded = errors.New("session ended")
	errClose = errors.New("closed by the client")
)

// state is the state of a session.
type state uint8

const (
	open    state = iota
	closing       // takes no more packets; those in the queue are still sent
	closed
)

// session is a connection of Engine.IO.
type session struct {
	engine   *engine
	id       string
	client   any // of Options.Open
	receiver receiver
	ctx      context.Context // ends with the session, also while a packet is handled
	cancel   context.CancelFunc

	in sync.Mutex // held while a packet from the client is handled

	mu      sync.Mutex
	state   state
	last    byte    // type of the packet that ends polling, if closing
	queue   []frame // for the client
	size    int     // bytes in queue
	drained chan struct{}
	expires time.Time // the session ends then; zero: never
	pingAt  time.Time // when the next ping is due, or the last one was if waiting
	waiting bool      // for the answer to a ping

	poll    chan struct{} // has a token if the waiting GET can be answered; nil if no GET waits
	posting bool          // a POST is being handled

	conn      *websocket.Conn // nil before an upgrade
	writing   bool            // a goroutine writes the queue to conn
	upgrading bool            // a handshake of a WebSocket has begun
	probe     *websocket.Conn // that the client may upgrade to
	probed    bool            // the waiting GET was released for it
	upgradeBy time.Time       // the probe ends then
}

// newSession returns a session with a random id of 130 bits.
func (e *engine) newSession(client any) *session {
	s := &session{engine: e, id: rand.Text(), client: client, pingAt: time.Now().Add(e.opts.PingInterval)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	s.receiver = e.accept(s)
	return s
}

// handshake returns the first packet of the session.
func (s *session) handshake(upgrades ...string) frame {
	o := s.engine.opts
	if upgrades == nil {
		upgrades = []string{}
	}
	text, err := json.Marshal(struct {
		SID          string   `json:"sid"`
		Upgrades     []string `json:"upgrades"`
		PingInterval int64    `json:"pingInterval"`
		PingTimeout  int64    `json:"pingTimeout"`
		MaxPayload   int      `json:"maxPayload"`
	}{s.id, upgrades, o.PingInterval.Milliseconds(), o.PingTimeout.Milliseconds(), o.MaxPayload})
	if err != nil {
		panic(err) // strings and numbers
	}
	return textFrame(typeOpen, string(text))
}

// handle handles a packet from the client. It returns errClose, errEnded, or the error of
// a packet that is not allowed. After a panic of the receiver the session is closed.
func (s *session) handle(f frame) (err error) {
	s.in.Lock()
	defer s.in.Unlock()
	defer func() {
		if r := recover(); r != nil {
			s.engine.opts.Log.Error("panic in a Socket.IO session", "error", r, "stack", string(debug.Stack()))
			s.close(reasonPanic)
			err = errEnded
		}
	}()
	if s.isClosed() {
		return errEnded
	}
	switch f.kind() {
	case typeMessage:
		return s.receiver.receive(f)
	case typePong:
		s.pong()
		return nil
	case typeNoop:
		return nil
	case typeClose:
		return errClose
	}
	return errPacket
}

// isClosed reports whether the session takes no more packets.
func (s *session) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state != open
}

// expect ends an open session after d, unless expect is called again. 0 cancels it.
func (s *session) expect(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != open {
		return
	}
	s.expires = time.Time{}
	if d > 0 {
		s.expires = time.Now().Add(d)
	}
}

// close ends the session at once. Packets in the queue are dropped; a waiting GET is
// answered with a packet that closes.
func (s *session) close(why reason) {
	s.mu.Lock()
	was := s.state
	if was == closed {
		s.mu.Unlock()
		return
	}
	s.state = closed
	s.empty()
	if s.poll != nil {
		signal(s.poll)
	}
	conns := [...]*websocket.Conn{s.conn, s.probe}
	s.mu.Unlock()
	s.engine.remove(s)
	if was == open {
		s.cancel()
		go s.end()
	}
	go func() { // the caller may hold a lock that Closed needs, and writing takes time
		defer s.engine.ending.Done()
		s.engine.opts.Closed(s.client)
		for _, c := range conns {
			if c != nil {
				shut(c, why)
			}
		}
	}()
}

// finish ends the session after the packets in its queue have been sent. With long polling, a
// packet of type last is the answer to one more GET, because clients handle a closing packet before
// the other packets of the same answer.
func (s *session) finish(last byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != open {
		return
	}
	s.state, s.last, s.expires = closing, last, time.Now().Add(stepTime)
	s.flush()
	s.cancel()
	go s.end()
}

// end calls closed of the receiver when the packet that is being handled is done.
func (s *session) end() {
	defer s.engine.ending.Done()
	s.in.Lock()
	defer s.in.Unlock()
	defer func() {
		if r := recover(); r != nil {
			s.engine.opts.Log.Error("panic at the end of a Socket.IO session", "error", r, "stack", string(debug.Stack()))
		}
	}()
	s.receiver.closed()
}
