package socketio

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// probed opens a session by polling, and probes a WebSocket for it.
func probed(t *testing.T, base string) (*polling, *wire) {
	t.Helper()
	p := openPolling(t, base)
	w := dial(t, base, "&sid="+p.sid)
	w.sends("2probe")
	w.gets("3probe")
	return p, w
}

// upgraded opens a session by polling, and upgrades it.
func upgraded(t *testing.T, base string) (*polling, *wire) {
	t.Helper()
	p, w := probed(t, base)
	w.sends("5", "4hello")
	w.gets("4hello")
	return p, w
}

func TestAnUpgradeReleasesTheWaitingPollAndThoseAfterIt(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p := openPolling(t, base)
	answer := p.polls(e)
	w := dial(t, base, "&sid="+p.sid)
	w.sends("2probe")
	w.gets("3probe")
	if got := <-answer; got != "200 6" {
		t.Errorf("the waiting poll was answered with %q, want 200 6", got)
	}
	p.gets("6")
	w.sends("5", "4hello")
	w.gets("4hello")
}

func TestPacketsQueuedDuringAnUpgradeAreSentOnce(t *testing.T) {
	t.Parallel()
	_, base := serveEngine(t)
	p, w := probed(t, base)
	p.posts("4one")
	p.gets("4one")
	p.posts("4two\x1ebAQID")
	w.sends("5", "4three")
	w.gets("4two", "b\x01\x02\x03", "4three")
}

func TestAfterAnUpgradePollingIsRefusedAndTheSessionGoesOn(t *testing.T) {
	t.Parallel()
	_, base := serveEngine(t)
	p, w := upgraded(t, base)
	status, body := p.get()
	wantAnswer(t, status, body, http.StatusBadRequest, `{"code":3,`)
	status, body = p.post("4x")
	wantAnswer(t, status, body, http.StatusBadRequest, `{"code":3,`)
	w.sends("4hello")
	w.gets("4hello")
}

func TestAPollThatWaitsAtTheEndOfAnUpgradeIsRefused(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p := openPolling(t, base)
	answer := p.polls(e)
	s, conn := e.find(p.sid), &websocket.Conn{}
	s.offer(conn)
	if !s.change(conn) {
		t.Fatal("the session was not upgraded")
	}
	if got := <-answer; got != `400 {"code":3,"message":"Bad request"}` {
		t.Errorf("the poll was answered with %q, want 400", got)
	}
	s.mu.Lock()
	s.conn = nil // the connection is not a real one
	s.mu.Unlock()
}

func TestASecondWebSocketOfASessionIsClosedAndTheFirstGoesOn(t *testing.T) {
	t.Parallel()
	_, base := serveEngine(t)
	during, first := probed(t, base)
	dial(t, base, "&sid="+during.sid).wantClosed(websocket.ClosePolicyViolation)
	first.sends("5", "4hello")
	first.gets("4hello")
	dial(t, base, "&sid="+during.sid).wantClosed(websocket.ClosePolicyViolation)
	first.sends("4hello")
	first.gets("4hello")
}

func TestAWebSocketThatDoesNotUpgradeIsClosedAndPollingGoesOn(t *testing.T) {
	t.Parallel()
	_, base := serveEngine(t)
	for name, packets := range map[string][]string{
		"a message instead of a probe": {"4hello"}, "an upgrade without a probe": {"5"}, "a probe of another text": {"2"},
		"a message after the probe": {"2probe", "4hello"}, "a second probe": {"2probe", "2probe"}, "close": {"1"}, "not a packet": {"x"},
	} {
		p := openPolling(t, base)
		w := dial(t, base, "&sid="+p.sid)
		w.sends(packets...)
		w.wantClosed(websocket.CloseProtocolError)
		p.posts("4on")
		status, body := p.get()
		if status != http.StatusOK {
			t.Errorf("%s: the status of polling afterwards is %d, want 200", name, status)
		}
		if !slices.Contains([]string{"4on", "6"}, body) {
			t.Errorf("%s: polling afterwards answers %q, want 4on or 6", name, body)
		}
		w = dial(t, base, "&sid="+p.sid) // the client may try again
		w.sends("2probe")
		w.gets("3probe")
	}
}

func TestAnUpgradeThatIsNotFinishedInTimeIsDroppedAndPollingGoesOn(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	begun := openPolling(t, base)
	silent := dial(t, base, "&sid="+begun.sid)
	eventually(t, func() bool { return e.find(begun.sid).hasProbe() })
	halfway, probing := probed(t, base)
	e.sweep(time.Now().Add(stepTime - time.Second))
	for _, p := range []*polling{begun, halfway} {
		if !e.find(p.sid).hasProbe() {
			t.Error("an upgrade was dropped before its time")
		}
	}
	e.sweep(time.Now().Add(stepTime + time.Second))
	silent.wantClosed(websocket.ClosePolicyViolation)
	probing.wantClosed(websocket.ClosePolicyViolation)
	for _, p := range []*polling{begun, halfway} {
		p.posts("4on")
		p.gets("4on")
	}
}

// hasProbe reports whether the session has an unfinished upgrade.
func (s *session) hasProbe() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.probe != nil
}

func TestTheEndOfASessionEndsItsUpgrade(t *testing.T) {
	t.Parallel()
	_, base := serveEngine(t)
	p, w := probed(t, base)
	if status, _ := p.post("x"); status != http.StatusBadRequest {
		t.Errorf("status %d, want 400", status)
	}
	w.wantClosed(websocket.CloseProtocolError)
}
