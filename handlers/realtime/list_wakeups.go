package realtime

import (
	"sync"
	"time"

	"frontdesk/internal/live"
)

// listWakeups limits the messages to lists to one a second for each topic.
type listWakeups struct {
	mu      sync.Mutex
	pending map[string]bool // topics that got a message within the last second; true if they changed again since
}

// changed is the message to a list.
var changed = live.NewFrame([]byte(`{"type":"changed"}`))

// wakeList sends the lists of a topic a message that they may have changed: at once, or at
// the end of the second in which they already got one.
func (s *Realtime) wakeList(topic string) {
	s.wakeups.mu.Lock()
	defer s.wakeups.mu.Unlock()
	if _, sent := s.wakeups.pending[topic]; sent {
		s.wakeups.pending[topic] = true
		return
	}
	if !s.hub.Follows(topic) {
		return
	}
	s.wakeups.pending[topic] = false
	go s.hub.Send(topic, func(any) *live.Frame { return changed })
	time.AfterFunc(time.Second, func() { s.wakeListAgain(topic) })
}

// wakeListAgain runs one second after a message and sends another if the topic changed in
// between.
func (s *Realtime) wakeListAgain(topic string) {
	s.wakeups.mu.Lock()
	more := s.wakeups.pending[topic]
	delete(s.wakeups.pending, topic)
	s.wakeups.mu.Unlock()
	if more {
		s.wakeList(topic)
	}
}
