package desk

import (
	"context"
	"frontdesk/internal/fault"
	"sync"
	"time"
)

// slots bounds how much work of one kind is under way at once in this process.
type slots struct {
	each, all int // at most, by one person and by everybody

	mu    sync.Mutex
	now   int
	of    map[int64]int // by person
	given chan struct{} // closed when a slot is given back; nil while nobody waits
}

const (
	slotWait  = time.Second     // how long a request waits for a slot
	slotRetry = 5 * time.Second // when somebody who was refused one may try again
)

// take takes a slot for a person, and waits a second for it; end gives it back. A
// person who has too many is [*fault.Limited]; with too many of all it is [fault.ErrBusy].
func (s *slots) take(ctx context.Context, person int64) (end func(), err error) {
	timeout := time.NewTimer(slotWait)
	defer timeout.Stop()
	for {
		given := s.next()
		if end, err = s.begin(person); err == nil {
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

func (s *slots) begin(person int64) (end func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.of[person] >= s.each:
		return nil, &fault.Limited{RetryAfter: slotRetry}
	case s.now >= s.all:
		return nil, fault.ErrBusy
	}
	if s.of == nil {
		s.of = map[int64]int{}
	}
	s.of[person]++
	s.now++
	return sync.OnceFunc(func() { s.give(person) }), nil
}

func (s *slots) give(person int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now--
	if s.given != nil {
		close(s.given)
		s.given = nil
	}
	if s.of[person]--; s.of[person] == 0 {
		delete(s.of, person)
	}
}

// next returns a channel that is closed when a slot is given back.
func (s *slots) next() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.given == nil {
		s.given = make(chan struct{})
	}
	return s.given
}
