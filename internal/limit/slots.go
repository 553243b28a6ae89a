package limit

import (
	"context"
	"frontdesk/internal/fault"
	"sync"
	"time"
)

// Slots bounds how much work of one kind is under way at once in this process.
type Slots struct {
	Each, All int // the most at once for one user, and for all users together

	mu    sync.Mutex
	now   int
	of    map[int64]int // by user
	given chan struct{} // closed when a slot is given back; nil while no request waits
}

const (
	slotWait  = time.Second     // how long a request waits for a slot
	slotRetry = 5 * time.Second // the RetryAfter of a refused user
)

// Take takes a slot for a user and waits up to a second for it; end gives it back.
// It returns [*fault.Limited] if the user has too many, and [fault.ErrBusy] if all
// users together have.
func (s *Slots) Take(ctx context.Context, user int64) (end func(), err error) {
	timeout := time.NewTimer(slotWait)
	defer timeout.Stop()
	for {
		given := s.next()
		if end, err = s.begin(user); err == nil {
			return end, nil
		}
		select {
		case <-given:
		case <-timeout.C:
			return nil, err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *Slots) begin(user int64) (end func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.of[user] >= s.Each:
		return nil, &fault.Limited{RetryAfter: slotRetry}
	case s.now >= s.All:
		return nil, fault.ErrBusy
	}
	if s.of == nil {
		s.of = map[int64]int{}
	}
	s.of[user]++
	s.now++
	return sync.OnceFunc(func() { s.give(user) }), nil
}

func (s *Slots) give(user int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
	if s.given != nil {
		close(s.given)
		s.given = nil
	}
	if s.of[user]--; s.of[user] == 0 {
		delete(s.of, user)
	}
}

// next returns a channel that is closed when a slot is given back.
func (s *Slots) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given == nil {
		s.given = make(chan struct{})
	}
	return s.given
}
