package socketio

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// fetch sends a request to the server at base, and returns the status and the body.
func fetch(t *testing.T, method, base, query, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, base+"/socket.io/?"+query, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// wantAnswer fails the test if a response is not as wanted. body is the beginning of its body.
func wantAnswer(t *testing.T, status int, body string, wantStatus int, wantBody string) {
	t.Helper()
	if status != wantStatus {
		t.Errorf("status %d with %q, want %d", status, body, wantStatus)
	}
	if !strings.HasPrefix(body, wantBody) {
		t.Errorf("body %q, want %q", body, wantBody)
	}
}

// polling is a client that polls.
type polling struct {
	t         *testing.T
	base, sid string
}

// openPolling opens a session by polling.
func openPolling(t *testing.T, base string) *polling {
	t.Helper()
	status, body := fetch(t, http.MethodGet, base, "EIO=4&transport=polling", "")
	wantAnswer(t, status, body, http.StatusOK, `0{"sid":"`)
	return &polling{t, base, sidOf(t, body)}
}

// sidOf returns the id of the session in a handshake.
func sidOf(t *testing.T, handshake string) string {
	t.Helper()
	sid, _, ok := strings.Cut(strings.TrimPrefix(handshake, `0{"sid":"`), `"`)
	if !ok {
		t.Fatalf("the handshake %q has no sid", handshake)
	}
	if len(sid) < 24 { // 24 digits of base32 are 120 bits
		t.Fatalf("the sid in the handshake %q has %d digits, want at least 24", handshake, len(sid))
	}
	return sid
}

// query returns the query of a request of the session.
func (p *polling) query() string { return "EIO=4&transport=polling&sid=" + p.sid }

// get polls once.
func (p *polling) get() (status int, body string) {
	p.t.Helper()
	return fetch(p.t, http.MethodGet, p.base, p.query(), "")
}

// post sends packets.
func (p *polling) post(body string) (status int, answer string) {
	p.t.Helper()
	return fetch(p.t, http.MethodPost, p.base, p.query(), body)
}

// posts sends packets and fails the test if the server refuses them.
func (p *polling) posts(body string) {
	p.t.Helper()
	status, answer := p.post(body)
	wantAnswer(p.t, status, answer, http.StatusOK, "ok")
}

// gets polls until the server has sent as many packets as wanted, and compares them. A
// want that ends with * is a prefix. It answers pings.
func (p *polling) gets(want ...string) {
	p.t.Helper()
	var got []string
	for len(got) < len(want) {
		status, body := p.get()
		if status != http.StatusOK {
			p.t.Fatalf("status %d with %q after %q, want %q", status, body, got, want)
		}
		for _, packet := range strings.Split(body, "\x1e") {
			if packet == "2" && !(len(got) < len(want) && want[len(got)] == "2") {
				p.posts("3")
			} else {
				got = append(got, packet)
			}
		}
	}
	wantPackets(p.t, got, want)
}

// wantPackets compares packets with those wanted.
func wantPackets(t *testing.T, got, want []string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		switch {
		case i >= len(got) || i >= len(want):
			t.Fatalf("packets %q, want %q", got, want)
		case strings.HasSuffix(want[i], "*") && strings.HasPrefix(got[i], strings.TrimSuffix(want[i], "*")):
		case got[i] != want[i]:
			t.Fatalf("packets %q, want %q", got, want)
		}
	}
}

// wantGone fails the test if the session still exists.
func (p *polling) wantGone() {
	p.t.Helper()
	status, body := p.get()
	wantAnswer(p.t, status, body, http.StatusBadRequest, `{"code":1,`)
}

// wire is a client with a WebSocket.
type wire struct {
	t    *testing.T
	conn *websocket.Conn
}

// dial opens a WebSocket. query is appended to the query of the address, such as "&sid=…".
func dial(t *testing.T, base, query string) *wire {
	t.Helper()
	conn, _, err := websocket.DefaultDialer.DialContext(t.Context(), "ws"+strings.TrimPrefix(base, "http")+"/socket.io/?EIO=4&transport=websocket"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	_ = conn.SetReadDeadline(time.Now().Add(20 * time.Second)) // a longer wait fails the test
	return &wire{t, conn}
}

// openSocket opens a session with a WebSocket.
func openSocket(t *testing.T, base string) *wire {
	t.Helper()
	w := dial(t, base, "")
	w.gets(`0{"sid":"*`)
	return w
}

// connected opens a session with a WebSocket, and connects to the main namespace.
func connected(t *testing.T, base string) *wire {
	t.Helper()
	w := openSocket(t, base)
	w.sends("40")
	w.gets(`40{"sid":"*`, `42["auth",{}]`)
	return w
}

// sends sends texts.
func (w *wire) sends(texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		if err := w.conn.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// sendsBinary sends binary messages.
func (w *wire) sendsBinary(texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		if err := w.conn.WriteMessage(websocket.BinaryMessage, []byte(text)); err != nil {
			w.t.Fatal(err)
		}
	}
}

// next returns the next packet; a binary one begins with b.
func (w *wire) next() (string, error) {
	kind, data, err := w.conn.ReadMessage()
	if kind == websocket.BinaryMessage {
		return "b" + string(data), err
	}
	return string(data), err
}

// gets reads as many packets as wanted, and compares them. A want that ends with * is a
// prefix. It answers pings.
func (w *wire) gets(want ...string) {
	w.t.Helper()
	var got []string
	for len(got) < len(want) {
		packet, err := w.next()
		if err != nil {
			w.t.Fatalf("%v after %q, want %q", err, got, want)
		}
		if packet == "2" && want[len(got)] != "2" {
			w.sends("3")
		} else {
			got = append(got, packet)
		}
	}
	wantPackets(w.t, got, want)
}

// wantClosed reads until the server closes the connection, and compares the code of its
// close frame. It does not answer pings.
func (w *wire) wantClosed(code int) {
	w.t.Helper()
	for {
		_, err := w.next()
		if err == nil {
			continue
		}
		if !websocket.IsCloseError(err, code) {
			w.t.Errorf("the connection ended with %v, want code %d", err, code)
		}
		return
	}
}

// slow sets timeouts that end only when a test calls sweep.
func slow(o *Options) {
	o.PingInterval, o.PingTimeout, o.ConnectTimeout = time.Hour, time.Hour, time.Minute
}

// eventually waits until a condition holds.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the condition does not hold after 10 seconds")
		}
	}
}
