package live

import (
	"context"
	"runtime"
	"runtime/debug"
	"time"
)

// stretch is the sockets of a topic that stand at one place.
type stretch struct {
	want    Want
	sockets []*Socket
}

// patienceDB is how long an answer of the log, or about rights, may take. A line
// that is dead without saying so must not stop everything for good.
const patienceDB = 10 * time.Second

// passSize is how many stretches one pass reads, so that a crowd that comes back
// after a restart does not keep the others waiting.
const passSize = 200

// pump brings sockets on as long as there are topics whose log has grown. Being
// one, it keeps the order; reading many topics at once, it keeps up.
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

func (h *Hub) pass(ctx context.Context) (err error) {
	stretches := h.collect()
	defer func() {
		if r := recover(); r != nil {
			h.opts.Log.Error("panic in the pump", "error", r, "stack", string(debug.Stack()))
		}
		if err != nil {
			h.again(stretches)
		}
	}()
	if len(stretches) == 0 {
		return nil
	}
	wants := make([]Want, len(stretches))
	for i, s := range stretches {
		wants[i] = s.want
	}
	ctx, cancel := context.WithTimeout(ctx, patienceDB)
	defer cancel()
	news, err := h.opts.News(ctx, wants)
	if err != nil {
		return err
	}
	for i, s := range stretches {
		h.deliver(s, news[i])
	}
	return nil
}

// collect takes the marked topics, and of each the sockets that are behind and
// can take more, by their place.
func (h *Hub) collect() []*stretch {
	h.mu.Lock()
	defer h.mu.Unlock()
	var all []*stretch
	for t := range h.marked {
		if len(all) >= passSize {
			signal(h.work)
			break
		}
		delete(h.marked, t)
		at := map[int64]*stretch{}
		for _, s := range t.sockets {
			if s.held || s.place >= t.last || s.isFull() {
				continue
			}
			if at[s.place] == nil {
				at[s.place] = &stretch{want: Want{Topic: t.name, After: s.place, Upto: t.last}}
				all = append(all, at[s.place])
			}
			at[s.place].sockets = append(at[s.place].sockets, s)
		}
	}
	return all
}

// writersMost is how many sockets may be written to at once before the pump lets
// them get on with it: a line to thousands would otherwise make as many goroutines
// before the first of them runs, and stacks for all. It only steps back and does
// not wait, so that readers who hang hold nobody up.
const writersMost = 256

// deliver sends news to the sockets that wait for it. Only the pump moves places.
func (h *Hub) deliver(st *stretch, news News) {
	got := st.sockets[:0]
	for _, s := range st.sockets {
		if h.writers.Load() > writersMost {
			runtime.Gosched()
		}
		if news.Gone {
			go s.close(CloseGone, "not here any more")
		} else if news.To > st.want.After {
			if f := h.draw(news, s.who); f == nil || s.push(f, newsRoom) {
				got = append(got, s)
			}
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range got {
		s.place = news.To
	}
	if t := h.topics[st.want.Topic]; t != nil && news.More {
		h.mark(t)
	}
}

// draw is news.Draw; nil after a panic there, which is that reader's alone.
func (h *Hub) draw(news News, who any) (f *Frame) {
	defer func() {
		if r := recover(); r != nil {
			h.opts.Log.Error("panic while drawing news", "error", r, "stack", string(debug.Stack()))
			f = nil
		}
	}()
	return news.Draw(who)
}

// again marks the topics of a pass that failed.
func (h *Hub) again(stretches []*stretch) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range stretches {
		if t := h.topics[s.want.Topic]; t != nil {
			h.mark(t)
		}
	}
}

// drained is called by a socket whose queue is empty again after it was passed over.
func (h *Hub) drained(s *Socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s.place < s.topic.last {
		h.mark(s.topic)
	}
}
