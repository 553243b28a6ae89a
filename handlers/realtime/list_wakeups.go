package realtime

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/live"
)

// listWakeups limits the messages to lists to one a second for each topic.
type listWakeups struct {
	*core
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

// wake sends the lists of a topic that may have a ticket, or [anyTicket], a message that they
// may have changed: at once, or at the end of the second in which the topic already got one.
func (s *listWakeups) wake(topic string, ticket int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if waiting, sent := s.pending[topic]; sent {
		waiting[ticket] = true
	} else if s.hub.HasSubscribers(topic) {
		s.wakeNow(topic, ticketSet{ticket: true})
	}
}

// wakeNow sends the message at once. The caller has locked mu.
func (s *listWakeups) wakeNow(topic string, tickets ticketSet) {
	s.pending[topic] = ticketSet{}
	go s.send(topic, tickets)
	time.AfterFunc(time.Second, func() { s.wakeAgain(topic) })
}

// wakeAgain runs one second after a message and sends another if the topic changed in
// between.
func (s *listWakeups) wakeAgain(topic string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := s.pending[topic]
	delete(s.pending, topic)
	if len(waiting) > 0 && s.hub.HasSubscribers(topic) {
		s.wakeNow(topic, waiting)
	}
}

// send sends the message to the subscribers of a topic, and of the topic of staff only to
// those who may read one of the tickets: for the others, nothing has happened.
func (s *listWakeups) send(topic string, tickets ticketSet) {
	if topic != topicStaff || tickets[anyTicket] {
		s.hub.Send(topic, func(any) *live.Frame { return changed })
		return
	}
	readers, err := s.readersOf(tickets)
	if err != nil {
		s.Log.Warn("finding the readers of changed tickets failed", "error", err)
		for id := range tickets { // for the next message, a second later: the lists cannot be read now either
			s.wake(topic, id)
		}
		return
	}
	s.hub.Send(topic, func(who any) *live.Frame {
		if actor := who.(*subscriber).actor; actor.Reach() != account.ReachAll && !readers[actor.ID] {
			return nil
		}
		return changed
	})
}

// readersOf returns those subscribers of lists of staff who may read one of the tickets. Users who
// may read every ticket are left out.
func (s *listWakeups) readersOf(tickets ticketSet) (map[int64]bool, error) {
	users := map[int64]bool{}
	s.hub.Send(topicStaff, func(who any) *live.Frame {
		if actor := who.(*subscriber).actor; actor.Reach() != account.ReachAll {
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

// wakeAll sends all lists a message that they may have changed, because messages were lost.
func (s *listWakeups) wakeAll() {
	for _, topic := range s.hub.Topics() {
		if topic == topicStaff || strings.HasPrefix(topic, topicUser) {
			s.wake(topic, anyTicket)
		}
	}
}
