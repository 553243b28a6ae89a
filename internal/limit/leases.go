package limit

import (
	"context"
	"errors"
	"sync"
	"time"

	"frontdesk/internal/fault"
)

// Leases count uses by users under one limit. The count is kept by a [Limiter], but a
// chat message must not wait for a second write: each replica takes uses in leases of a
// twentieth of the limit, at most 20, and hands them out by itself.
//
// A user never gets more than the limit from PostgreSQL, however many replicas they talk
// to. In addition there is at most one lease in each replica, which was taken earlier and
// is not used up; it lapses after the limit's time. What a stopped replica had left is
// lost to the user, and what PostgreSQL counted in the second before a crash is given
// again. A limit under 40 is counted use by use.
type Leases struct {
	limiter *Limiter
	use     string // of the limit's key
	limit   Limit

	mu    sync.Mutex
	of    map[int64]lease
	swept time.Time
}

// NewLeases returns leases of the limit l for the named use.
func NewLeases(limiter *Limiter, use string, l Limit) *Leases {
	return &Leases{limiter: limiter, use: use, limit: l}
}

// Allow counts one use by a user, and returns [*fault.Limited] if it exceeds the limit.
func (s *Leases) Allow(ctx context.Context, user int64) error {
	if s.limit.N == 0 {
		return nil
	}
	for {
		now := s.limiter.now()
		l, asked, ask := s.take(user, now)
		switch {
		case ask:
			return s.lease(ctx, user)
		case asked == nil && l.left > 0:
			return nil
		case asked == nil:
			return &fault.Limited{RetryAfter: l.until.Sub(now)}
		}
		select {
		case <-asked.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		if asked.err != nil {
			return asked.err
		}
	}
}

// lease takes a lease from the limiter, and uses one of it.
func (s *Leases) lease(ctx context.Context, user int64) (err error) {
	l, now := s.limit, s.limiter.now()
	var got lease
	var failed error
	defer func() { s.put(user, got, failed, now) }()
	n := min(max(l.N/20, 1), 20)
	key := OfUser(s.use, user)
	err = s.limiter.AllowAlone(ctx, key, l, n)
	var limited *fault.Limited
	if errors.As(err, &limited) && n > 1 { // near the end they go one by one
		n = 1
		err = s.limiter.AllowAlone(ctx, key, l, n)
	}
	switch {
	case err == nil && n > 1:
		got = lease{left: n - 1, until: now.Add(l.Per)}
	case errors.As(err, &limited):
		got = lease{until: now.Add(limited.RetryAfter)}
	case err != nil && ctx.Err() == nil: // a request that ends says nothing about the others
		failed = err
	}
	return err
}

// lease is what a user has left before PostgreSQL is asked again. With nothing left it
// is a refusal, which holds until its time.
type lease struct {
	left  int
	until time.Time
	asked *question // not nil while PostgreSQL is being asked
}

// question is a request for a lease that PostgreSQL has not answered yet.
type question struct {
	done chan struct{} // closed after the answer
	err  error         // why there is no answer, for everyone who waits; set before done is closed
}

// take uses one of the user's lease and returns the lease as it was before. If there is
// none, ask is true: the caller takes one from the limiter and puts it. Callers in the
// meantime get the question to wait on. They fail with its error, or try again, so that
// simultaneous messages neither take a lease each nor wait for a failing database in turn.
func (s *Leases) take(user int64, now time.Time) (l lease, asked *question, ask bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l = s.of[user]
	switch {
	case l.asked != nil:
		return lease{}, l.asked, false
	case !now.Before(l.until), l.until.Sub(now) > s.limit.Per+ClockSlack: // the latter: the clock was put right
		if s.of == nil {
			s.of = map[int64]lease{}
		}
		s.of[user] = lease{asked: &question{done: make(chan struct{})}}
		return lease{}, nil, true
	case l.left == 1:
		delete(s.of, user)
	case l.left > 1:
		s.of[user] = lease{left: l.left - 1, until: l.until}
	}
	return l, nil, false
}

// GiveBack adds one use to the user's lease, which may be a refusal. What is given back
// while PostgreSQL is being asked is lost.
func (s *Leases) GiveBack(user int64) {
	if s.limit.N == 0 {
		return
	}
	now := s.limiter.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.of[user]
	switch {
	case l.asked != nil || s.of == nil:
	case l.left > 0 && now.Before(l.until):
		s.of[user] = lease{left: l.left + 1, until: l.until}
	default:
		s.of[user] = lease{left: 1, until: now.Add(s.limit.Per)}
	}
}

// leaseSweep is how often leases that have lapsed are dropped.
const leaseSweep = 10 * time.Minute

// put stores the lease that PostgreSQL gave, unless it has lapsed, and wakes those who
// wait for it. If failed is not nil, they return it.
func (s *Leases) put(user int64, l lease, failed error, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.of[user].asked
	asked.err = failed
	close(asked.done)
	delete(s.of, user)
	if now.Before(l.until) {
		s.of[user] = l
	}
	if now.Sub(s.swept).Abs() < leaseSweep {
		return
	}
	s.swept = now
	for id, old := range s.of {
		if old.asked == nil && !now.Before(old.until) {
			delete(s.of, id)
		}
	}
}
