package live

import (
	"errors"
	"io"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
)

// Limits of a socket. Sizes, rates and numbers are bounded as the WebSocket Security
// Cheat Sheet of OWASP recommends.
const (
	maxMessage       = 16 << 10         // length of a message from a client, in bytes
	signalRoom       = 8                // queued frames from which on messages outside the log are dropped and entries wait in the log
	updatesRoom      = 16               // length limit of the queue; the difference is reserved for replies
	writeTime        = 5 * time.Second  // time limit of writing one frame
	pongTime         = 60 * time.Second // a client that sends nothing for this long, not even a pong, is disconnected
	pingEvery        = 25 * time.Second
	handshakeTimeout = 5 * time.Second // time limit of the handshake
	perUser          = 5               // sockets per user on this replica
	perAddr          = 200             // sockets per network address on this replica
	perSecond        = 10              // messages a second from a client
	burst            = 20              // messages from a client at once
	maxRefused       = 50              // messages over the rate after which the socket is closed
)

// ErrTooMany is returned if a user or a network address has the maximum number of
// sockets open, or the hub is closed. The client can poll instead.
var ErrTooMany = errors.New("too many sockets")

// JoinOptions describe a new socket.
type JoinOptions struct {
	Topic      string
	After      int64  // entries after this seq are sent
	Last       int64  // seq of the last entry when the right to read the topic was checked
	Subscriber any    // passed to the functions of [Options] and to Draw
	User       int64  // sockets are counted and paused by user
	Addr       string // sockets are counted by network address
	// Message is called for each text message from the client, one at a time.
	Message func(s *Socket, subscriber any, text []byte)
	// Left is called once, when the socket is closed.
	Left func()
}

// Socket is the connection of one client that subscribes to a topic.
type Socket struct {
	Subscription
	conn    *websocket.Conn
	addr    string
	message func(*Socket, any, []byte)
	left    func()

	mu      sync.Mutex
	queue   []*Frame
	writing bool // a goroutine empties the queue
	passed  bool // the pump skipped it because of its full queue
	closing bool

	pinged time.Time // time of the last ping; protected by hub.mu
	bucket *Bucket   // of the reader alone
}

// upgrader refuses every origin. [Hub.Join] replaces CheckOrigin in a copy of it. Only sockets that
// are writing have a write buffer. Nearly all messages fit into it, and are then one write to the
// connection.
var upgrader = websocket.Upgrader{
	HandshakeTimeout: handshakeTimeout, ReadBufferSize: 256, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{},
	CheckOrigin: func(*http.Request) bool { return false },
	Error:       func(http.ResponseWriter, *http.Request, int, error) {},
}

// Join upgrades the request to a socket that subscribes to a topic. It returns after the
// handshake; goroutines of the hub serve the socket. origins are the allowed values of
// the Origin header, compared byte by byte; "" allows a request without the header. The
// error is a [websocket.HandshakeError] or [ErrTooMany]; nothing was written to w then.
func (h *Hub) Join(w http.ResponseWriter, r *http.Request, origins []string, j JoinOptions) error {
	admission := Admission{User: j.User, PerUser: perUser, Addr: j.Addr}
	if err := h.admit(admission); err != nil {
		return err
	}
	s := &Socket{addr: j.Addr, message: j.Message, left: j.Left, pinged: time.Now(), bucket: NewBucket(perSecond, burst)}
	up := upgrader
	up.CheckOrigin = func(r *http.Request) bool { return allowed(r, origins) }
	conn, err := up.Upgrade(hijacker{w}, r, nil)
	if err != nil {
		h.release(admission)
		return err
	}
	s.conn = conn
	h.subscribe(&s.Subscription, s, SubscribeOptions{Topic: j.Topic, After: j.After, Last: j.Last, Subscriber: j.Subscriber, User: j.User})
	go s.read()
	return nil
}

// allowed reports whether the request has one of the origins.
func allowed(r *http.Request, origins []string) bool {
	given := r.Header["Origin"]
	return len(given) < 2 && slices.Contains(origins, strings.Join(given, ""))
}

// Send queues a frame for this socket only. It is dropped if the queue is full.
func (s *Socket) Send(f *Frame) { s.push(f, updatesRoom) }

// read handles the client's messages until the socket is closed.
func (s *Socket) read() {
	defer s.finish()
	s.conn.SetReadLimit(maxMessage)
	s.renew("")
	s.conn.SetPongHandler(s.renew)
	for {
		kind, text, err := s.conn.ReadMessage()
		switch {
		case errors.Is(err, errOneByte):
			s.Close(websocket.CloseProtocolError, "a status code has two bytes")
			return
		case err != nil:
			return
		case kind != websocket.TextMessage:
			s.Close(websocket.CloseUnsupportedData, "text only")
			return
		case !utf8.Valid(text): // RFC 6455, 8.1; the JSON decoder would replace the invalid bytes
			s.Close(websocket.CloseInvalidFramePayloadData, "not UTF-8")
			return
		case s.bucket.Take(time.Now()):
			s.message(s, s.subscriber, text)
		case s.bucket.Refused() > maxRefused:
			s.Close(websocket.ClosePolicyViolation, "too many messages")
			return
		default:
			s.push(tooFast, updatesRoom)
		}
	}
}

var tooFast = NewFrame([]byte(`{"type":"error","error":"too_fast","message":"At most 10 messages a second. This one was not taken."}`))

// renew extends the read deadline by pongTime. It is also the handler of pongs.
func (s *Socket) renew(string) error { return s.conn.SetReadDeadline(time.Now().Add(pongTime)) }

// finish releases the socket when its reader ends. It recovers from a panic of the
// message handler, so that other sockets are not affected.
func (s *Socket) finish() {
	if r := recover(); r != nil {
		s.hub.opts.Log.Error("panic in a socket", "error", r, "stack", string(debug.Stack()))
		s.Close(websocket.CloseInternalServerErr, "something went wrong on our side")
	}
	s.mu.Lock()
	s.closing, s.queue = true, nil
	s.mu.Unlock()
	s.Leave()
	s.hub.release(Admission{User: s.user, Addr: s.addr})
	if s.left != nil {
		s.left()
	}
	s.drain()
	s.conn.Close()
}

// drain reads for up to a second before the connection is closed. Closing a connection
// with unread bytes resets it, and the client might not receive the close frame.
func (s *Socket) drain() {
	raw := s.conn.NetConn()
	_ = raw.SetReadDeadline(time.Now().Add(time.Second))
	_, _ = io.CopyN(io.Discard, raw, 1<<20) // until the client closes, the deadline, or 1 MiB
}
