package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// talk is rooms of two who speak in turns: in a room the next line is sent when
// the last one has been delivered to both.
type talk struct {
	rooms []*room
	fault chan error // the first that went wrong; the others are closed then
	ended <-chan struct{}
	stamp int64
}

type room struct {
	talk  *talk
	sides [2]*client

	mu    sync.Mutex
	line  int // number of the line under way, or of the last one
	here  int // to how many sides it has been delivered
	sent  time.Time
	until time.Time // no line is sent after it
	took  []time.Duration
	idle  chan struct{} // gets a word when a line was delivered and no more follow
}

func newTalk(ctx context.Context, all []*client) *talk {
	t := &talk{fault: make(chan error, 1), ended: ctx.Done(), stamp: time.Now().UnixNano()}
	for i := 0; i < len(all); i += 2 {
		r := &room{talk: t, sides: [2]*client{all[i], all[i+1]}, idle: make(chan struct{}, 1)}
		t.rooms = append(t.rooms, r)
		for side, c := range r.sides {
			go func() { t.fail(c.follow(func(_, _ int64, news []byte) { r.arrived(side, news) })) }()
		}
	}
	return t
}

func (t *talk) fail(err error) {
	select {
	case t.fault <- err:
	default:
	}
}

func (r *room) text() string { return fmt.Sprintf("line %d, as long as most are", r.line) }

// say sends the next line. The requester has the first one.
func (r *room) say() {
	r.line++
	r.here, r.sent = 0, time.Now()
	if err := r.sides[(r.line-1)%2].say(r.text(), fmt.Sprintf("talk-%d-%d", r.talk.stamp, r.line)); err != nil {
		r.talk.fail(err)
	}
}

// arrived takes news at a side; what is not the line under way is a change of status.
func (r *room) arrived(side int, news []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !bytes.Contains(news, []byte(r.text())) {
		return
	}
	now := time.Now()
	if side != (r.line-1)%2 {
		r.took = append(r.took, now.Sub(r.sent))
	}
	switch r.here++; {
	case r.here < 2:
	case now.Before(r.until):
		r.say()
	default:
		r.idle <- struct{}{}
	}
}

// begin has the room say a line, and go on until a moment.
func (r *room) begin(until time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.until = until
	r.say()
}

// wait waits until the rooms have said all.
func (t *talk) wait(rooms []*room) error {
	for _, r := range rooms {
		select {
		case <-r.idle:
		case err := <-t.fault:
			return err
		case <-t.ended:
			return errors.New("a line was not delivered to both in time")
		}
	}
	return nil
}

// run has every room talk until a moment, and say one line at least.
func (t *talk) run(until time.Time) error {
	for _, r := range t.rooms {
		r.begin(until)
	}
	return t.wait(t.rooms)
}

func (t *talk) closedLoop(seconds float64) (sample, error) {
	t.forget()
	start := time.Now()
	err := t.run(start.Add(time.Duration(seconds * float64(time.Second))))
	return t.sample(time.Since(start)), err
}

// paced sends lines at their times, in one room after the other, however long
// the ones before take.
func (t *talk) paced(seconds float64) (sample, error) {
	t.forget()
	start := time.Now()
	lines := max(1, int(seconds*paceRun))
	for i := range lines {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / paceRun)))
		r := t.rooms[i%len(t.rooms)]
		if i >= len(t.rooms) { // its line before; it has had seconds
			if err := t.wait([]*room{r}); err != nil {
				return sample{}, err
			}
		}
		r.begin(time.Time{})
	}
	err := t.wait(t.rooms[:min(lines, len(t.rooms))])
	return t.sample(time.Since(start)), err
}

func (t *talk) forget() {
	for _, r := range t.rooms {
		r.mu.Lock()
		r.took = nil
		r.mu.Unlock()
	}
}

func (t *talk) sample(took time.Duration) sample {
	var all []time.Duration
	for _, r := range t.rooms {
		r.mu.Lock()
		all = append(all, r.took...)
		r.mu.Unlock()
	}
	return newSample(all, took)
}
