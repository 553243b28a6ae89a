package live

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// batch is the subscriptions of a topic that have the same position, and the entries they
// need.
type batch struct {
	topic *topic
	log   Range
	subs  []*Subscription
}

// databaseTimeout is the time limit of a call of Options.Updates or Options.Check. A database
// connection that no longer answers must not stop all deliveries.
const databaseTimeout = 10 * time.Second

// passSize is the number of batches in one pass, so that many clients that reconnect
// after a restart do not delay the others.
const passSize = 200

// passTime is how long a pass waits for its deliveries before the next one begins.
// Waiting lets the next pass read the entries of many topics at once. A topic whose
// delivery takes longer is left out of the passes until it is done and delays no other.
const passTime = 20 * time.Millisecond

// pump reads and delivers new entries in passes until ctx ends. Topics are delivered
// concurrently, each one by a single goroutine, which keeps its entries in order.
func (h *Hub) pump(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.work:
		}
		if err := h.pass(ctx); err != nil && ctx.Err() == nil {
			h.opts.Log.Warn("reading topics failed", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(500 * time.Millisecond):
			}
		}
	}
}

// pass reads new entries once, for at most passSize batches and those of one further
// topic, and delivers them. It returns when they are delivered, or after passTime.
func (h *Hub) pass(ctx context.Context) error {
	batches := h.collect()
	if len(batches) == 0 {
		return nil
	}
	updates, err := h.read(ctx, batches)
	if err == nil {
		err = h.removePaused(ctx, batches)
	}
	if err != nil {
		h.again(batches)
		return err
	}
	var delivered sync.WaitGroup
	for from, to := 0, 0; from < len(batches); from = to {
		for to = from; to < len(batches) && batches[to].topic == batches[from].topic; {
			to++
		}
		delivered.Go(func() { h.deliverTopic(batches[from:to], updates[from:to]) })
	}
	waitUpTo(passTime, &delivered)
	return nil
}

// read returns the updates of each batch. After a panic it returns no entries and no
// error, so that a broken entry is not retried without end.
func (h *Hub) read(ctx context.Context, batches []*batch) (updates []Updates, err error) {
	ranges := make([]Range, len(batches))
	for i, s := range batches {
		ranges[i] = s.log
	}
	defer func() {
		if r := recover(); r != nil {
			h.opts.Log.Error("panic while reading updates", "error", r, "stack", string(debug.Stack()))
			updates, err = make([]Updates, len(ranges)), nil
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	return h.opts.Updates(ctx, ranges)
}

// waitUpTo waits for the group, for at most d.
func waitUpTo(d time.Duration, all *sync.WaitGroup) {
	done := make(chan struct{})
	go func() { all.Wait(); close(done) }()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}

// collect takes marked topics, and groups their subscriptions that are behind and can take
// more by position. The batches of a topic are adjacent in the result. The topic is
// busy until they are delivered.
func (h *Hub) collect() []*batch {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*batch
	for t := range h.marked {
		if t.busy {
			continue
		}
		if len(all) >= passSize {
			signal(h.work)
			break
		}
		delete(h.marked, t)
		at := map[int64]*batch{}
		for _, s := range t.subs {
			if s.paused || s.seq >= t.last || s.out.IsFull() {
				continue
			}
			if at[s.seq] == nil {
				at[s.seq] = &batch{topic: t, log: Range{Topic: t.name, After: s.seq, Upto: t.last}}
				all = append(all, at[s.seq])
				t.busy = true
			}
			at[s.seq].subs = append(at[s.seq].subs, s)
		}
	}
	return all
}

// maxWriters is the number of writing goroutines above which the pump yields to them. Otherwise a
// message to thousands of sockets would start that many goroutines, each with a stack, before the
// first of them runs. The pump yields and does not wait, so that clients that read nothing do not
// delay the others.
const maxWriters = 256

// deliverTopic delivers the batches of one topic. Afterwards the topic takes part
// in passes again.
func (h *Hub) deliverTopic(batches []*batch, updates []Updates) {
	defer h.finish(batches[0].topic)
	defer func() {
		if r := recover(); r != nil {
			h.opts.Log.Error("panic while delivering updates", "error", r, "stack", string(debug.Stack()))
		}
	}()
	for i, s := range batches {
		h.deliver(s, updates[i])
	}
}

// deliver sends updates to the subscriptions of a batch, and advances the position of those whose
// outlet accepted them.
func (h *Hub) deliver(st *batch, updates Updates) {
	got := st.subs[:0]
	for _, s := range st.subs {
		if h.writers.Load() > maxWriters {
			runtime.Gosched()
		}
		if updates.Gone {
			go s.out.Close(CloseGone, "not here any more")
		} else if updates.To > st.log.After {
			if f := h.draw(updates, s.subscriber); f == nil || s.out.Push(f, Entries) {
				got = append(got, s)
			}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range got {
		s.seq = updates.To
	}
	if t := h.topics[st.log.Topic]; t != nil && updates.More {
		h.mark(t)
	}
}

// draw calls updates.Draw. After a panic it returns nil, so that a panic affects only
// this subscriber.
func (h *Hub) draw(updates Updates, subscriber any) (f *Frame) {
	defer func() {
		if r := recover(); r != nil {
			h.opts.Log.Error("panic while drawing updates", "error", r, "stack", string(debug.Stack()))
			f = nil
		}
	}()
	return updates.Draw(subscriber)
}

// again marks the topics of a failed pass, so that the next one tries them again.
func (h *Hub) again(batches []*batch) {
	h.mu.Lock()
	for _, s := range batches {
		if h.topics[s.log.Topic] == s.topic {
			h.mark(s.topic)
		}
	}
	var waiting []func()
	for _, s := range batches { // a topic may have several
		waiting = append(waiting, h.free(s.topic)...)
	}
	h.mu.Unlock()
	for _, send := range waiting {
		send()
	}
}

// finish makes the topic available to passes again, starts one if it was marked in the
// meantime, and sends what waited for the topic.
func (h *Hub) finish(t *topic) {
	h.mu.Lock()
	waiting := h.free(t)
	if _, marked := h.marked[t]; marked {
		signal(h.work)
	}
	h.mu.Unlock()
	for _, send := range waiting {
		send()
	}
}

// free ends the pass of a topic, and returns what to send after h.mu is unlocked.
func (h *Hub) free(t *topic) (waiting []func()) {
	for _, draw := range t.next {
		waiting = append(waiting, func() { h.Send(t.name, draw) })
	}
	t.busy, t.next = false, nil
	return waiting
}

// Drained schedules a delivery. An [Outlet] calls it after IsFull or Push has refused
// entries, when its queue is empty.
func (s *Subscription) Drained() {
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.seq < s.topic.last {
		h.mark(s.topic)
	}
}
