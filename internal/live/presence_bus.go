package live

import (
	"encoding/json"
	"time"
)

// maxBytes is the target length of a message in bytes. The bus accepts less than 8,000
// (NOTIFY of PostgreSQL).
const maxBytes = 7500

// change is a change of one user's presence, as replicas publish it.
type change struct {
	Topic string `json:"t"`
	Person
	Gone     bool `json:"g,omitempty"`
	Done     bool `json:"d,omitempty"`  // the user has stopped typing; with Gone, the other fields are ignored
	NoteDone bool `json:"nd,omitempty"` // the same for a note
}

// leaves reports whether the change is the departure of the user.
func (c change) leaves() bool { return c.Gone && !c.Done && !c.NoteDone }

// message is the JSON of one message on the bus.
type message struct {
	Replica string   `json:"r"`
	Changes []change `json:"c"`
}

// repeat queues the presence of all users of this replica for publication.
func (p *Presence) repeat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for at, v := range p.local {
		if _, queued := p.unpublished[at]; !queued {
			p.unpublished[at] = change{Topic: at.topic, Person: v.person}
		}
	}
}

// messages returns the changes since the last call, packed into messages of about
// maxBytes. The length of the encoded JSON is counted, because an escaped character
// takes six bytes.
func (p *Presence) messages() (all []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	var some []change
	size := 0
	for _, c := range p.unpublished {
		n := len(asJSON(c)) + 1
		if len(some) > 0 && size+n > maxBytes {
			all = append(all, asJSON(message{p.replica, some}))
			some, size = nil, 0
		}
		some, size = append(some, c), size+n
	}
	if len(some) > 0 {
		all = append(all, asJSON(message{p.replica, some}))
	}
	clear(p.unpublished)
	return all
}

// asJSON returns v as JSON.
func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // cannot fail: a message has only strings and numbers
	}
	return string(b)
}

// Receive applies a message that [Presence] published on any replica.
func (p *Presence) Receive(text string) {
	var m message
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		p.log.Error("invalid presence message", "error", err)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	for _, c := range m.Changes {
		p.apply(now, m.Replica, c)
	}
}

// apply applies one change. The caller has locked p.mu.
func (p *Presence) apply(now time.Time, replica string, c change) {
	here := p.topics[c.Topic]
	s := here[c.ID]
	if c.Done && s != nil {
		s.writing = time.Time{} // due then treats it as expired
	}
	if c.NoteDone && s != nil {
		s.noting = time.Time{}
	}
	if c.Gone && !c.leaves() {
		return
	}
	if s == nil {
		if c.Gone {
			return
		}
		if here == nil {
			here = map[int64]*presentUser{}
			p.topics[c.Topic] = here
		}
		s = &presentUser{until: map[string]time.Time{}}
		here[c.ID] = s
		p.dirty[c.Topic] = true
	}
	if c.Gone {
		s.until[replica] = now.Add(leaveTime)
		return
	}
	s.until[replica] = now.Add(expiryTime)
	if s.update(now, c) {
		p.dirty[c.Topic] = true
	}
}

// update stores a change of a user who is present, and reports whether others see a difference. Marks of writing
// last until they end or expire, also if the change has none.
func (s *presentUser) update(now time.Time, c change) bool {
	before, wrote, noted := s.person, now.Before(s.writing), now.Before(s.noting)
	s.person = c.Person
	s.person.Seen = max(before.Seen, c.Seen)
	if c.Writing != "" {
		s.writing = now.Add(writingTime)
	} else if wrote {
		s.person.Writing = before.Writing
	}
	if c.Noting {
		s.noting = now.Add(writingTime)
	} else if noted {
		s.person.Noting = before.Noting
	}
	return s.person != before || c.Writing != "" && !wrote || c.Noting && !noted
}
