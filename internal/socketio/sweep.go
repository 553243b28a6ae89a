package socketio

import (
	"context"
	"time"
)

// run implements [Server.Run]. All sessions share one ticker, so that an idle session
// needs no timer.
func (e *engine) run(ctx context.Context) {
	tick := time.NewTicker(min(time.Second, e.opts.PingInterval/25))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			e.sweep(now)
		}
	}
}

// sweep calls tick for all sessions.
func (e *engine) sweep(now time.Time) {
	for _, s := range e.all() {
		s.tick(now)
	}
}

// tick sends a ping if one is due, and closes a session that has expired or whose client
// did not answer in time. It reports whether the session exists afterwards.
func (s *session) tick(now time.Time) bool {
	s.mu.Lock()
	expired := !s.expires.IsZero() && now.After(s.expires)
	silent := s.waiting && !now.Before(s.pingAt.Add(s.engine.opts.PingTimeout))
	if s.state == open && !s.waiting && !now.Before(s.pingAt) {
		s.waiting = true
		if now.Sub(s.pingAt) > s.engine.opts.PingInterval/10 {
			s.pingAt = now // the server was suspended or overloaded; clients still get the whole PingTimeout
		}
		s.push(textFrame(typePing, ""))
	}
	late := s.probe
	if late != nil && now.After(s.upgradeBy) {
		s.probe, s.upgrading, s.probed = nil, false, false
	} else {
		late = nil
	}
	s.mu.Unlock()
	if late != nil {
		go shut(late, reasonTimeout)
	}
	if expired || silent {
		s.close(reasonTimeout)
	}
	return !s.isGone()
}

// pong notes the answer to a ping. The next ping is sent PingInterval later.
func (s *session) pong() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting = false
	s.pingAt = time.Now().Add(s.engine.opts.PingInterval)
}

// isGone reports whether the session is closed and has nothing more to send.
func (s *session) isGone() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == closed
}
