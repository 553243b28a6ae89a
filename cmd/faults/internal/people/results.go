package people

import (
	"slices"

	"frontdesk/cmd/faults/internal/journal"
)

// Item is a comment or a chat message as a person was shown it.
type Item struct {
	Seq  int64
	Kind string
	Text string
}

// Seen has the entries of a ticket that one person was shown since the ticket was opened.
type Seen struct {
	Person string
	Ticket int64
	Items  []Item // in the order in which they arrived
}

// Seen returns the entries that each person was shown.
func (c *Crowd) Seen() []Seen {
	var all []Seen
	for _, p := range c.members {
		p.mu.Lock()
		all = append(all, Seen{Person: p.name, Ticket: p.ticket, Items: slices.Clone(p.items)})
		p.mu.Unlock()
	}
	return all
}

// Acks returns when each acknowledged write was begun and acknowledged. A write that was sent
// several times was begun when the acknowledged request was sent.
func (c *Crowd) Acks() []Timing {
	return slices.Concat(c.AcksOf(journal.Message), c.AcksOf(journal.Comment), c.AcksOf(journal.File))
}

// AcksOf returns the same for the writes of one kind.
func (c *Crowd) AcksOf(kind string) []Timing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.acks[kind])
}

// Deliveries returns when each comment and message was begun, and when the other person of the
// room was shown it.
func (c *Crowd) Deliveries() []Timing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.deliveries)
}

// InternalErrors returns the number of answers with status 500, and their equals on sockets.
func (c *Crowd) InternalErrors() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.internal
}

// Refusals returns an error for each valid write that was refused for good.
func (c *Crowd) Refusals() []error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.refusals)
}
