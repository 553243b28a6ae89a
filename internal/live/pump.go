package live

import (
	"context"
	"runtime"
	"runtime/debug"
	"sync"
	"time"
)

// batch is the sockets of a topic that stand at one place.
type batch struct {
	topic   *topic
	log     Range
	sockets []*Socket
}

// patienceDB is how long an answer of the log, or about rights, may take. A line
// that is dead without saying so must not stop everything for good.
const patienceDB = 10 * time.Second

// passSize is how many batches one pass reads, so that a crowd that comes back
// after a restart does not keep the others waiting.
const passSize = 200

// passTime is how long a pass waits for its deliveries before the next one begins.
// Waiting lets the next pass read what has come for many topics at once. A topic whose
// delivery takes longer is left out of the passes until it is done, and delays no other.
const passTime = 20 * time.Millisecond

// pump reads what is new for all topics, one pass after the other, and delivers it:
// topics at the same time, and each topic by one goroutine only, which keeps its order.
func (h *Hub) pump(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.work:
		}
		if err := h.pass(ctx); err != nil && ctx.Err() == nil {
			h.opts.Log.Warn("read what is new; trying again", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(500 * time.Millisecond):
			}
		}
	}
}

// pass reads what is new once, for at most passSize batches and one topic more, and
// delivers it. It returns when that is done, or after passTime.
func (h *Hub) pass(ctx context.Context) error {
	batches := h.collect()
	if len(batches) == 0 {
		return nil
	}
	news, err := h.read(ctx, batches)
	if err != nil {
		h.again(batches)
		return err
	}
	var delivered sync.WaitGroup
	for from, to := 0, 0; from < len(batches); from = to {
		for to = from; to < len(batches) && batches[to].topic == batches[from].topic; {
			to++
		}
		delivered.Go(func() { h.deliverTopic(batches[from:to], news[from:to]) })
	}
	waitUpTo(passTime, &delivered)
	return nil
}

// read reads the news of the batches. After a panic there is no news.
func (h *Hub) read(ctx context.Context, batches []*batch) (news []News, err error) {
	wants := make([]Range, len(batches))
	for i, s := range batches {
		wants[i] = s.log
	}
	defer func() {
		if r := recover(); r != nil {
			h.opts.Log.Error("panic while reading news", "error", r, "stack", string(debug.Stack()))
			news, err = make([]News, len(wants)), nil
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, patienceDB)
	defer cancel()
	return h.opts.News(ctx, wants)
}

// waitUpTo waits for all of the group, or until the time is over.
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

// collect takes the marked topics, and of each the sockets that are behind and
// can take more, by their place. The batches of a topic follow each other. The
// topic is busy until they are delivered.
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
		for _, s := range t.sockets {
			if s.paused || s.seq >= t.last || s.isFull() {
				continue
			}
			if at[s.seq] == nil {
				at[s.seq] = &batch{topic: t, log: Range{Topic: t.name, After: s.seq, Upto: t.last}}
				all = append(all, at[s.seq])
				t.busy = true
			}
			at[s.seq].sockets = append(at[s.seq].sockets, s)
		}
	}
	return all
}

// writersMost is how many sockets may be written to at once before the pump lets
// them get on with it: a line to thousands would otherwise make as many goroutines
// before the first of them runs, and stacks for all. It only steps back and does
// not wait, so that readers who hang hold nobody up.
const writersMost = 256

// deliverTopic delivers the batches of one topic. Afterwards the topic takes part
// in passes again.
func (h *Hub) deliverTopic(batches []*batch, news []News) {
	defer h.finish(batches[0].topic)
	defer func() {
		if r := recover(); r != nil {
			h.opts.Log.Error("panic while delivering news", "error", r, "stack", string(debug.Stack()))
		}
	}()
	for i, s := range batches {
		h.deliver(s, news[i])
	}
}

// deliver sends news to the sockets that wait for it, and moves their places.
func (h *Hub) deliver(st *batch, news News) {
	got := st.sockets[:0]
	for _, s := range st.sockets {
		if h.writers.Load() > writersMost {
			runtime.Gosched()
		}
		if news.Gone {
			go s.close(CloseGone, "not here any more")
		} else if news.To > st.log.After {
			if f := h.draw(news, s.follower); f == nil || s.push(f, newsRoom) {
				got = append(got, s)
			}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range got {
		s.seq = news.To
	}
	if t := h.topics[st.log.Topic]; t != nil && news.More {
		h.mark(t)
	}
}

// draw is news.Draw; nil after a panic there, which is that reader's alone.
func (h *Hub) draw(news News, follower any) (f *Frame) {
	defer func() {
		if r := recover(); r != nil {
			h.opts.Log.Error("panic while drawing news", "error", r, "stack", string(debug.Stack()))
			f = nil
		}
	}()
	return news.Draw(follower)
}

// again marks the topics of a pass that failed.
func (h *Hub) again(batches []*batch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range batches {
		s.topic.busy = false
		if h.topics[s.log.Topic] == s.topic {
			h.mark(s.topic)
		}
	}
}

// finish lets the passes take the topic again, at once if it was marked meanwhile.
func (h *Hub) finish(t *topic) {
	h.mu.Lock()
	defer h.mu.Unlock()
	t.busy = false
	if _, marked := h.marked[t]; marked {
		signal(h.work)
	}
}

// drained is called by a socket whose queue is empty again after it was passed over.
func (h *Hub) drained(s *Socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.seq < s.topic.last {
		h.mark(s.topic)
	}
}
