package socketio

import (
	"net/http"
	"time"

	"github.com/gorilla/websocket"
)

// releaseTime is the time from the probe of a WebSocket to the release of the waiting GET. A client
// that upgrades at once has done so before: its GET is refused, not answered.
const releaseTime = 10 * time.Millisecond

// serveUpgrade handles a WebSocket for a session that began with long polling. A second
// one for the same session is closed after its handshake.
func (s *session) serveUpgrade(w http.ResponseWriter, r *http.Request) {
	if !websocket.IsWebSocketUpgrade(r) {
		refuse(w, http.StatusBadRequest, problemRequest)
		return
	}
	first := s.beginUpgrade()
	conn, err := s.engine.shake(w, r)
	switch {
	case err == nil && first:
		go s.upgrade(conn)
	case err == nil:
		go func() { shut(conn, reasonDuplicate); drain(conn) }()
	case first:
		s.cancelUpgrade(nil)
	}
}

// beginUpgrade reports whether the session can be upgraded, and has no other upgrade under way.
func (s *session) beginUpgrade() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != open || s.conn != nil || s.upgrading {
		return false
	}
	s.upgrading = true
	return true
}

// cancelUpgrade allows another upgrade, if probe is still the WebSocket of this one.
func (s *session) cancelUpgrade(probe *websocket.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.probe == probe {
		s.probe, s.upgrading, s.probed = nil, false, false
	}
}

// upgrade lets the client probe the WebSocket and change to it. Otherwise the session
// continues with long polling.
func (s *session) upgrade(conn *websocket.Conn) {
	ok := s.offer(conn) && expectText(conn, "2probe") && put(conn, textFrame(typePong, "probe")) == nil
	if ok {
		release := time.AfterFunc(releaseTime, func() { s.release(conn) })
		ok = expectText(conn, "5") && s.change(conn)
		release.Stop()
	}
	if !ok {
		s.cancelUpgrade(conn)
		shut(conn, reasonProtocol)
		drain(conn)
		return
	}
	s.read(conn)
}

// expectText reports whether the next packet is text.
func expectText(conn *websocket.Conn, text string) bool {
	f, err := receive(conn)
	return err == nil && !f.binary && string(f.data) == text
}

// offer makes conn the WebSocket that can be probed. It returns false if the session has ended.
func (s *session) offer(conn *websocket.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.probe, s.upgradeBy = conn, time.Now().Add(stepTime)
	return s.state == open
}

// release answers the waiting GET and those that follow, because the client stops polling
// before it upgrades.
func (s *session) release(conn *websocket.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.probe != conn {
		return
	}
	s.probed = true
	if s.poll != nil {
		signal(s.poll)
	}
}

// change makes the WebSocket the connection of the session, and sends what is in the
// queue. It returns false if the upgrade was canceled or the session has ended.
func (s *session) change(conn *websocket.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.probe != conn || s.state == closed {
		return false
	}
	s.conn, s.probe = conn, nil
	if s.poll != nil {
		signal(s.poll)
	}
	if len(s.queue) > 0 || s.state == closing {
		s.flush()
	}
	return true
}
