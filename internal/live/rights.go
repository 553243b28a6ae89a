package live

import (
	"context"
	"time"
)

// checkEvery is the interval at which the rights of all sockets are checked. No message
// on the bus announces a right that expires.
const checkEvery = 5 * time.Second

// Pause stops the delivery to a user's sockets until their rights have been checked.
// It is meant to be called when a message on the bus announces a change of the user's
// rights. The bus keeps the order of commits, so nothing that was committed after the
// change is delivered before the check.
func (h *Hub) Pause(user int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.all {
		if s.user == user {
			s.pause()
		}
	}
	signal(h.checkSoon)
}

// RightsAreFresh reports whether the rights were checked within the last two intervals of
// checkEvery and no message has announced a change since. If it returns
// false, the caller has to check them in the database.
func (s *Subscription) RightsAreFresh() bool {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return !s.paused && time.Since(s.checked) < 2*checkEvery
}

// pauseAll pauses every socket until its rights have been checked. It is called when
// the bus has connected, because a change may have been missed before.
func (h *Hub) pauseAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.all {
		s.pause()
	}
	signal(h.checkSoon)
}

// runChecks checks the rights of paused sockets at once, and those of all sockets every
// checkEvery, until ctx ends.
func (h *Hub) runChecks(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		onlyPaused := false
		select {
		case <-ctx.Done():
			return
		case <-h.checkSoon:
			onlyPaused = true
		case <-tick.C:
		}
		if err := h.check(ctx, onlyPaused); err != nil && ctx.Err() == nil {
			h.opts.Log.Warn("checking socket rights failed", "error", err)
			time.Sleep(200 * time.Millisecond)
			signal(h.checkSoon)
		}
	}
}

// check reads the rights of paused sockets, or of all, and closes or resumes the sockets.
func (h *Hub) check(ctx context.Context, onlyPaused bool) error {
	began := time.Now()
	subs, members, pauses := h.members(onlyPaused)
	if len(members) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	results, err := h.opts.Check(ctx, members)
	if err != nil {
		return err
	}
	resumed := h.apply(results, began, subs, pauses)
	if len(resumed) > 0 && h.opts.Resumed != nil {
		h.opts.Resumed(resumed)
	}
	return nil
}

// apply closes or resumes sockets by the results of their check, and returns the subscribers
// of those that were paused and no longer are. began is when the check began, and pauses how
// often each socket had been paused before.
func (h *Hub) apply(results []CheckResult, began time.Time, subs []*Subscription, pauses []int) (resumed []any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	checked, last := map[*topic]int{}, map[*topic]int64{}
	for i, s := range subs {
		if _, here := h.all[s]; !here { // it has left during the check
			continue
		}
		checked[s.topic]++
		if results[i].Close != 0 {
			continue
		}
		if known, ok := last[s.topic]; !ok || results[i].Last < known {
			last[s.topic] = results[i].Last
		}
	}
	for t, seq := range last {
		// These sockets had their rights when all entries up to seq were written. The entries may be
		// delivered only if all sockets of the topic are among them: a change of the others' rights
		// may not have arrived yet.
		if checked[t] == len(t.subs) {
			t.last = max(t.last, seq)
		}
	}
	for i, s := range subs {
		if code := results[i].Close; code != 0 {
			s.paused = true
			go s.out.Close(code, "your access has ended")
			continue
		}
		// If it was paused again during this check, the next check decides.
		if s.pauses == pauses[i] {
			if s.paused {
				resumed = append(resumed, s.subscriber)
			}
			s.paused, s.checked = false, began
		}
		if s.seq < s.topic.last {
			h.mark(s.topic)
		}
	}
	return resumed
}

// members returns the paused sockets, or all, with their members and with how often
// each was paused so far.
func (h *Hub) members(onlyPaused bool) (subs []*Subscription, members []Member, pauses []int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !onlyPaused { // they may be thousands
		n := len(h.all)
		subs, members, pauses = make([]*Subscription, 0, n), make([]Member, 0, n), make([]int, 0, n)
	}
	for s := range h.all {
		if s.paused || !onlyPaused {
			subs = append(subs, s)
			members = append(members, Member{s.topic.name, s.subscriber})
			pauses = append(pauses, s.pauses)
		}
	}
	return subs, members, pauses
}
