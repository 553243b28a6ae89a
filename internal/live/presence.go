package live

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Person is somebody who has a page of a topic open.
type Person struct {
	ID      int64  `json:"i"`
	Name    string `json:"n"`
	Staff   bool   `json:"s,omitempty"`
	Writing string `json:"w,omitempty"` // where, while they do: what they said of it
	Seen    int64  `json:"p,omitempty"` // the place up to which they have seen the log, where they said so
}

// How long what is known of somebody is valid.
const (
	stayTime    = 45 * time.Second       // without a word of their replica
	repeatEvery = 20 * time.Second       // a replica repeats who is there
	leaveTime   = 3 * time.Second        // after the last socket closed: a page that is loaded again has not left
	writingTime = 6 * time.Second        // after the last sign of it
	tellEvery   = 200 * time.Millisecond // changes are gathered for so long
	maxName     = 100                    // bytes of a name
)

// Presence knows who is where, on all replicas: each tells the others of its own
// people. Nobody has to say goodbye: what is not repeated ends by itself.
type Presence struct {
	replica string
	publish func(ctx context.Context, message string)
	changed func(topic string)
	log     *slog.Logger

	mu      sync.Mutex
	topics  map[string]map[int64]*stay
	mine    map[spot]*visit      // by the sockets of this replica
	say     map[spot]change      // not published yet
	stirred map[string]bool      // topics where something changed since they were told
	next    map[string]time.Time // when a topic may be told again
}

type spot struct {
	topic string
	user  int64
}

// stay is somebody's presence as this replica knows it.
type stay struct {
	person  Person
	until   map[string]time.Time // by replica
	writing time.Time            // until then
}

// visit is somebody's presence by the sockets of this replica.
type visit struct {
	person  Person
	sockets int
}

// NewPresence makes the presence of one replica, whose name no other has. publish
// sends a message to every replica, which gives it to [Presence.Receive]; changed is
// called where the people of a topic, or what they do, changed.
func NewPresence(replica string, log *slog.Logger, publish func(context.Context, string), changed func(topic string)) *Presence {
	return &Presence{replica: replica, publish: publish, changed: changed, log: log,
		topics: map[string]map[int64]*stay{}, mine: map[spot]*visit{}, say: map[spot]change{},
		stirred: map[string]bool{}, next: map[string]time.Time{}}
}

// Enter says that somebody opened a page of a topic; leave says that it is closed.
func (p *Presence) Enter(topic string, who Person) (leave func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(who.Name) > maxName {
		who.Name = strings.TrimSpace(strings.ToValidUTF8(who.Name[:maxName], "")) + "…"
	}
	at := spot{topic, who.ID}
	v := p.mine[at]
	if v == nil {
		v = &visit{person: who}
		p.mine[at] = v
		p.say[at] = change{Topic: topic, Person: who, Done: p.say[at].Done}
	}
	v.sockets++
	p.stirred[topic] = true // who enters has to hear of the others
	return func() { p.leave(at) }
}

func (p *Presence) leave(at spot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.mine[at]
	if v.sockets--; v.sockets == 0 {
		delete(p.mine, at)
		p.say[at] = change{Topic: at.topic, Person: v.person, Gone: true}
	}
}

// Update notes what somebody who is there does: where they write, how far they have seen.
func (p *Presence) Update(topic string, user int64, do func(*Person)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := spot{topic, user}
	v := p.mine[at]
	if v == nil {
		return
	}
	do(&v.person)
	// A change that waits may say that the user has finished writing. What follows
	// in the same interval, such as "seen", must not lose that.
	done := p.say[at].Done && v.person.Writing == ""
	p.say[at] = change{Topic: topic, Person: v.person, Done: done}
	v.person.Writing = "" // said once; it ends by itself
}

// StopWriting says that a user has sent what they were writing, on whichever replica
// they are. It also ends a sign of writing that is not published yet.
func (p *Presence) StopWriting(topic string, user int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := spot{topic, user}
	if waiting, ok := p.say[at]; ok && !waiting.Gone {
		waiting.Writing, waiting.Done = "", true
		p.say[at] = waiting
	} else if s := p.topics[topic][user]; s != nil {
		p.say[at] = change{Topic: topic, Person: s.person, Done: true, Gone: true}
	}
}

// People are those in a topic now, staff first, then by name.
func (p *Presence) People(topic string) []Person {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	var all []Person
	for _, s := range p.topics[topic] {
		person := s.person
		if now.After(s.writing) {
			person.Writing = ""
		}
		all = append(all, person)
	}
	slices.SortFunc(all, func(a, b Person) int {
		switch {
		case a.Staff != b.Staff && a.Staff:
			return -1
		case a.Staff != b.Staff:
			return 1
		case a.Name != b.Name && a.Name < b.Name:
			return -1
		}
		return 1
	})
	return all
}

// Run tells and forgets until ctx ends.
func (p *Presence) Run(ctx context.Context) {
	tick, repeat := time.NewTicker(tellEvery), time.NewTicker(repeatEvery)
	defer tick.Stop()
	defer repeat.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-repeat.C:
			p.repeat()
		case now := <-tick.C:
			for _, m := range p.messages() {
				p.publish(ctx, m)
			}
			for _, topic := range p.due(now) {
				p.changed(topic)
			}
		}
	}
}

// due forgets who is gone, and gives the topics to tell of it. A crowd is told
// less often: each telling goes to all of them.
func (p *Presence) due(now time.Time) (topics []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for topic, here := range p.topics {
		for id, s := range here {
			maps.DeleteFunc(s.until, func(_ string, until time.Time) bool { return now.After(until) })
			if len(s.until) == 0 {
				delete(here, id)
				p.stirred[topic] = true
			} else if s.person.Writing != "" && now.After(s.writing) {
				s.person.Writing = ""
				p.stirred[topic] = true
			}
		}
		if len(here) == 0 {
			delete(p.topics, topic)
		}
	}
	for topic := range p.stirred {
		if now.After(p.next[topic]) {
			delete(p.stirred, topic)
			topics = append(topics, topic)
			p.next[topic] = now.Add(tellEvery * time.Duration(1+len(p.topics[topic])/10))
		}
	}
	maps.DeleteFunc(p.next, func(topic string, next time.Time) bool { return now.After(next) && !p.stirred[topic] })
	return topics
}
