package live

import (
	"context"
	"time"
)

// checkEvery is how often the rights of all sockets are looked at, whatever the
// bus says: what ends by the passing of time is told by nobody.
const checkEvery = 5 * time.Second

// Pause stops what goes to a user's sockets until their rights have been looked
// at. Called as the bus tells of the change, it is in time: what was committed
// after the change is told after it.
func (h *Hub) Pause(user int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.sockets {
		if s.user == user {
			s.pause()
		}
	}
	signal(h.test)
}

// RightsAreFresh reports whether the socket's rights stand as far as this replica has
// heard: they are looked at every few seconds, nothing of a change has come since,
// and that would be no news of long ago. Who is not vouched for has to be asked about.
func (s *Socket) RightsAreFresh() bool {
	s.hub.mu.Lock()
	defer s.hub.mu.Unlock()
	return !s.paused && time.Since(s.hub.checked) < 2*checkEvery
}

// pauseAll is for a bus that begins anew: a change may have been missed.
func (h *Hub) pauseAll() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.sockets {
		s.pause()
	}
	signal(h.test)
}

// runChecks checks held sockets at once and all of them from time to time.
func (h *Hub) runChecks(ctx context.Context) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for ctx.Err() == nil {
		onlyPaused := false
		select {
		case <-ctx.Done():
			return
		case <-h.test:
			onlyPaused = true
		case <-tick.C:
		}
		if err := h.check(ctx, onlyPaused); err != nil && ctx.Err() == nil {
			h.opts.Log.Warn("check the rights of sockets; trying again", "error", err)
			time.Sleep(200 * time.Millisecond)
			signal(h.test)
		}
	}
}

func (h *Hub) check(ctx context.Context, onlyPaused bool) error {
	began := time.Now()
	sockets, members, pauses := h.members(onlyPaused)
	if len(members) == 0 {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patienceDB)
	defer cancel()
	verdicts, err := h.opts.Check(ctx, members)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if !onlyPaused {
		h.checked = began
	}
	checked := map[*topic]int{}
	for _, s := range sockets {
		checked[s.topic]++
	}
	for i, s := range sockets {
		if code := verdicts[i].Close; code != 0 {
			s.paused = true
			go s.close(code, "your access has ended")
			continue
		}
		// Held again while this check was under way: the next one decides.
		if s.pauses == pauses[i] {
			s.paused = false
		}
		// Verdicts of one moment tell how far all of them may read. They do not tell it
		// of others on the topic, whose own change may be on its way.
		if checked[s.topic] == len(s.topic.sockets) {
			s.topic.last = max(s.topic.last, verdicts[i].Last)
		}
		if s.seq < s.topic.last {
			h.mark(s.topic)
		}
	}
	return nil
}

func (h *Hub) members(onlyPaused bool) (sockets []*Socket, members []Member, pauses []int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if !onlyPaused { // they may be thousands
		n := len(h.sockets)
		sockets, members, pauses = make([]*Socket, 0, n), make([]Member, 0, n), make([]int, 0, n)
	}
	for s := range h.sockets {
		if s.paused || !onlyPaused {
			sockets = append(sockets, s)
			members = append(members, Member{s.topic.name, s.follower})
			pauses = append(pauses, s.pauses)
		}
	}
	return sockets, members, pauses
}
