package bus

import (
	"sync"
	"sync/atomic"
	"time"
)

// State is the state of the connection to NATS, and what the bus has done since its start.
type State struct {
	Connected bool
	Since     time.Time // when it was connected or lost; before the first connection, the start
	Err       error     // why it is not connected; nil if that is not known yet

	ByNATS, ByNotify int64 // messages sent
	Received         int64 // messages that other replicas sent by NATS
	Losses           int64 // how often the connection was lost
	Rereads          int64 // how often everything was read again, because messages may have been missed
}

// state is the changing part of [State].
type state struct {
	byNATS, byNotify, received, losses, rereads atomic.Int64

	mu        sync.Mutex
	connected bool
	since     time.Time
	err       error
	logged    time.Time // when lose reported news last
}

// State returns the state of the bus.
func (b *Bus) State() State {
	s := &b.state
	s.mu.Lock()
	defer s.mu.Unlock()
	return State{Connected: s.connected, Since: s.since, Err: s.err, ByNATS: s.byNATS.Load(), ByNotify: s.byNotify.Load(),
		Received: s.received.Load(), Losses: s.losses.Load(), Rereads: s.rereads.Load()}
}

// connect records a connection. It returns false if there was one.
func (s *state) connect() (news bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.connected {
		return false
	}
	s.connected, s.since, s.err = true, time.Now(), nil
	return true
}

// newsEvery is the minimum between two reports of [state.lose] that the reason has changed.
const newsEvery = 10 * time.Second

// lose records why there is no connection. It reports whether there was one, and whether that, or
// that the reason is another than before, should be logged.
func (s *state) lose(err error) (was, news bool) {
	if err == nil {
		err = errNotConnected
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if was = s.connected; was {
		s.connected, s.since = false, time.Now()
		s.losses.Add(1)
	}
	news = was || s.err == nil || s.err.Error() != err.Error() && time.Since(s.logged) >= newsEvery
	if s.err = err; news {
		s.logged = time.Now()
	}
	return was, news
}
