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

// Limits of a socket (RFC 6455, and the chapter on WebSockets of the OWASP
// Cheat Sheet Series: bound sizes, rates and numbers).
const (
	maxMessage = 16 << 10         // bytes a message from a client
	signalRoom = 8                // frames that may wait for a slow reader; a passing word beyond is dropped
	newsRoom   = 16               // and news beyond waits in the log; in between is room for answers
	writeTime  = 5 * time.Second  // for one frame; who takes none for so long is gone
	pongTime   = 60 * time.Second // a client says nothing, not even pong, for so long
	pingEvery  = 25 * time.Second
	shakeTime  = 5 * time.Second
	perUser    = 5
	perAddr    = 200
	perSecond  = 10 // messages from a client, with burst of them at once
	burst      = 20
	patience   = 50 // messages beyond the rate until the socket is closed
)

// ErrTooMany says that a user, or an address of the network, has as many sockets
// open as it may. Who gets it can poll.
var ErrTooMany = errors.New("too many sockets")

// JoinOptions is who opens a socket, on what, and from where.
type JoinOptions struct {
	Topic    string
	After    int64  // what follows it is sent
	Last     int64  // how far the log went when the right to read it was checked
	Follower any    // handed to the functions of [Options]
	User     int64  // sockets are counted, and held, by user
	Addr     string // and counted by address
	// Message is called for each text message of the client, one after the other.
	Message func(s *Socket, follower any, text []byte)
	// Left is called once, when the socket is closed.
	Left func()
}

// Socket is one client that follows a topic.
type Socket struct {
	hub      *Hub
	conn     *websocket.Conn
	follower any
	user     int64
	addr     string
	message  func(*Socket, any, []byte)
	left     func()

	// Under the hub's lock. index is the socket's place among those of its topic.
	topic  *topic
	index  int
	seq    int64 // what has been sent, or is queued; moved by the delivery of its topic alone
	paused bool  // gets nothing until its rights are looked at
	pauses int   // how often it was held

	mu      sync.Mutex
	queue   []*Frame
	writing bool // a goroutine empties the queue
	passed  bool // the pump passed it over because of its queue
	closing bool

	pinged time.Time // of runPings alone
	bucket bucket    // of the reader alone
}

// upgrader leaves the origin to the caller, who knows the desk's own.
var upgrader = websocket.Upgrader{
	HandshakeTimeout: shakeTime, ReadBufferSize: 256, WriteBufferSize: 1024, WriteBufferPool: &sync.Pool{},
	CheckOrigin: func(*http.Request) bool { return false },
	Error:       func(http.ResponseWriter, *http.Request, int, error) {},
}

// Join upgrades the request to a socket that follows a topic, and returns; the
// socket goes on by itself. origins are those whose pages may open it, compared
// byte by byte with the Origin header; a request without one has the origin "". Where it
// fails nothing has been answered yet: the error is a [websocket.HandshakeError]
// or [ErrTooMany].
func (h *Hub) Join(w http.ResponseWriter, r *http.Request, origins []string, j JoinOptions) error {
	s := &Socket{hub: h, follower: j.Follower, user: j.User, addr: j.Addr, message: j.Message, left: j.Left, seq: j.After,
		pinged: time.Now(), bucket: bucket{tokens: burst, at: time.Now()}}
	if err := h.reserve(s); err != nil {
		return err
	}
	up := upgrader
	up.CheckOrigin = func(r *http.Request) bool { return allowed(r, origins) }
	conn, err := up.Upgrade(hijacker{w}, r, nil)
	if err != nil {
		h.release(s)
		return err
	}
	s.conn = conn
	h.enter(s, j)
	go s.read()
	return nil
}

func allowed(r *http.Request, origins []string) bool {
	given := r.Header["Origin"]
	return len(given) < 2 && slices.Contains(origins, strings.Join(given, ""))
}

// reserve counts the socket before the handshake, so that many at once do not
// slip in together.
func (h *Hub) reserve(s *Socket) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || h.users[s.user] >= perUser || h.addrs[s.addr] >= perAddr {
		return ErrTooMany
	}
	h.users[s.user]++
	h.addrs[s.addr]++
	return nil
}

func (h *Hub) release(s *Socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.uncount(s)
}

// uncount is release with the lock held.
func (h *Hub) uncount(s *Socket) {
	if h.users[s.user]--; h.users[s.user] == 0 {
		delete(h.users, s.user)
	}
	if h.addrs[s.addr]--; h.addrs[s.addr] == 0 {
		delete(h.addrs, s.addr)
	}
}

// enter puts the socket among those of its topic. Where others follow it
// already, how far they may read stays as the bus has told it: see [Hub.Pause].
func (h *Hub) enter(s *Socket, j JoinOptions) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t := h.topics[j.Topic]
	if t == nil {
		t = &topic{name: j.Topic, last: j.Last}
		h.topics[j.Topic] = t
	}
	s.topic, s.index = t, len(t.sockets)
	t.sockets = append(t.sockets, s)
	h.sockets[s] = struct{}{}
	// Something may have happened between the check of the right and now.
	s.pause()
	signal(h.test)
	if h.closed { // meanwhile
		go s.close(websocket.CloseServiceRestart, restarts)
	}
}

// hold has the socket wait for a look at its rights. The hub's lock is held.
func (s *Socket) pause() {
	s.paused = true
	s.pauses++
}

func (h *Hub) leave(s *Socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if _, here := h.sockets[s]; !here {
		return
	}
	delete(h.sockets, s)
	h.uncount(s)
	t := s.topic
	last := len(t.sockets) - 1
	t.sockets[s.index] = t.sockets[last]
	t.sockets[s.index].index = s.index
	t.sockets[last] = nil
	t.sockets = t.sockets[:last]
	if last == 0 {
		delete(h.topics, t.name)
		delete(h.marked, t)
	}
}

// Send queues a frame for this socket alone.
func (s *Socket) Send(f *Frame) { s.push(f, newsRoom) }

// read takes what the client sends until the socket is closed.
func (s *Socket) read() {
	defer s.gone()
	s.conn.SetReadLimit(maxMessage)
	s.renew("")
	s.conn.SetPongHandler(s.renew)
	for {
		kind, text, err := s.conn.ReadMessage()
		switch {
		case errors.Is(err, errOneByte):
			s.close(websocket.CloseProtocolError, "a status code has two bytes")
			return
		case err != nil:
			return
		case kind != websocket.TextMessage:
			s.close(websocket.CloseUnsupportedData, "text only")
			return
		case !utf8.Valid(text): // RFC 6455, 8.1; decoding it as JSON would put other letters in its place
			s.close(websocket.CloseInvalidFramePayloadData, "not UTF-8")
			return
		case s.bucket.takes(time.Now()):
			s.message(s, s.follower, text)
		case s.bucket.beyond > patience:
			s.close(websocket.ClosePolicyViolation, "too many messages")
			return
		default:
			s.push(tooFast, newsRoom)
		}
	}
}

var tooFast = NewFrame([]byte(`{"type":"error","error":"too_fast","message":"At most 10 messages a second. This one was not taken."}`))

func (s *Socket) renew(string) error { return s.conn.SetReadDeadline(time.Now().Add(pongTime)) }

// gone ends the socket, also after a panic in what took its message: one socket
// fails, the others go on.
func (s *Socket) gone() {
	if r := recover(); r != nil {
		s.hub.opts.Log.Error("panic in a socket", "error", r, "stack", string(debug.Stack()))
		s.close(websocket.CloseInternalServerErr, "something went wrong on our side")
	}
	s.mu.Lock()
	s.closing, s.queue = true, nil
	s.mu.Unlock()
	s.hub.leave(s)
	if s.left != nil {
		s.left()
	}
	s.drain()
	s.conn.Close()
}

// drain reads on for a moment after a goodbye of ours: a connection that is closed
// on what the client is still sending is reset, and takes the goodbye with it.
func (s *Socket) drain() {
	raw := s.conn.NetConn()
	_ = raw.SetReadDeadline(time.Now().Add(time.Second))
	_, _ = io.CopyN(io.Discard, raw, 1<<20) // ends with the client, the deadline, or enough of it
}
