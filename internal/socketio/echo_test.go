package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// echo is the application that the test suites of the protocols expect: it sends events
// and acknowledgements back.
type echo struct {
	waited atomic.Int32 // number of events whose context has ended

	mu      sync.Mutex
	sockets []*Socket // connected now
	ended   int       // number of calls of Disconnect
	away    bool      // connecting fails
}

// options returns the options for the application, with the times of the suites.
func (a *echo) options() Options {
	return Options{
		PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond, MaxPayload: 1_000_000, ConnectTimeout: time.Second,
		Namespaces: []string{"/custom"}, CheckOrigin: func(r *http.Request) bool { return r.Header.Get("Origin") != "https://bad.example" },
		Connect: a.connect, Event: a.event, Disconnect: a.disconnect, Log: slog.New(slog.DiscardHandler),
	}
}

// connect accepts a socket, or refuses it as its token asks for.
func (a *echo) connect(_ context.Context, s *Socket, auth json.RawMessage) (string, error) {
	var c struct{ Token, PID string }
	if auth == nil {
		auth = json.RawMessage("{}")
	}
	if err := json.Unmarshal(auth, &c); err != nil {
		return "", &ConnectError{Message: "Credentials are not readable"}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.away:
		return "", errors.New("the database is away")
	case c.Token == "bad":
		return "", &ConnectError{Message: "Not authorized", Data: map[string]int{"code": 401}}
	case c.Token == "panic":
		panic("as asked")
	}
	a.sockets = append(a.sockets, s)
	if c.Token == "recover" {
		c.PID = "p1"
	}
	return c.PID, s.Emit("auth", auth)
}

// event answers an event by its name.
func (a *echo) event(ctx context.Context, s *Socket, e *Event) {
	args := e.values()
	switch e.Name {
	case "message":
		_ = s.Emit("message-back", args...)
	case "message-with-ack":
		_ = e.Ack(args...)
	case "to-all":
		m, err := NewMessage("from-all", args...)
		if err != nil {
			panic(err)
		}
		for _, other := range a.all() {
			other.Send(m)
		}
	case "disconnect-me":
		s.Disconnect()
	case "close-me":
		s.Close()
	case "panic":
		panic("as asked")
	case "wait":
		_ = s.Emit("waiting")
		<-ctx.Done()
		a.waited.Add(1)
	}
}

// values returns the arguments with the attachments in place of their placeholders.
func (e *Event) values() (out []any) {
	n := 0
	for _, arg := range e.Args {
		var p placeholder
		if json.Unmarshal(arg, &p) == nil && p.Placeholder && n < len(e.Attachments) {
			out = append(out, Binary(e.Attachments[n]))
			n++
		} else {
			out = append(out, arg)
		}
	}
	return out
}

// disconnect removes a socket and counts it.
func (a *echo) disconnect(s *Socket) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ended++
	for i, other := range a.sockets {
		if other == s {
			a.sockets = append(a.sockets[:i], a.sockets[i+1:]...)
			return
		}
	}
}

// all returns the connected sockets.
func (a *echo) all() []*Socket {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]*Socket(nil), a.sockets...)
}

// serve starts the application on a new listener.
func (a *echo) serve(t *testing.T, change ...func(*Options)) (*Server, string) {
	t.Helper()
	o := a.options()
	for _, c := range change {
		c(&o)
	}
	s := New(o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { s.Run(ctx); close(done) }()
	listener := httptest.NewServer(s)
	t.Cleanup(func() {
		if err := s.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		listener.Close()
		cancel()
		<-done
	})
	return s, listener.URL
}

// engineEcho sends the messages of a session of Engine.IO back.
type engineEcho struct{ s *session }

// receive sends a frame back.
func (e engineEcho) receive(f frame) error { e.s.send(f); return nil }

// closed does nothing.
func (engineEcho) closed() {}
