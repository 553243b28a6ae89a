package live

import (
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// numbered returns the numbers of the range as texts.
func numbered(from, to int) (all []string) {
	for i := from; i <= to; i++ {
		all = append(all, fmt.Sprint(i))
	}
	return all
}

func TestEverySocketGetsTheLogInOrderAfterItsSeq(t *testing.T) {
	w := newWorld(t)
	const topics, before, after = 3, 30, 100
	for i := 1; i <= before; i++ {
		for n := range topics {
			w.appendEntry(fmt.Sprint(n), fmt.Sprint(i))
		}
	}
	var reading sync.WaitGroup
	for i := range 12 {
		seq := i * before / 11
		r := w.reader(int64(seq), fmt.Sprintf("topic=%d&user=%d", i%topics, i))
		reading.Go(func() {
			r.reaches(before + after)
			if want := numbered(seq+1, before+after); !slices.Equal(r.lines, want) {
				t.Errorf("after %d: %v", seq, r.lines)
			}
		})
	}
	for i := before + 1; i <= before+after; i++ {
		for n := range topics {
			w.appendEntry(fmt.Sprint(n), fmt.Sprint(i))
		}
	}
	reading.Wait()
}

func TestAFailedReadIsRepeated(t *testing.T) {
	w := newWorld(t)
	r := w.reader(0, "topic=a")
	w.appendEntry("a", "1")
	r.reaches(1)
	w.set(func() { w.fail = 3 })
	w.appendEntry("a", "2")
	r.reaches(2)
}

func TestASlowTopicDoesNotDelayOthers(t *testing.T) {
	w := newWorld(t)
	slow, quick := w.reader(0, "topic=slow&user=1"), w.reader(0, "topic=quick&user=2")
	done := make(chan struct{})
	release := sync.OnceFunc(func() { close(done) })
	defer release()
	w.set(func() { w.stuck = map[string]chan struct{}{"slow": done} })
	for i := 1; i <= 20; i++ {
		w.appendEntry("slow", fmt.Sprint(i))
		w.appendEntry("quick", fmt.Sprint(i))
		quick.reaches(int64(i))
	}
	if want := numbered(1, 20); !slices.Equal(quick.lines, want) {
		t.Errorf("the other topic got %v, want %v", quick.lines, want)
	}
	release()
	slow.reaches(20)
	if want := numbered(1, 20); !slices.Equal(slow.lines, want) {
		t.Errorf("the slow topic got %v, want %v", slow.lines, want)
	}
}

func TestAMessageSentInOrderFollowsTheEntriesThatAreBeingDelivered(t *testing.T) {
	w := newWorld(t)
	r := w.reader(0, "topic=a")
	done := make(chan struct{})
	release := sync.OnceFunc(func() { close(done) })
	defer release()
	w.set(func() { w.stuck = map[string]chan struct{}{"a": done} })
	w.appendEntry("a", "old")
	isBusy := func() bool {
		w.hub.mu.Lock()
		defer w.hub.mu.Unlock()
		return w.hub.topics["a"].busy
	}
	for !isBusy() {
		runtime.Gosched()
	}
	w.hub.SendInOrder("a", func(any) *Frame { return NewFrame([]byte("new")) })
	release()
	for _, want := range []string{"0 1 old", "new"} {
		if got, err := r.next(); got != want {
			t.Errorf("got %q and %v, want %q", got, err, want)
		}
	}
}

func TestADeletedTopicClosesItsSockets(t *testing.T) {
	w := newWorld(t)
	r, other := w.reader(0, "topic=a&user=1"), w.reader(0, "topic=b&user=2")
	w.set(func() { w.gone["a"] = true })
	w.appendEntry("a", "1")
	r.closes(CloseGone)
	w.appendEntry("b", "1")
	other.reaches(1)
}

func TestAPanicInACallbackAffectsNoOtherSocket(t *testing.T) {
	w := newWorld(t)
	var all []*reader
	for i := range 8 {
		w.reader(0, fmt.Sprintf("topic=%d&user=%d&name=panic", i%4, 10+i))
		all = append(all, w.reader(0, fmt.Sprintf("topic=%d&user=%d", i%4, 20+i)))
	}
	began := time.Now()
	for i := 1; i <= 20; i++ {
		for n := range 4 {
			w.appendEntry(fmt.Sprint(n), fmt.Sprint(i))
		}
	}
	for _, r := range all {
		r.reaches(20)
		if !slices.Equal(r.lines, numbered(1, 20)) {
			t.Errorf("got %v", r.lines)
		}
	}
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("the others wait %s", took)
	}
	bad := w.reader(20, "topic=0&user=30")
	if err := bad.conn.WriteMessage(websocket.TextMessage, []byte("panic")); err != nil {
		t.Fatal(err)
	}
	bad.closes(websocket.CloseInternalServerErr)
	w.appendEntry("0", "21")
	all[0].reaches(21)
}

func TestASlowReaderIsClosedAndDelaysNoOther(t *testing.T) {
	w := newWorld(t)
	w.reader(0, "topic=a&user=100") // reads nothing
	const lines = 3000
	long := string(make([]byte, 2000))
	var healthy []*reader
	for i := range 5 {
		healthy = append(healthy, w.reader(0, fmt.Sprintf("topic=a&user=%d", i)))
	}
	began := time.Now()
	go func() {
		for i := 1; i <= lines; i++ {
			w.appendEntry("a", fmt.Sprintf("%d%s", i, long))
			time.Sleep(200 * time.Microsecond)
		}
	}()
	var reading sync.WaitGroup
	for _, r := range healthy {
		reading.Go(func() {
			for r.seq < lines {
				text, err := r.next()
				if err != nil {
					t.Errorf("at %d: %v", r.seq, err)
					return
				}
				var from, to int64
				if _, err := fmt.Sscanf(text, "%d %d", &from, &to); err != nil {
					t.Errorf("at %d comes %.20q: %v", r.seq, text, err)
					return
				}
				if from != r.seq {
					t.Errorf("after %d comes a message that begins at %d", r.seq, from)
					return
				}
				r.seq = to
			}
		})
	}
	reading.Wait()
	t.Logf("%d entries to each of 5 in %s", lines, time.Since(began).Round(time.Millisecond))
	for time.Since(began) < 20*time.Second {
		w.hub.mu.Lock()
		left := len(w.hub.all)
		w.hub.mu.Unlock()
		if left == 5 {
			t.Logf("the slow reader is closed after %s", time.Since(began).Round(time.Millisecond))
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error("the slow reader is still connected")
}
