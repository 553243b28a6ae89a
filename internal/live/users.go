package live

// HasSockets reports whether a user has a socket open on this replica.
func (h *Hub) HasSockets(user int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.users[userGroup{user: user}] > 0
}

// SendToUsers sends every socket what draw returns for its user, whatever topic it
// is subscribed to; nil sends nothing. As with [Hub.Send], a socket that is behind, paused or
// disconnected does not get it.
func (h *Hub) SendToUsers(draw func(user int64, subscriber any) *Frame) {
	h.mu.Lock()
	to := make([]*Subscription, 0, len(h.all))
	for s := range h.all {
		if !s.paused {
			to = append(to, s)
		}
	}
	h.mu.Unlock()
	for _, s := range to {
		if f := draw(s.user, s.subscriber); f != nil {
			s.out.Push(f, Signal)
		}
	}
}
