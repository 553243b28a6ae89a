package desk

import (
	"context"
	"errors"
	"frontdesk/internal/fault"
	"sync"
	"time"
)

// allowTalk counts one comment, chat line or change of a ticket under
// Limits.Talk, and refuses with [*fault.Limited] what comes too fast. What is refused
// for another reason is given back, see refundTalk.
func (d *Desk) allowTalk(ctx context.Context, actor Actor) error {
	return d.allowLeased(ctx, &d.talk, actor.ID)
}

// refundTalk gives back what was counted for something that was refused, as err
// says: to this replica's lease, as no more than that was taken out of PostgreSQL.
func (d *Desk) refundTalk(actor Actor, err error) {
	if l := d.talk.limit; err != nil && l.N != 0 {
		d.talk.giveBack(actor.ID, d.Now(), l.Per)
	}
}

// CountAction counts one request of the actor that may change something under
// Limits.Actions, whatever comes of it, and refuses with [*fault.Limited] what comes too
// fast. It bounds the work of requests that have no limit of their own.
func (d *Desk) CountAction(ctx context.Context, actor Actor) error {
	return d.allowLeased(ctx, &d.actions, actor.ID)
}

// allowLeased counts one use of s by a person.
//
// The count is PostgreSQL's, as of all limits, but a line of chat must not wait
// for a second write: each replica takes uses in leases of a twentieth of the
// limit, at most 20, and hands them out by itself. So nobody ever gets more than
// the limit's count out of PostgreSQL, however many replicas they talk to. Beside
// that there is at most one lease a replica which was taken earlier and is still
// to be used; it lapses after the limit's time. What a stopped replica had left
// is lost to the person, and what PostgreSQL counted in the second before a crash
// is given again. A limit under 40 is counted use by use.
func (d *Desk) allowLeased(ctx context.Context, s *leases, person int64) error {
	if s.limit.N == 0 {
		return nil
	}
	for {
		now := d.Now()
		l, asked, ask := s.take(person, now)
		switch {
		case ask:
			return d.lease(ctx, s, person)
		case asked == nil && l.left > 0:
			return nil
		case asked == nil:
			return &fault.Limited{RetryAfter: l.until.Sub(now)}
		}
		select {
		case <-asked:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// lease asks PostgreSQL for a lease, and uses one of it.
func (d *Desk) lease(ctx context.Context, s *leases, person int64) (err error) {
	l, now := s.limit, d.Now()
	var got lease
	defer func() { s.put(person, got, now) }()
	n := min(max(l.N/20, 1), 20)
	key := ofPerson(s.use, person)
	err = d.allowAtOnce(ctx, key, l, n)
	var limited *fault.Limited
	if errors.As(err, &limited) && n > 1 { // near the end they go one by one
		n = 1
		err = d.allowAtOnce(ctx, key, l, n)
	}
	switch {
	case err == nil && n > 1:
		got = lease{left: n - 1, until: now.Add(l.Per)}
	case errors.As(err, &limited):
		got = lease{until: now.Add(limited.RetryAfter)}
	}
	return err
}

// lease is what somebody may still say before PostgreSQL is asked again. With
// nothing left it is a refusal: until then the answer would be the same.
type lease struct {
	left  int
	until time.Time
	asked chan struct{} // not nil while PostgreSQL is being asked; closed when it has answered
}

// leases are one replica's of one limit, by person.
type leases struct {
	use   string // of the limit's key
	limit Limit

	mu    sync.Mutex
	of    map[int64]lease
	swept time.Time
}

// take uses one of the person's lease and gives that as it was before. Where
// there is none, the caller is to ask for one, and to put it; whoever comes
// meanwhile gets a channel to wait on before they try again: lines said at once
// must not each take a lease.
func (s *leases) take(person int64, now time.Time) (l lease, asked chan struct{}, ask bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l = s.of[person]
	switch {
	case l.asked != nil:
		return lease{}, l.asked, false
	case !now.Before(l.until), l.until.Sub(now) > s.limit.Per+clockSlack: // the latter: the clock was put right
		if s.of == nil {
			s.of = map[int64]lease{}
		}
		s.of[person] = lease{asked: make(chan struct{})}
		return lease{}, nil, true
	case l.left == 1:
		delete(s.of, person)
	case l.left > 1:
		s.of[person] = lease{left: l.left - 1, until: l.until}
	}
	return l, nil, false
}

// giveBack adds one to the person's lease, which a refusal may be. What is given
// back while PostgreSQL is being asked is lost to them.
func (s *leases) giveBack(person int64, now time.Time, per time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := s.of[person]
	switch {
	case l.asked != nil || s.of == nil:
	case l.left > 0 && now.Before(l.until):
		s.of[person] = lease{left: l.left + 1, until: l.until}
	default:
		s.of[person] = lease{left: 1, until: now.Add(per)}
	}
}

// leaseSweep is how often leases that have lapsed are dropped.
const leaseSweep = 10 * time.Minute

// put keeps what the database answered to the one who asked; nothing, where
// there is nothing to keep.
func (s *leases) put(person int64, l lease, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.of[person].asked)
	delete(s.of, person)
	if now.Before(l.until) {
		s.of[person] = l
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
