package socketio

import (
	"errors"
	"io"
	"net/http"
	"time"
)

// textType is the media type of payloads.
const textType = "text/plain; charset=UTF-8"

// openPolling opens a session that begins with long polling.
func (e *engine) openPolling(w http.ResponseWriter, r *http.Request) {
	client, ok := e.admit(w, r)
	if !ok {
		return
	}
	s := e.newSession(client)
	if !e.add(s) {
		e.opts.Closed(client)
		refuseDown(w)
		return
	}
	write(w, http.StatusOK, textType, s.handshake("websocket").data)
}

// refuseDown refuses a session after shutdown.
func refuseDown(w http.ResponseWriter) {
	refuse(w, http.StatusServiceUnavailable, problem{problemForbidden.Code, reasonRestart.text})
}

// serveGet answers with the packets of the queue, and waits if there are none.
func (s *session) serveGet(w http.ResponseWriter, r *http.Request) {
	ready := s.beginPoll()
	if ready == nil {
		refuse(w, http.StatusBadRequest, problemRequest)
		return
	}
	o := s.engine.opts
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(o.PingInterval + o.PingTimeout + stepTime)) // net/http cancels a request that waits longer than ReadTimeout
	select {
	case <-ready:
		if frames := s.takePoll(); frames != nil {
			write(w, http.StatusOK, textType, encodePayload(frames))
		} else {
			refuse(w, http.StatusBadRequest, problemRequest)
		}
	case <-r.Context().Done():
		s.close(reasonLost)
	}
}

// beginPoll registers a waiting GET, and returns the channel from which it must receive. It returns
// nil if polling is not allowed: after an upgrade, or while another GET waits, which also closes
// the session.
func (s *session) beginPoll() <-chan struct{} {
	s.mu.Lock()
	if s.poll != nil {
		s.mu.Unlock()
		s.close(reasonDuplicate)
		return nil
	}
	defer s.mu.Unlock()
	if s.conn != nil || s.state == closed {
		return nil
	}
	s.poll = make(chan struct{}, 1)
	if len(s.queue) > 0 || s.probed || s.state == closing {
		signal(s.poll)
	}
	return s.poll
}

// takePoll returns the packets for the waiting GET: those in the queue, or else one that closes the
// session, or a noop packet. It returns nil after an upgrade.
func (s *session) takePoll() []frame {
	s.mu.Lock()
	s.poll = nil
	frames, ends := s.queue, false
	switch {
	case s.state == closed:
		frames = []frame{textFrame(typeClose, "")}
	case s.conn != nil:
		frames = nil
	case len(frames) > 0:
		s.empty()
	case s.state == closing:
		frames, ends = []frame{textFrame(s.last, "")}, true
	default:
		frames = []frame{textFrame(typeNoop, "")}
	}
	s.mu.Unlock()
	if ends {
		s.close(reasonServer)
	}
	return frames
}

// servePost handles the packets in the body of a POST.
func (s *session) servePost(w http.ResponseWriter, r *http.Request) {
	if !s.beginPost() {
		refuse(w, http.StatusBadRequest, problemRequest)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, int64(s.engine.opts.MaxPayload)))
	if err == nil {
		err = s.handlePayload(body)
	}
	s.endPost()
	var large *http.MaxBytesError
	switch {
	case err == nil || errors.Is(err, errEnded):
		write(w, http.StatusOK, textType, []byte("ok"))
	case errors.Is(err, errClose):
		s.finish(typeNoop)
		write(w, http.StatusOK, textType, []byte("ok"))
	case errors.As(err, &large):
		refuse(w, http.StatusRequestEntityTooLarge, problem{problemRequest.Code, "Payload too large"})
	default:
		s.close(reasonProtocol)
		refuse(w, http.StatusBadRequest, problemRequest)
	}
}

// handlePayload handles packets in order until the first error, which it returns.
func (s *session) handlePayload(body []byte) error {
	for f, err := range decodePayload(body) {
		if err != nil {
			return err
		}
		if err := s.handle(f); err != nil {
			return err
		}
	}
	return nil
}

// beginPost reports whether a POST is allowed. It is not allowed after an upgrade, or while another
// one is handled, which also closes the session.
func (s *session) beginPost() bool {
	s.mu.Lock()
	if s.posting {
		s.mu.Unlock()
		s.close(reasonDuplicate)
		return false
	}
	defer s.mu.Unlock()
	s.posting = s.conn == nil && s.state == open
	return s.posting
}

// endPost allows the next POST. It is called before the response is written, because the
// client may send the next one as soon as it has the response.
func (s *session) endPost() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.posting = false
}
