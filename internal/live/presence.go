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

// Person is a user who has a page of a topic open.
type Person struct {
	ID      int64  `json:"i"`
	Name    string `json:"n"`
	Staff   bool   `json:"s,omitempty"`
	Writing string `json:"w,omitempty"` // the field in which the user is typing; "" if none
	Noting  bool   `json:"o,omitempty"` // the user is typing a note, whatever Writing is
	Seen    int64  `json:"p,omitempty"` // seq up to which the user has seen the log; 0 if unknown
}

// Times and limits of presence.
const (
	expiryTime   = 45 * time.Second       // a user whose replica does not repeat them is removed
	repeatEvery  = 20 * time.Second       // how often a replica repeats its users
	leaveTime    = 3 * time.Second        // delay after the last socket closed, so that a reload is not shown as leaving
	writingTime  = 6 * time.Second        // how long a typing signal is shown
	publishEvery = 200 * time.Millisecond // how long changes are collected before they are sent
	maxName      = 100                    // length limit of a name in bytes
)

// Presence records which users have which topics open, on all replicas. Each replica
// publishes its own users and repeats them. Entries that are not repeated expire, so a
// replica that ends without a message leaves no users behind.
type Presence struct {
	replica string
	publish func(ctx context.Context, message string)
	changed func(topic string)
	log     *slog.Logger

	mu          sync.Mutex
	topics      map[string]map[int64]*presentUser
	local       map[presenceKey]*localUser // users with sockets on this replica
	unpublished map[presenceKey]change     // changes that are not published yet
	dirty       map[string]bool            // topics that changed since the last call of changed
	next        map[string]time.Time       // earliest time of the next call of changed for a topic
}

// presenceKey is a user at a topic.
type presenceKey struct {
	topic string
	user  int64
}

// presentUser is a user's presence at a topic on all replicas.
type presentUser struct {
	person  Person
	until   map[string]time.Time // when it expires, by replica
	writing time.Time            // when the typing signal expires
	noting  time.Time            // when that of a note expires
}

// localUser is a user's presence at a topic through sockets of this replica.
type localUser struct {
	person  Person
	sockets int
}

// NewPresence returns the presence of one replica. The name of the replica must be
// unique. publish must send a message to every replica, which passes it to
// [Presence.Receive]. changed is called after the people of a topic, or what they are
// doing, have changed.
func NewPresence(replica string, log *slog.Logger, publish func(context.Context, string), changed func(topic string)) *Presence {
	return &Presence{replica: replica, publish: publish, changed: changed, log: log,
		topics: map[string]map[int64]*presentUser{}, local: map[presenceKey]*localUser{}, unpublished: map[presenceKey]change{},
		dirty: map[string]bool{}, next: map[string]time.Time{}}
}

// Enter records that a user has opened a page of a topic. leave must be called once
// when the page is closed. A name over 100 bytes is shortened.
func (p *Presence) Enter(topic string, who Person) (leave func()) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(who.Name) > maxName {
		who.Name = strings.TrimSpace(strings.ToValidUTF8(who.Name[:maxName], "")) + "…"
	}
	at := presenceKey{topic, who.ID}
	v := p.local[at]
	if v == nil {
		v = &localUser{person: who}
		p.local[at] = v
		p.unpublished[at] = change{Topic: topic, Person: who, Done: p.unpublished[at].Done, NoteDone: p.unpublished[at].NoteDone}
	}
	v.sockets++
	p.dirty[topic] = true // the new page needs the list, even if the list has not changed
	return func() { p.leave(at) }
}

// leave records that one page of a visit was closed.
func (p *Presence) leave(at presenceKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.local[at]
	if v.sockets--; v.sockets == 0 {
		delete(p.local, at)
		p.unpublished[at] = change{Topic: at.topic, Person: v.person, Gone: true}
	}
}

// Update changes a user's Writing, Noting or Seen through do. It does nothing if the user has
// no socket on this replica.
func (p *Presence) Update(topic string, user int64, do func(*Person)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := presenceKey{topic, user}
	v := p.local[at]
	if v == nil {
		return
	}
	// A change that is not published yet may say that the user is typing, or has stopped. A later
	// update, such as "seen", must not overwrite that.
	waiting := p.unpublished[at]
	v.person.Writing, v.person.Noting = waiting.Writing, waiting.Noting
	do(&v.person)
	p.unpublished[at] = change{Topic: topic, Person: v.person, Done: waiting.Done && v.person.Writing == "", NoteDone: waiting.NoteDone && !v.person.Noting}
	v.person.Writing, v.person.Noting = "", false // published once; they expire after writingTime
}

// StopWriting ends a user's typing signal, on whichever replica the user is connected.
// It also drops a typing signal that is not published yet.
func (p *Presence) StopWriting(topic string, user int64) {
	p.stop(topic, user, func(c *change) { c.Writing, c.Done = "", true })
}

// StopNoting is [Presence.StopWriting] for a note.
func (p *Presence) StopNoting(topic string, user int64) {
	p.stop(topic, user, func(c *change) { c.Noting, c.NoteDone = false, true })
}

// stop publishes the end of a typing signal. end sets it in a change. A user who is leaving is
// removed soon, so their departure stays as it is.
func (p *Presence) stop(topic string, user int64, end func(*change)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := presenceKey{topic, user}
	c, waits := p.unpublished[at]
	switch {
	case c.leaves(), !waits && p.topics[topic][user] == nil:
		return
	case !waits:
		c = change{Topic: topic, Person: Person{ID: user}, Gone: true}
	}
	end(&c)
	p.unpublished[at] = c
}

// SendAgain schedules a call of changed for a topic, because a page may have missed a change.
func (p *Presence) SendAgain(topic string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.dirty[topic] = true
}

// IsElsewhere reports whether a user is at a topic through another replica.
func (p *Presence) IsElsewhere(topic string, user int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if s := p.topics[topic][user]; s != nil {
		for replica, until := range s.until {
			if replica != p.replica && time.Now().Before(until) {
				return true
			}
		}
	}
	return false
}

// People returns the users at a topic, staff first, then by name.
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
		if now.After(s.noting) {
			person.Noting = false
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

// Run publishes changes, repeats this replica's users, removes expired ones and calls
// changed, until ctx ends.
func (p *Presence) Run(ctx context.Context) {
	tick, repeat := time.NewTicker(publishEvery), time.NewTicker(repeatEvery)
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

// due removes expired users and typing signals, and returns the topics to call changed
// for. A topic with many users is returned less often, because each call sends a
// message to all of them.
func (p *Presence) due(now time.Time) (topics []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for topic, here := range p.topics {
		for id, s := range here {
			maps.DeleteFunc(s.until, func(_ string, until time.Time) bool { return now.After(until) })
			if len(s.until) == 0 {
				delete(here, id)
				p.dirty[topic] = true
				continue
			}
			if s.person.Writing != "" && now.After(s.writing) {
				s.person.Writing = ""
				p.dirty[topic] = true
			}
			if s.person.Noting && now.After(s.noting) {
				s.person.Noting = false
				p.dirty[topic] = true
			}
		}
		if len(here) == 0 {
			delete(p.topics, topic)
		}
	}
	for topic := range p.dirty {
		if now.After(p.next[topic]) {
			delete(p.dirty, topic)
			topics = append(topics, topic)
			p.next[topic] = now.Add(publishEvery * time.Duration(1+len(p.topics[topic])/10))
		}
	}
	maps.DeleteFunc(p.next, func(topic string, next time.Time) bool { return now.After(next) && !p.dirty[topic] })
	return topics
}
