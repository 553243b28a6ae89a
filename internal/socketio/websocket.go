package socketio

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// upgrader refuses every origin. [engine.shake] replaces CheckOrigin in a copy of it.
var upgrader = websocket.Upgrader{
	HandshakeTimeout: handshakeTime, ReadBufferSize: 256, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{},
	CheckOrigin: func(*http.Request) bool { return false },
	Error: func(w http.ResponseWriter, _ *http.Request, status int, _ error) {
		if status == http.StatusForbidden {
			refuse(w, status, problemForbidden)
		} else {
			refuse(w, http.StatusBadRequest, problemRequest)
		}
	},
}

// shake upgrades the request to a WebSocket. If it returns an error, the response is written.
func (e *engine) shake(w http.ResponseWriter, r *http.Request) (*websocket.Conn, error) {
	up := upgrader
	up.CheckOrigin = e.opts.CheckOrigin
	conn, err := up.Upgrade(hijacker{w}, r, nil)
	if err == nil {
		conn.SetReadLimit(int64(e.opts.MaxPayload))
	}
	return conn, err
}

// hijacker is an [http.ResponseWriter] whose connections can be hijacked through wrappers.
type hijacker struct{ http.ResponseWriter }

// Hijack implements [http.Hijacker].
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	conn, buffered, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if tcp, ok := conn.(interface{ SetWriteBuffer(bytes int) error }); ok {
		_ = tcp.SetWriteBuffer(64 << 10) // a small buffer makes a client that reads nothing time out sooner; optional
	}
	return conn, buffered, err
}

// openSocket opens a session that is a WebSocket from the beginning. It returns after the
// handshake; a goroutine of its own, with a small stack, reads the WebSocket.
func (e *engine) openSocket(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		refuse(w, http.StatusBadRequest, problemRequest)
		return
	}
	client, ok := e.admit(w, r)
	if !ok {
		return
	}
	conn, err := e.shake(w, r)
	if err != nil {
		e.opts.Closed(client)
		return
	}
	s := e.newSession(client)
	s.conn = conn
	if !e.add(s) {
		e.opts.Closed(client)
		go shut(conn, reasonRestart)
		return
	}
	s.send(s.handshake())
	go s.read(conn)
}

// read handles the packets of a WebSocket until it is closed.
func (s *session) read(conn *websocket.Conn) {
	for {
		f, err := receive(conn)
		if err == nil {
			err = s.handle(f)
		}
		switch err {
		case nil, errEnded: // the last packets may still be written
			continue
		case errPacket:
			s.close(reasonProtocol)
		case errClose:
			s.close(reasonClient)
		default:
			s.close(reasonLost)
		}
		drain(conn)
		return
	}
}

// receive returns the next packet of a WebSocket.
func receive(conn *websocket.Conn) (frame, error) {
	kind, data, err := conn.ReadMessage()
	switch {
	case err != nil:
		return frame{}, err
	case kind == websocket.BinaryMessage:
		return frame{data: data, binary: true}, nil
	default:
		return decodeFrame(data)
	}
}

// drain reads until the client closes the connection, for up to a second, and closes it.
// Closing a connection with unread bytes resets it, and the client might not receive the
// close frame.
func drain(conn *websocket.Conn) {
	raw := conn.NetConn()
	_ = raw.SetReadDeadline(time.Now().Add(time.Second))
	_, _ = io.CopyN(io.Discard, raw, 1<<20)
	conn.Close()
}

// shut sends a close frame. If the client does not answer it within a second, the
// connection is closed.
func shut(conn *websocket.Conn, why reason) {
	_ = conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(why.code, why.text), time.Now().Add(time.Second))
	time.AfterFunc(time.Second, func() { conn.Close() })
}

// write writes the queue to the WebSocket. The goroutine runs only while the queue is not
// empty, so that idle sessions need none.
func (s *session) write(conn *websocket.Conn) {
	for {
		f, ok := s.next()
		if !ok {
			return
		}
		if put(conn, f) != nil {
			s.close(reasonLost)
			return
		}
	}
}

// next removes a packet from the queue and returns it. If there is none, the writing
// goroutine has to end.
func (s *session) next() (frame, bool) {
	s.mu.Lock()
	if len(s.queue) > 0 {
		defer s.mu.Unlock()
		f := s.queue[0]
		s.queue[0] = frame{}
		s.queue = s.queue[1:]
		s.size -= len(f.data)
		return f, true
	}
	s.empty()
	s.writing = false
	last := s.state == closing
	s.mu.Unlock()
	if last {
		s.close(reasonServer)
	}
	return frame{}, false
}

// put writes a packet to a WebSocket, within writeTime.
func put(conn *websocket.Conn, f frame) error {
	if err := conn.SetWriteDeadline(time.Now().Add(writeTime)); err != nil {
		return err
	}
	kind := websocket.TextMessage
	if f.binary {
		kind = websocket.BinaryMessage
	}
	return conn.WriteMessage(kind, f.data)
}
