package realtime

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/live"
)

// listWakeups limits the messages to lists to one a second for each topic.
type listWakeups struct {
	mu      sync.Mutex
	pending map[string]ticketSet // the topics that got a message within the last second, with the tickets that changed since then
}

// ticketSet is a set of ticket ids.
type ticketSet map[int64]bool

// anyTicket is the id in a [ticketSet] if every ticket may have changed.
const anyTicket = 0

// changed is the message to a list.
var changed = live.NewFrame([]byte(`{"type":"changed"}`))

// readersTimeout limits the query for the users who may read changed tickets.
const readersTimeout = 5 * time.Second

// wakeList sends the lists of a topic that may have a ticket, or [anyTicket], a message that they
// may have changed: at once, or at the end of the second in which the topic already got one.
func (s *Realtime) wakeList(topic string, ticket int64) {
	s.wakeups.mu.Lock()
	defer s.wakeups.mu.Unlock()
	if waiting, sent := s.wakeups.pending[topic]; sent {
		waiting[ticket] = true
	} else if s.hub.Follows(topic) {
		s.wakeNow(topic, ticketSet{ticket: true})
	}
}

// wakeNow sends the message at once. The caller has locked wakeups.
func (s *Realtime) wakeNow(topic string, tickets ticketSet) {
	s.wakeups.pending[topic] = ticketSet{}
	go s.sendChanged(topic, tickets)
	time.AfterFunc(time.Second, func() { s.wakeListAgain(topic) })
}

// wakeListAgain runs one second after a message and sends another if the topic changed in
// between.
func (s *Realtime) wakeListAgain(topic string) {
	s.wakeups.mu.Lock()
	defer s.wakeups.mu.Unlock()
	waiting := s.wakeups.pending[topic]
	delete(s.wakeups.pending, topic)
	if len(waiting) > 0 && s.hub.Follows(topic) {
		s.wakeNow(topic, waiting)
	}
}

// sendChanged sends the message to the followers of a topic, and of the topic of staff only to
// those who may read one of the tickets: for the others, nothing has happened.
func (s *Realtime) sendChanged(topic string, tickets ticketSet) {
	if topic != topicStaff || tickets[anyTicket] {
		s.hub.Send(topic, func(any) *live.Frame { return changed })
		return
	}
	readers, err := s.readersOf(tickets)
	if err != nil {
		s.Log.Warn("finding the readers of changed tickets failed", "error", err)
		for id := range tickets { // for the next message, a second later: the lists cannot be read now either
			s.wakeList(topic, id)
		}
		return
	}
	s.hub.Send(topic, func(who any) *live.Frame {
		if actor := who.(*follower).actor; actor.Reach() != account.ReachAll && !readers[actor.ID] {
			return nil
		}
		return changed
	})
}

// readersOf returns those followers of lists of staff who may read one of the tickets. Users who
// may read every ticket are left out.
func (s *Realtime) readersOf(tickets ticketSet) (map[int64]bool, error) {
	users := map[int64]bool{}
	s.hub.Send(topicStaff, func(who any) *live.Frame {
		if actor := who.(*follower).actor; actor.Reach() != account.ReachAll {
			users[actor.ID] = true
		}
		return nil
	})
	if len(users) == 0 {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), readersTimeout)
	defer cancel()
	return s.Desk.Log.Readers(ctx, slices.Collect(maps.Keys(users)), slices.Collect(maps.Keys(tickets)))
}
