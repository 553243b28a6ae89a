package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// world is a hub with a listener and logs in memory.
type world struct {
	t   *testing.T
	hub *Hub
	url string

	mu      sync.Mutex
	logs    map[string][]string
	gone    map[string]bool
	closing map[string]int           // by name: the close code of the next check
	fail    int                      // the number of reads and checks that will fail
	slow    chan struct{}            // if not nil, checks wait for it
	stuck   map[string]chan struct{} // by topic: drawing its updates waits for it
	begun   func()
}

// Listen implements Bus. It stores begun for the test and blocks until ctx ends.
func (w *world) Listen(ctx context.Context, begun func(), _ func(string)) {
	w.mu.Lock()
	w.begun = begun
	w.mu.Unlock()
	begun()
	<-ctx.Done()
}

// Publish implements Bus. It does nothing.
func (*world) Publish(context.Context, string) error { return nil }

// newWorld starts a hub and a server of its sockets. It makes the test parallel.
func newWorld(t *testing.T) *world {
	t.Helper()
	t.Parallel()
	w := &world{t: t, logs: map[string][]string{}, gone: map[string]bool{}, closing: map[string]int{}}
	w.hub = New(Options{Bus: w, Receive: func(string) {}, Updates: w.updates, Check: w.check, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { w.hub.Run(ctx); close(done) }()
	srv := httptest.NewServer(http.HandlerFunc(w.join))
	w.url = srv.URL
	t.Cleanup(func() { w.hub.Close(); srv.Close(); cancel(); <-done })
	return w
}

// join joins the topic and the subscriber in the query: ?topic=&after=&name=&user=&addr=.
func (w *world) join(rw http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	after, _ := strconv.ParseInt(q.Get("after"), 10, 64)
	user, _ := strconv.ParseInt(q.Get("user"), 10, 64)
	w.mu.Lock()
	last := int64(len(w.logs[q.Get("topic")]))
	w.mu.Unlock()
	err := w.hub.Join(rw, r, []string{w.url}, JoinOptions{Topic: q.Get("topic"), After: after, Last: last, Subscriber: q.Get("name"), User: user, Addr: q.Get("addr"),
		Message: func(s *Socket, _ any, text []byte) {
			if string(text) == "panic" {
				panic("as asked")
			}
			s.Send(NewFrame(text))
		}})
	if errors.Is(err, ErrTooMany) {
		rw.WriteHeader(http.StatusTooManyRequests)
	}
}

// pageSize is the maximum number of entries of one read.
const pageSize = 7

// updates implements Options.Updates with the logs of the test.
func (w *world) updates(_ context.Context, wants []Range) ([]Updates, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail > 0 {
		w.fail--
		return nil, errors.New("as asked")
	}
	out := make([]Updates, len(wants))
	for i, want := range wants {
		to := min(want.Upto, want.After+pageSize)
		lines := w.logs[want.Topic][want.After:to]
		stuck := w.stuck[want.Topic]
		out[i] = Updates{To: to, More: to < want.Upto, Gone: w.gone[want.Topic], Draw: func(subscriber any) *Frame {
			if stuck != nil {
				<-stuck
			}
			if subscriber == "panic" {
				panic("as asked")
			}
			return NewFrame([]byte(fmt.Sprintf("%d %d %s", want.After, to, strings.Join(lines, "|"))))
		}}
	}
	return out, nil
}

// check implements Options.Check with the closing codes of the test.
func (w *world) check(_ context.Context, members []Member) ([]CheckResult, error) {
	w.mu.Lock()
	slow := w.slow
	w.mu.Unlock()
	if slow != nil {
		<-slow
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail > 0 {
		w.fail--
		return nil, errors.New("as asked")
	}
	out := make([]CheckResult, len(members))
	for i, m := range members {
		out[i] = CheckResult{Close: w.closing[m.Subscriber.(string)], Last: int64(len(w.logs[m.Topic]))}
	}
	return out, nil
}

// appendEntry appends an entry to the log of a topic and wakes the hub.
func (w *world) appendEntry(topic, line string) {
	w.mu.Lock()
	w.logs[topic] = append(w.logs[topic], line)
	last := int64(len(w.logs[topic]))
	w.mu.Unlock()
	w.hub.Wake(topic, last)
}

// set changes fields of w under its lock.
func (w *world) set(change func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
}

// reader is a client.
type reader struct {
	t     *testing.T
	conn  *websocket.Conn
	seq   int64
	lines []string
}

// dial opens a websocket.
func (w *world) dial(query string) (*websocket.Conn, *http.Response, error) {
	return websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.url, "http")+"/?"+query, http.Header{"Origin": {w.url}})
}

// reader opens a websocket whose page shows the log up to a seq. It is closed when the
// test ends.
func (w *world) reader(seq int64, query string) *reader {
	w.t.Helper()
	conn, resp, err := w.dial(fmt.Sprintf("after=%d&%s", seq, query))
	if err != nil {
		w.t.Fatalf("%v (%v)", err, resp)
	}
	w.t.Cleanup(func() { conn.Close() })
	return &reader{t: w.t, conn: conn, seq: seq}
}

// next returns the next message, and an error after 20 seconds.
func (r *reader) next() (string, error) {
	r.conn.SetReadDeadline(time.Now().Add(20 * time.Second))
	_, b, err := r.conn.ReadMessage()
	return string(b), err
}

// reaches reads up to a seq, and checks that each frame follows the previous one.
func (r *reader) reaches(seq int64) {
	r.t.Helper()
	for r.seq < seq {
		text, err := r.next()
		if err != nil {
			r.t.Errorf("at %d of %d: %v", r.seq, seq, err)
			return
		}
		var from, to int64
		var lines string
		if _, err := fmt.Sscanf(text, "%d %d %s", &from, &to, &lines); err != nil || from != r.seq {
			r.t.Errorf("at %d comes %q", r.seq, text)
			return
		}
		r.seq, r.lines = to, append(r.lines, strings.Split(lines, "|")...)
	}
}

// closes reads until the socket is closed, and fails the test if the code is another one.
func (r *reader) closes(code int) {
	r.t.Helper()
	for {
		if _, err := r.next(); websocket.IsCloseError(err, code) {
			return
		} else if err != nil {
			r.t.Fatalf("it ends with %v, want %d", err, code)
		}
	}
}
