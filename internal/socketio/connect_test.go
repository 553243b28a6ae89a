package socketio

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestAClientConnectsToNamespaces(t *testing.T) {
	t.Parallel()
	_, base := (&echo{}).serve(t, slow)
	for _, c := range []struct {
		connect string
		want    []string
	}{
		{"40", []string{`40{"sid":"*`, `42["auth",{}]`}},
		{`40{"token":"123"}`, []string{`40{"sid":"*`, `42["auth",{"token":"123"}]`}},
		{"40/custom,", []string{`40/custom,{"sid":"*`, `42/custom,["auth",{}]`}},
		{"40/custom", []string{`40/custom,{"sid":"*`, `42/custom,["auth",{}]`}},
		{`40/custom,{"token":"abc"}`, []string{`40/custom,{"sid":"*`, `42/custom,["auth",{"token":"abc"}]`}},
		{"40/random", []string{`44/random,{"message":"Invalid namespace"}`}},
		{`40/custom2,{"token":"abc"}`, []string{`44/custom2,{"message":"Invalid namespace"}`}},
		{`40{"token":"bad"}`, []string{`44{"message":"Not authorized","data":{"code":401}}`}},
		{`40/custom,{"token":"bad"}`, []string{`44/custom,{"message":"Not authorized","data":{"code":401}}`}},
		{`40{"token":"recover"}`, []string{`40{"sid":"*`, `42["auth",{"token":"recover"}]`}},
	} {
		t.Run(c.connect, func(t *testing.T) {
			t.Parallel()
			w := openSocket(t, base)
			w.sends(c.connect)
			w.gets(c.want...)
			p := openPolling(t, base)
			p.posts(c.connect)
			p.gets(c.want...)
		})
	}
}

func TestTheSocketsIDIsNotTheSessions(t *testing.T) {
	t.Parallel()
	a := &echo{}
	_, base := a.serve(t, slow)
	p := openPolling(t, base)
	p.posts("40")
	p.gets(`40{"sid":"*`, `42["auth",{}]`)
	id := a.all()[0].ID()
	if id == p.sid {
		t.Errorf("got %q, want another value", id)
	}
	if len(id) < 24 {
		t.Errorf("got %d bytes, want at least 24: %q", len(id), id)
	}
}

func TestTheAnswerToConnectHasThePIDOfTheApplication(t *testing.T) {
	t.Parallel()
	a := &echo{}
	_, base := a.serve(t, slow)
	w := openSocket(t, base)
	w.sends(`40{"token":"recover"}`)
	packet, err := w.next()
	if err != nil {
		t.Fatal(err)
	}
	if want := `40{"sid":"` + a.all()[0].ID() + `","pid":"p1"}`; packet != want {
		t.Errorf("%q, want %q", packet, want)
	}
}

func TestAConnectionThatFailsForNowIsClosedWithoutConnectError(t *testing.T) {
	t.Parallel()
	_, base := (&echo{away: true}).serve(t, slow)
	w := openSocket(t, base)
	w.sends("40")
	w.wantClosed(websocket.CloseTryAgainLater)
	p := openPolling(t, base)
	p.posts("40")
	p.wantGone()
}

func TestAMessageThatIsNotAllowedClosesTheSession(t *testing.T) {
	t.Parallel()
	a := &echo{}
	_, base := a.serve(t, slow)
	for _, text := range []string{"4", "4abc", "47", `42["message"]`, "41", "43[]", "40[]", `40"a"`, "40null", "40{", "401{}x", "44{}", `42/custom,["message"]`} {
		w := openSocket(t, base)
		w.sends(text)
		w.wantClosed(websocket.CloseProtocolError)
	}
	for _, text := range []string{
		"4", "4abc", "47", "42", "42{}", "42[]", "42null", "42[1]", `42[null,"a"]`, `42["a"`, `42["a"]]`, `42abc["message"]`, `42-1["message"]`,
		`42["connect"]`, `42["disconnect"]`, `42["connect_error"]`, `42["disconnecting"]`, `42["newListener"]`, `42["removeListener"]`,
		`421234567890123456["message"]`, `42/other,["message"]`, "40", `44{"message":"a"}`, "431{}", "431", "43null", "41{}",
		`45["message"]`, `45-["message"]`, `45a-["message"]`, `4511-["message"]`, `45999999999999-["message"]`, `451-{}`,
		"40/" + strings.Repeat("a", maxNamespace),
	} {
		w := connected(t, base)
		w.sends(text)
		w.wantClosed(websocket.CloseProtocolError)
	}
	eventually(t, func() bool { return len(a.all()) == 0 })
}

func TestABinaryMessageThatIsNotExpectedClosesTheSession(t *testing.T) {
	t.Parallel()
	_, base := (&echo{}).serve(t, slow)
	w := openSocket(t, base)
	w.sendsBinary("a")
	w.wantClosed(websocket.CloseProtocolError)
	w = connected(t, base)
	w.sendsBinary("a")
	w.wantClosed(websocket.CloseProtocolError)
	w = connected(t, base)
	w.sends(`451-["message",{"_placeholder":true,"num":0}]`, `42["message"]`)
	w.wantClosed(websocket.CloseProtocolError)
}

func TestASessionWithoutASocketEnds(t *testing.T) {
	t.Parallel()
	server, base := (&echo{}).serve(t, slow)
	p, w, refused, left := openPolling(t, base), openSocket(t, base), openSocket(t, base), connected(t, base)
	refused.sends("40/random")
	refused.gets("44/random*")
	left.sends("41", "40/random")
	left.gets("44/random*")
	stays := connected(t, base)
	server.engine.sweep(time.Now().Add(59 * time.Second))
	if n := server.Sessions(); n != 5 {
		t.Errorf("%d sessions after 59 seconds, want 5", n)
	}
	server.engine.sweep(time.Now().Add(61 * time.Second))
	p.wantGone()
	for _, w := range []*wire{w, refused, left} {
		w.wantClosed(websocket.ClosePolicyViolation)
	}
	stays.sends(`42["message"]`)
	stays.gets(`42["message-back"]`)
}

func TestManyHandshakesWithoutMoreAreForgotten(t *testing.T) {
	t.Parallel()
	server := New(func() Options { o := (&echo{}).options(); slow(&o); return o }())
	const many = 10_000
	for range many {
		server.ServeHTTP(discard{}, request(t, "EIO=4&transport=polling"))
	}
	if n := server.Sessions(); n != many {
		t.Errorf("%d sessions, want %d", n, many)
	}
	server.engine.sweep(time.Now().Add(61 * time.Second))
	if n := server.Sessions(); n != 0 {
		t.Errorf("%d sessions after their time, want 0", n)
	}
	if err := server.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}

// discard is a response that is not read.
type discard struct{}

// Header implements [http.ResponseWriter].
func (discard) Header() http.Header { return http.Header{} }

// Write implements [http.ResponseWriter].
func (discard) Write(p []byte) (int, error) { return len(p), nil }

// WriteHeader implements [http.ResponseWriter].
func (discard) WriteHeader(int) {}

// request returns a GET.
func request(t *testing.T, query string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/socket.io/?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}
