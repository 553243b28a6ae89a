package socketio

import (
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestPingsAreSentAndTheirAnswersAwaited(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p, w := openPolling(t, base), openSocket(t, base)
	now := time.Now()
	for range 3 {
		now = now.Add(time.Hour + time.Second)
		e.sweep(now)
		e.sweep(now.Add(time.Minute)) // sends no second ping
		p.gets("2")
		w.gets("2")
		p.posts("3\x1e4a")
		w.sends("3", "4a")
		p.gets("4a") // the answer has been read
		w.gets("4a")
		now = time.Now()
	}
	e.sweep(now.Add(time.Hour + time.Second))
	e.sweep(now.Add(2*time.Hour + time.Minute))
	p.wantGone()
	w.wantClosed(websocket.ClosePolicyViolation)
}

func TestClientsHaveTimeToAnswerAfterTheServerWasSuspended(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p := openPolling(t, base)
	now := time.Now().Add(5 * time.Hour)
	e.sweep(now)
	e.sweep(now.Add(time.Hour - time.Second))
	p.gets("2")
	p.posts("3")
}

func TestASessionThatIsOverdueIsUnknownEvenBeforeTheSweep(t *testing.T) {
	t.Parallel()
	e, base := serveEngine(t)
	p := openPolling(t, base)
	s := e.find(p.sid)
	s.mu.Lock()
	s.waiting, s.pingAt = true, time.Now().Add(-time.Hour-time.Second)
	s.mu.Unlock()
	p.wantGone()
}

func TestAPollOutlastsTheTimeLimitsOfTheServer(t *testing.T) {
	t.Parallel()
	e, _ := serveEngine(t)
	listener := httptest.NewUnstartedServer(e)
	listener.Config.ReadTimeout, listener.Config.WriteTimeout = 50*time.Millisecond, 50*time.Millisecond
	listener.Start()
	t.Cleanup(listener.Close)
	p := openPolling(t, listener.URL)
	answer := p.polls(e)
	over := time.Now().Add(3 * listener.Config.WriteTimeout)
	eventually(t, func() bool { return time.Now().After(over) })
	p.posts("4hello")
	if got := <-answer; got != "200 4hello" {
		t.Errorf("the poll was answered with %q, want 200 4hello", got)
	}
}
