// Package people has users who talk on tickets through the API of a desk, over HTTP and websockets.
// They reconnect by themselves, repeat writes that were not acknowledged with the same key, and
// record the entries that they were shown.
package people

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"frontdesk/cmd/faults/internal/journal"
)

// Account is how a person signs in.
type Account struct{ Email, Password string }

// Room is a ticket on which a customer and an agent talk. A customer or an agent may be in
// several rooms; a desk allows five sockets for each account and replica.
type Room struct{ Customer, Agent Account }

// Recorder keeps acknowledged writes, see [journal.Journal].
type Recorder interface {
	Add(journal.Entry) error
}

// Options configure a [Crowd].
type Options struct {
	// Bases are the addresses of the desk, such as http://127.0.0.1:4000. The people are spread
	// over them, and each tries the next one after a failed connection.
	Bases   []string
	Rooms   []Room
	Journal Recorder
	// Pace is the average time between two writes of a person.
	Pace time.Duration
	// Files makes every tenth write an attachment of 64 KiB.
	Files bool
}

// Crowd is all people of a desk.
type Crowd struct {
	opts    Options
	name    string // unique for each crowd; part of every text
	members []*Person

	stop    context.CancelFunc // ends the sockets
	talking sync.WaitGroup
	done    chan struct{} // closed when no further write is to begin
	quiet   sync.Once

	mu         sync.Mutex
	acks       map[string][]Timing // by kind
	deliveries []Timing
	internal   int
	refusals   []error
}

// Timing is how long something took.
type Timing struct{ Begun, Ended time.Time }

// Took returns the duration.
func (t Timing) Took() time.Duration { return t.Ended.Sub(t.Begun) }

// signInAtOnce is the number of people who sign in at the same time: a password takes the desk
// 50 ms of a processor.
const signInAtOnce = 8

// Enter signs the people in, opens the tickets, and opens a socket for each person. They listen
// until ctx ends or [Crowd.Close].
func Enter(ctx context.Context, o Options) (*Crowd, error) {
	ctx, cancel := context.WithCancel(ctx)
	c := &Crowd{opts: o, name: rand.Text()[:6], stop: cancel, done: make(chan struct{}), acks: map[string][]Timing{}}
	if err := c.enter(ctx); err != nil {
		cancel()
		return nil, err
	}
	for _, p := range c.members {
		go p.listen(ctx)
	}
	for _, p := range c.members {
		select {
		case <-p.connected:
		case <-time.After(30 * time.Second):
			cancel()
			return nil, fmt.Errorf("%s: no socket within 30 s", p.name)
		}
	}
	return c, nil
}

// enter signs the people of all rooms in and opens the tickets.
func (c *Crowd) enter(ctx context.Context) error {
	places, failed := make(chan struct{}, signInAtOnce), make(chan error, len(c.opts.Rooms))
	c.members = make([]*Person, 2*len(c.opts.Rooms))
	for i, room := range c.opts.Rooms {
		places <- struct{}{}
		go func() {
			defer func() { <-places }()
			failed <- c.enterRoom(ctx, i, room)
		}()
	}
	var err error
	for range c.opts.Rooms {
		err = errors.Join(err, <-failed)
	}
	return err
}

// enterRoom signs the people of a room in. The customer opens the ticket.
func (c *Crowd) enterRoom(ctx context.Context, i int, room Room) error {
	customer, agent := c.newPerson(2*i), c.newPerson(2*i+1)
	c.members[2*i], c.members[2*i+1] = customer, agent
	if err := customer.signIn(ctx, room.Customer); err != nil {
		return err
	}
	if err := agent.signIn(ctx, room.Agent); err != nil {
		return err
	}
	if err := customer.openTicket(ctx); err != nil {
		return err
	}
	agent.ticket = customer.ticket
	return nil
}

// Talk makes all people write until [Crowd.Finish].
func (c *Crowd) Talk(ctx context.Context) {
	for _, p := range c.members {
		c.talking.Go(func() { p.talk(ctx) })
	}
}

// Finish ends the writing, and returns when the last writes are acknowledged.
func (c *Crowd) Finish() {
	c.quiet.Do(func() { close(c.done) })
	c.talking.Wait()
}

// Close closes all sockets.
func (c *Crowd) Close() { c.stop() }

// Reach waits until all people were shown the log of their ticket up to the given seq.
func (c *Crowd) Reach(ctx context.Context, last map[int64]int64) error {
	for _, p := range c.members {
		for p.seq() < last[p.ticket] {
			select {
			case <-ctx.Done():
				return fmt.Errorf("%s was shown ticket %d up to %d of %d: %w", p.name, p.ticket, p.seq(), last[p.ticket], ctx.Err())
			case <-time.After(5 * time.Millisecond):
			}
		}
	}
	return nil
}

// Tickets returns the tickets of all rooms.
func (c *Crowd) Tickets() []int64 {
	var ids []int64
	for i := 0; i < len(c.members); i += 2 {
		ids = append(ids, c.members[i].ticket)
	}
	return ids
}
