package live

import (
	"context"
	"time"
)

// runPings sends each socket a ping every pingEvery until ctx ends.
func (h *Hub) runPings(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			for _, s := range h.due(now) {
				s.push(ping, updatesRoom)
			}
		}
	}
}

// due returns the sockets to ping now.
func (h *Hub) due(now time.Time) (all []*Socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for sub := range h.all {
		if s, isSocket := sub.out.(*Socket); isSocket && now.Sub(s.pinged) >= pingEvery {
			s.pinged = now
			all = append(all, s)
		}
	}
	return all
}
