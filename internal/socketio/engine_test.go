package socketio

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

// serveEngine starts a server of Engine.IO that sends messages back. Its timeouts end only when
// the test calls sweep.
func serveEngine(t *testing.T) (*engine, string) {
	t.Helper()
	o := (&echo{}).options()
	slow(&o)
	o.MaxPayload, o.Log = 1000, slog.New(slog.DiscardHandler)
	e := newEngine(o.withDefaults(), func(s *session) receiver { return engineEcho{s} })
	listener := httptest.NewServer(e)
	t.Cleanup(func() {
		if err := e.shutdown(context.Background()); err != nil {
			t.Error(err)
		}
		listener.Close()
	})
	return e, listener.URL
}

func TestMessagesBySeveralPacketsOfAPollComeBackInOrder(t *testing.T) {
	t.Parallel()
	_, base := serveEngine(t)
	for _, body := range []string{"4hello", "4", "4test1\x1e4test2\x1e4test3", "4hello\x1ebAQIDBA==", "b", "4Grüße, 世界"} {
		p := openPolling(t, base)
		p.posts(body)
		status, got := p.get()
		wantAnswer(t, status, got, http.StatusOK, body)
		if got != body {
			t.Errorf("%q, want %q", got, body)
		}
	}
}

func TestMessagesByWebSocketComeBackInOrder(t *testing.T) {
	t.Parallel()
	_, base := serveEngine(t)
	w := openSocket(t, base)
	w.sends("4hello", "4", "6")
	w.sendsBinary("\x01\x02", "")
	w.sends("4Grüße, 世界")
	w.gets("4hello", "4", "b\x01\x02", "b", "4Grüße, 世界")
}

func TestAPollWaitsForTheNextPacket(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p := openPolling(t, base)
	answer := p.polls(e)
	p.posts("4hello")
	if got := <-answer; got != "200 4hello" {
		t.Errorf("the poll was answered with %q, want 200 4hello", got)
	}
}

// polls starts a GET, waits until the server holds it, and returns a channel of its status and
// body.
func (p *polling) polls(e *engine) <-chan string {
	p.t.Helper()
	answer := make(chan string, 1)
	go func() {
		status, body := p.get()
		answer <- fmt.Sprint(status, " ", body)
	}()
	eventually(p.t, e.find(p.sid).hasPoll)
	return answer
}

// hasPoll reports whether the server holds a GET.
func (s *session) hasPoll() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.poll != nil
}

func TestAPacketOutsideTheProtocolClosesTheSession(t *testing.T) {
	t.Parallel()
	_, base := serveEngine(t)
	for _, packet := range []string{"abc", "7", "0", "2", "2probe", "5", "", "4a\x1e", "\x1e4a", "4\xff", "4\xed\xa0\x80"} {
		p := openPolling(t, base)
		status, body := p.post(packet)
		wantAnswer(t, status, body, http.StatusBadRequest, `{"code":3,`)
		p.wantGone()
		if packet == "4a\x1e" || packet == "\x1e4a" {
			continue // one message of a WebSocket
		}
		w := openSocket(t, base)
		w.sends(packet)
		w.wantClosed(websocket.CloseProtocolError)
	}
	for _, payload := range []string{"bAQIDBA", "b=", "b%%%%"} {
		p := openPolling(t, base)
		status, body := p.post(payload)
		wantAnswer(t, status, body, http.StatusBadRequest, `{"code":3,`)
		p.wantGone()
	}
}

func TestPacketsBeforeABadOneAreHandled(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p := openPolling(t, base)
	answer := p.polls(e)
	status, body := p.post("4a\x1ex")
	wantAnswer(t, status, body, http.StatusBadRequest, `{"code":3,`)
	if got := <-answer; got != "200 4a" && got != "200 1" { // the echo or the close packet releases the poll
		t.Errorf("the poll was answered with %q", got)
	}
	p.wantGone()
}

func TestAPayloadOverTheLimitIsRefused(t *testing.T) {
	t.Parallel()
	_, base := serveEngine(t)
	p := openPolling(t, base)
	p.posts("4" + strings.Repeat("a", 999))
	p.gets("4" + strings.Repeat("a", 999))
	status, body := p.post("4" + strings.Repeat("a", 1000))
	wantAnswer(t, status, body, http.StatusRequestEntityTooLarge, `{"code":3,`)
	p.posts("4b") // the session is still open
	p.gets("4b")
	w := openSocket(t, base)
	w.sends("4" + strings.Repeat("a", 999))
	w.gets("4" + strings.Repeat("a", 999))
	w.sends("4" + strings.Repeat("a", 1000))
	w.wantClosed(websocket.CloseMessageTooBig)
}

func TestASecondPollClosesTheSession(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p := openPolling(t, base)
	answer := p.polls(e)
	status, body := p.get()
	wantAnswer(t, status, body, http.StatusBadRequest, `{"code":3,`)
	if got := <-answer; got != "200 1" {
		t.Errorf("the first poll was answered with %q, want 200 1", got)
	}
	p.wantGone()
}

func TestASecondPostClosesTheSession(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p := openPolling(t, base)
	s := e.find(p.sid)
	if !s.beginPost() {
		t.Fatal("a first POST is not allowed")
	}
	status, body := p.post("4a")
	wantAnswer(t, status, body, http.StatusBadRequest, `{"code":3,`)
	p.wantGone()
}

func TestAClientThatGoesAwayWhileItPollsEndsTheSession(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p := openPolling(t, base)
	ctx, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/socket.io/?"+p.query(), nil)
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		if resp, err := http.DefaultClient.Do(r); err == nil {
			resp.Body.Close()
		}
	}()
	eventually(t, e.find(p.sid).hasPoll)
	cancel()
	eventually(t, func() bool { return e.count() == 0 })
}

func TestAClientClosesItsSession(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p := openPolling(t, base)
	answer := p.polls(e)
	p.posts("1")
	if got := <-answer; got != "200 6" {
		t.Errorf("the poll was answered with %q, want 200 6", got)
	}
	p.wantGone()
	late := openPolling(t, base)
	late.posts("1")
	late.gets("6") // the poll can come after the POST
	late.wantGone()
	w := openSocket(t, base)
	w.sends("1")
	w.wantClosed(websocket.CloseNormalClosure)
	eventually(t, func() bool { return e.count() == 0 })
}

func TestAClientThatReadsNothingIsClosed(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	for _, size := range []int{1, maxQueueBytes / 10} {
		p := openPolling(t, base)
		s := e.find(p.sid)
		f := textFrame(typeMessage, strings.Repeat("a", size))
		sent := 0
		for s.send(f) {
			sent++
		}
		if want := min(maxQueue, maxQueueBytes/len(f.data)); sent != want {
			t.Errorf("%d packets of %d bytes were queued, want %d", sent, len(f.data), want)
		}
		p.wantGone()
	}
}

func TestShutdownEndsAllSessionsAndRefusesNewOnes(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p, w, idle := openPolling(t, base), openSocket(t, base), openPolling(t, base)
	answer := p.polls(e)
	if err := e.shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := <-answer; got != "200 1" {
		t.Errorf("the poll was answered with %q, want 200 1", got)
	}
	w.wantClosed(websocket.CloseServiceRestart)
	idle.wantGone()
	status, body := fetch(t, http.MethodGet, base, "EIO=4&transport=polling", "")
	wantAnswer(t, status, body, http.StatusServiceUnavailable, `{"code":4,`)
	dial(t, base, "").wantClosed(websocket.CloseServiceRestart)
	if n := e.count(); n != 0 {
		t.Errorf("%d sessions are left, want 0", n)
	}
}
