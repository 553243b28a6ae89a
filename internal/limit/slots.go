package limit

import (
	"context"
	"sync"
	"time"

	"frontdesk/internal/fault"
)

// Slots limits how many tasks of one kind run at the same time in this process.
type Slots struct {
	Each, All int // the maximum number for one key, and for all keys together

	mu    sync.Mutex
	now   int
	of    map[Key]int
	given chan struct{} // closed when a slot is released; nil while no request waits
}

const (
	slotWait  = time.Second     // how long a request waits for a slot
	slotRetry = 5 * time.Second // the RetryAfter of a refused key
)

// Take takes a slot for a key, such as [OfUser], and waits up to one second for it. The
// caller must call end to release the slot. Take returns [*fault.Limited] if the key has
// too many slots, and [fault.ErrBusy] if all slots are in use.
func (s *Slots) Take(ctx context.Context, key Key) (end func(), err error) {
	timeout := time.NewTimer(slotWait)
	defer timeout.Stop()
	for {
		given := s.next()
		if end, err = s.begin(key); err == nil {
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

// begin takes a slot without waiting. For its errors see [Slots.Take].
func (s *Slots) begin(key Key) (end func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.of[key] >= s.Each:
		return nil, &fault.Limited{RetryAfter: slotRetry}
	case s.now >= s.All:
		return nil, fault.ErrBusy
	}
	if s.of == nil {
		s.of = map[Key]int{}
	}
	s.of[key]++
	s.now++
	return sync.OnceFunc(func() { s.give(key) }), nil
}

// give releases a slot of a key.
func (s *Slots) give(key Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
	if s.given != nil {
		close(s.given)
		s.given = nil
	}
	if s.of[key]--; s.of[key] == 0 {
		delete(s.of, key)
	}
}

// next returns a channel that is closed when a slot is released.
func (s *Slots) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given == nil {
		s.given = make(chan struct{})
	}
	return s.given
}
