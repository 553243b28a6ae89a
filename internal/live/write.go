package live

import (
	"runtime/debug"
	"time"

	"github.com/gorilla/websocket"
)

// ping is the queue entry for which a ping is sent.
var ping = &Frame{}

// IsFull implements [Outlet].
func (s *Socket) IsFull() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.passed = s.passed || len(s.queue) >= signalRoom
	return s.passed
}

// push queues a frame if fewer than room frames are queued, and reports whether it did.
// The writing goroutine runs only while the queue is not empty, so that thousands of
// idle sockets need none.
func (s *Socket) push(f *Frame, room int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return false
	}
	if len(s.queue) >= room {
		s.passed = true
		return false
	}
	s.queue = append(s.queue, f)
	if !s.writing {
		s.writing = true
		s.hub.writers.Add(1)
		go s.write()
	}
	return true
}

// write sends the queued frames until the queue is empty.
func (s *Socket) write() {
	defer s.hub.writers.Add(-1)
	defer func() {
		if r := recover(); r != nil {
			s.hub.opts.Log.Error("panic while writing", "error", r, "stack", string(debug.Stack()))
			s.conn.Close()
		}
	}()
	for {
		f, passed := s.next()
		if passed {
			s.Drained()
		}
		if f == nil {
			return
		}
		if s.put(f) != nil {
			s.conn.Close() // the reader then fails and ends the socket
			return
		}
	}
}

// next removes a frame from the queue and returns it, or nil if the queue is empty.
// passed reports whether the pump skipped the socket because of a full queue.
func (s *Socket) next() (f *Frame, passed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		s.writing, s.queue = false, nil
		passed, s.passed = s.passed, false
		return nil, passed
	}
	f = s.queue[0]
	s.queue[0] = nil
	s.queue = s.queue[1:]
	return f, false
}

// put writes one frame to the connection, within writeTime.
func (s *Socket) put(f *Frame) error {
	deadline := time.Now().Add(writeTime)
	if f == ping {
		return s.conn.WriteControl(websocket.PingMessage, nil, deadline)
	}
	if err := s.conn.SetWriteDeadline(deadline); err != nil {
		return err
	}
	// A websocket.PreparedMessage would allocate 4 KiB for each text, and most texts are for one
	// socket.
	for _, text := range f.texts {
		if err := s.conn.WriteMessage(websocket.TextMessage, text); err != nil {
			return err
		}
	}
	return nil
}

// Push implements [Outlet].
func (s *Socket) Push(f *Frame, k Kind) bool {
	if k == Signal {
		return s.push(f, signalRoom)
	}
	return s.push(f, updatesRoom)
}

// Close implements [Outlet]. It sends a close frame with a code and a reason, and ends the
// socket. If the client does not answer within a second, the connection is closed.
func (s *Socket) Close(code int, why string) {
	s.mu.Lock()
	was := s.closing
	s.closing, s.queue = true, nil
	s.mu.Unlock()
	if was {
		return
	}
	_ = s.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, why), time.Now().Add(time.Second))
	time.AfterFunc(time.Second, func() { s.conn.Close() }) // unless the client's answer has ended the reader before
}
