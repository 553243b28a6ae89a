package socketio

// send queues packets for the client, all or none, and reports whether it did. If the
// queue is full, the session is closed.
func (s *session) send(frames ...frame) bool {
	size := 0
	for _, f := range frames {
		size += len(f.data)
	}
	s.mu.Lock()
	if s.state != open {
		s.mu.Unlock()
		return false
	}
	if len(s.queue)+len(frames) > maxQueue || s.size+size > maxQueueBytes {
		s.mu.Unlock()
		s.close(reasonFull)
		return false
	}
	s.push(frames...)
	s.mu.Unlock()
	return true
}

// push queues packets regardless of limits. The caller has locked s.mu.
func (s *session) push(frames ...frame) {
	s.queue = append(s.queue, frames...)
	for _, f := range frames {
		s.size += len(f.data)
	}
	s.flush()
}

// flush lets the waiting GET or a goroutine send the queue. The caller has locked s.mu.
func (s *session) flush() {
	switch {
	case s.conn != nil && !s.writing:
		s.writing = true
		go s.write(s.conn)
	case s.conn == nil && s.poll != nil:
		signal(s.poll)
	}
}

// signal puts a token into c unless it has one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// empty marks the queue as empty. The caller has locked s.mu.
func (s *session) empty() {
	s.queue, s.size = nil, 0
	if s.drained != nil {
		close(s.drained)
		s.drained = nil
	}
}

// onDrained returns a channel that is closed when the queue is empty or the session has ended. It
// returns nil if one of them is already the case.
func (s *session) onDrained() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 || s.state == closed {
		return nil
	}
	if s.drained == nil {
		s.drained = make(chan struct{})
	}
	return s.drained
}
