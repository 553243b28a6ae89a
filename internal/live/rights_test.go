package live

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestAPausedSocketGetsNothingBeforeItsRightsAreChecked(t *testing.T) {
	w := newWorld(t)
	r, other := w.reader(0, "topic=a&user=1&name=Ana"), w.reader(0, "topic=a&user=2&name=Boris")
	w.appendEntry("a", "1")
	r.reaches(1)
	other.reaches(1)
	gate := make(chan struct{})
	w.set(func() { w.slow = gate })
	w.hub.Pause(1)
	w.appendEntry("a", "2")
	w.hub.Send("a", func(subscriber any) *Frame {
		if subscriber != "Ana" {
			return nil
		}
		return NewFrame([]byte("passing"))
	})
	other.reaches(2)
	w.set(func() { w.closing["Ana"], w.slow = CloseSignedOut, nil })
	close(gate)
	_, err := r.next()
	if !websocket.IsCloseError(err, CloseSignedOut) {
		t.Errorf("got an entry, or the error %v", err)
	}
}

func TestAPausedSocketGetsAllEntriesAfterTheCheck(t *testing.T) {
	w := newWorld(t)
	r := w.reader(0, "topic=a&user=1")
	w.appendEntry("a", "1")
	r.reaches(1)
	w.set(func() { w.fail = 2 }) // the check of rights fails twice too
	w.hub.Pause(1)
	w.appendEntry("a", "2")
	r.reaches(2)
}

func TestACheckAllowsEntriesUpToTheLowestSeqThatItRead(t *testing.T) {
	t.Parallel()
	h := New(Options{Log: slog.New(slog.DiscardHandler)})
	for user, last := range []int64{0, 5, 4, 6} { // user 0 has lost the right
		h.Subscribe(&outlet{}, SubscribeOptions{Topic: "a", After: 3, Last: 3, Subscriber: last, User: int64(user)})
	}
	subs, members, pauses := h.members(true)
	results := make([]CheckResult, len(members))
	for i, m := range members {
		if results[i].Last = m.Subscriber.(int64); results[i].Last == 0 {
			results[i].Close = CloseSignedOut
		}
	}
	h.apply(results, time.Now(), subs, pauses)
	if got := h.Last("a"); got != 4 {
		t.Errorf("entries up to %d may be delivered, want 4", got)
	}
}

func TestACheckAllowsNoEntryToASocketThatItHasNotChecked(t *testing.T) {
	t.Parallel()
	h := New(Options{Log: slog.New(slog.DiscardHandler)})
	h.Subscribe(&outlet{}, SubscribeOptions{Topic: "a", After: 3, Last: 3, User: 1})
	subs, _, pauses := h.members(true)
	h.apply([]CheckResult{{Last: 3}}, time.Now(), subs, pauses)
	second := h.Subscribe(&outlet{}, SubscribeOptions{Topic: "a", After: 3, Last: 3, User: 2})
	subs, _, pauses = h.members(true)
	second.Leave() // while it is checked
	h.apply([]CheckResult{{Last: 4}}, time.Now(), subs, pauses)
	if got := h.Last("a"); got != 3 {
		t.Errorf("entries up to %d may be delivered, want 3", got)
	}
}

func TestASocketThatIsPausedWhileItsEntriesAreReadGetsNothing(t *testing.T) {
	t.Parallel()
	var h *Hub
	h = New(Options{Log: slog.New(slog.DiscardHandler), Updates: func(_ context.Context, wants []Range) ([]Updates, error) {
		h.Pause(1)
		return []Updates{{To: wants[0].Upto, Draw: func(any) *Frame { return NewFrame([]byte("new")) }}}, nil
	}})
	var outs [3]outlet // by user
	for user := 1; user <= 2; user++ {
		h.Subscribe(&outs[user], SubscribeOptions{Topic: "a", User: int64(user)})
	}
	subs, members, pauses := h.members(true)
	h.apply(make([]CheckResult, len(members)), time.Now(), subs, pauses)
	h.Wake("a", 1)
	if err := h.pass(t.Context()); err != nil {
		t.Fatal(err)
	}
	if outs[1].frames != 0 || outs[2].frames != 1 {
		t.Errorf("%d and %d frames are sent, want 0 and 1", outs[1].frames, outs[2].frames)
	}
}

// outlet is an [Outlet] that counts the frames.
type outlet struct{ frames int }

// Push implements Outlet.
func (o *outlet) Push(*Frame, Kind) bool { o.frames++; return true }

// IsFull implements Outlet.
func (*outlet) IsFull() bool { return false }

// Close implements Outlet.
func (*outlet) Close(int, string) {}

func TestEntriesMissedByTheBusAreDeliveredAfterItsRestart(t *testing.T) {
	w := newWorld(t)
	r := w.reader(0, "topic=a&user=1")
	w.appendEntry("a", "1")
	r.reaches(1)
	w.set(func() { w.logs["a"] = append(w.logs["a"], "2", "3") }) // without a message of the bus
	w.mu.Lock()
	begun := w.begun
	w.mu.Unlock()
	began := time.Now()
	begun()
	r.reaches(3)
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("it took %s", took)
	}
}

func TestOpenSocketsAreCountedByUserAndAddress(t *testing.T) {
	w := newWorld(t)
	var open []*reader
	for i := range perUser {
		open = append(open, w.reader(0, fmt.Sprintf("topic=a&user=1&addr=%d", i)))
	}
	full := func(query string, want bool) {
		t.Helper()
		for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
			conn, resp, err := w.dial(query)
			if err == nil {
				conn.Close()
			}
			refused := err != nil && resp != nil && resp.StatusCode == http.StatusTooManyRequests
			if refused == want {
				return
			}
			if want {
				t.Fatalf("%s: refused is %t, want true", query, refused)
			}
			if got := time.Since(began); got > 5*time.Second {
				t.Fatalf("%s: refused is %t after %s, want %t", query, refused, got, want)
			}
		}
	}
	full("topic=a&user=1&addr=x", true)
	full("topic=b&user=2&addr=x", false)
	open[0].conn.Close()
	full("topic=a&user=1&addr=x", false)
	for i := range perAddr {
		open = append(open, w.reader(0, fmt.Sprintf("topic=a&user=%d&addr=y", 100+i)))
	}
	full("topic=a&user=3&addr=y", true)
	for _, r := range open {
		r.conn.Close()
	}
	full("topic=a&user=3&addr=y", false)
	for began := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		w.hub.mu.Lock()
		left := len(w.hub.users) + len(w.hub.addrs) + len(w.hub.topics) + len(w.hub.all)
		w.hub.mu.Unlock()
		if left == 0 {
			return
		}
		if time.Since(began) > 5*time.Second {
			t.Fatalf("%d are still counted", left)
		}
	}
}

func TestAClosedHubRefusesSockets(t *testing.T) {
	w := newWorld(t)
	r := w.reader(0, "topic=a")
	w.hub.Close()
	r.closes(websocket.CloseServiceRestart)
	_, resp, err := w.dial("topic=a")
	if err == nil {
		t.Fatal("got no error, want one")
	}
	if resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the status is %d, want %d", resp.StatusCode, http.StatusTooManyRequests)
	}
}
