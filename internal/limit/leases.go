package limit

import (
	"context"
	"errors"
	"sync"
	"time"

	"frontdesk/internal/fault"
)

// Leases count uses by users under one limit. A [Limiter] stores the count, but a chat
// message must not wait for a second write. So each replica takes uses from the limiter
// in leases of a twentieth of the limit, at most 20 uses, and counts these in memory.
//
// PostgreSQL never grants a user more than the limit, for all replicas together. In
// addition, each replica may have one lease that was taken earlier and is not used up. A
// lease expires after the limit's time. If a replica stops, the user loses the rest of its
// lease. If PostgreSQL crashes, the uses it counted in the last second are granted again.
// Under a limit of less than 40 each use is counted in PostgreSQL.
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

// lease takes a lease from the limiter and stores it without the first use. It returns
// [*fault.Limited] if the limiter refuses.
func (s *Leases) lease(ctx context.Context, user int64) (err error) {
	l, now := s.limit, s.limiter.now()
	var got lease
	var failed error
	defer func() { s.put(user, got, failed, now) }()
	n := min(max(l.N/20, 1), 20)
	key := OfUser(s.use, user)
	err = s.limiter.AllowAlone(ctx, key, l, n)
	var limited *fault.Limited
	if errors.As(err, &limited) && n > 1 { // near the limit uses are taken one by one
		n = 1
		err = s.limiter.AllowAlone(ctx, key, l, n)
	}
	switch {
	case err == nil && n > 1:
		got = lease{left: n - 1, until: now.Add(l.Per)}
	case errors.As(err, &limited):
		got = lease{until: now.Add(limited.RetryAfter)}
	case err != nil && ctx.Err() == nil: // a cancelled request does not mean that others fail
		failed = err
	}
	return err
}

// lease has the uses that a user has left in this replica. If left is 0, it is a refusal.
// Both are valid until the time until.
type lease struct {
	left    int
	until   time.Time
	pending *leaseRequest // not nil while a new lease is requested from PostgreSQL
}

// leaseRequest is a running request for a lease.
type leaseRequest struct {
	done chan struct{} // closed after the answer
	err  error         // the error of the request, for all callers that wait; set before done is closed
}

// take takes one use of the user's lease and returns the lease as it was before. If there
// is no valid lease, ask is true, and the caller must request one from the limiter and
// call put. If another caller is requesting one, take returns the running request. The
// caller waits for it, and fails with its error or tries again. So simultaneous messages do not
// request a lease each, and do not wait for a failing database one after another.
func (s *Leases) take(user int64, now time.Time) (l lease, asked *leaseRequest, ask bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l = s.of[user]
	switch {
	case l.pending != nil:
		return lease{}, l.pending, false
	case !now.Before(l.until), l.until.Sub(now) > s.limit.Per+ClockSlack: // the latter: a clock that was ahead was corrected
		if s.of == nil {
			s.of = map[int64]lease{}
		}
		s.of[user] = lease{pending: &leaseRequest{done: make(chan struct{})}}
		return lease{}, nil, true
	case l.left == 1:
		delete(s.of, user)
	case l.left > 1:
		s.of[user] = lease{left: l.left - 1, until: l.until}
	}
	return l, nil, false
}

// GiveBack adds one use to the user's lease, which may be a refusal. It has no effect
// while a new lease is being requested.
func (s *Leases) GiveBack(user int64) {
	if s.limit.N == 0 {
		return
	}
	now := s.limiter.now()
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.of[user]
	switch {
	case l.pending != nil || s.of == nil:
	case l.left > 0 && now.Before(l.until):
		s.of[user] = lease{left: l.left + 1, until: l.until}
	default:
		s.of[user] = lease{left: 1, until: now.Add(s.limit.Per)}
	}
}

// leaseSweep is the minimum time between two removals of expired leases.
const leaseSweep = 10 * time.Minute

// put stores a lease from PostgreSQL, unless it has expired, and wakes the callers that
// wait for it. If failed is not nil, these return it.
func (s *Leases) put(user int64, l lease, failed error, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	asked := s.of[user].pending
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
		if old.pending == nil && !now.Before(old.until) {
			delete(s.of, id)
		}
	}
}
