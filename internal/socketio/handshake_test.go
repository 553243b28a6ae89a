package socketio

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

func TestAHandshakeStatesTheTimesAndLimits(t *testing.T) {
	t.Parallel()
	_, base := (&echo{}).serve(t)
	_, text := fetch(t, http.MethodGet, base, "EIO=4&transport=polling", "")
	socket, err := dial(t, base, "").next()
	if err != nil {
		t.Fatal(err)
	}
	for handshake, upgrades := range map[string][]any{text: {"websocket"}, socket: {}} {
		var got map[string]any
		if err := json.Unmarshal([]byte(strings.TrimPrefix(handshake, "0")), &got); err != nil {
			t.Fatalf("handshake %q: %v", handshake, err)
		}
		delete(got, "sid")
		want := map[string]any{"upgrades": upgrades, "pingInterval": 300.0, "pingTimeout": 200.0, "maxPayload": 1e6}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("handshake %v, want %v", got, want)
		}
	}
}

func TestAHandshakeIsPlainTextThatNoCacheStores(t *testing.T) {
	t.Parallel()
	_, base := (&echo{}).serve(t)
	resp, err := http.Get(base + "/socket.io/?EIO=4&transport=polling")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	for name, want := range map[string]string{"Content-Type": "text/plain; charset=UTF-8", "Cache-Control": "no-store"} {
		if got := resp.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestARequestOutsideTheProtocolIsRefusedWithItsCode(t *testing.T) {
	t.Parallel()
	_, base := (&echo{}).serve(t, slow)
	sid := "&sid=" + openPolling(t, base).sid
	for _, c := range []struct {
		method, query string
		status        int
		body          string
	}{
		{"GET", "EIO=4", 400, `{"code":0,"message":"Transport unknown"}`},
		{"GET", "EIO=4&transport=abc", 400, `{"code":0,`},
		{"GET", "EIO=4&transport=webtransport", 400, `{"code":0,`},
		{"GET", "EIO=4&transport=polling&sid=abc", 400, `{"code":1,"message":"Session ID unknown"}`},
		{"POST", "EIO=4&transport=polling&sid=abc", 400, `{"code":1,`},
		{"GET", "EIO=4&transport=websocket&sid=abc", 400, `{"code":1,`},
		{"POST", "EIO=4&transport=polling", 400, `{"code":2,"message":"Bad handshake method"}`},
		{"PUT", "EIO=4&transport=polling", 400, `{"code":2,`},
		{"DELETE", "EIO=4&transport=polling" + sid, 400, `{"code":2,`},
		{"GET", "EIO=4&transport=websocket", 400, `{"code":3,"message":"Bad request"}`},
		{"GET", "EIO=4&transport=websocket" + sid, 400, `{"code":3,`},
		{"GET", "EIO=4&transport=polling&j=0", 400, `{"code":3,`},
		{"GET", "EIO=4&transport=polling&j=0" + sid, 400, `{"code":3,`},
		{"GET", "transport=polling", 400, `{"code":5,"message":"Unsupported protocol version"}`},
		{"GET", "EIO=3&transport=polling", 400, `{"code":5,`},
		{"GET", "EIO=abc&transport=websocket", 400, `{"code":5,`},
		{"OPTIONS", "EIO=4&transport=polling", 204, ""},
	} {
		t.Run(c.method+" "+c.query, func(t *testing.T) {
			status, body := fetch(t, c.method, base, c.query, "")
			wantAnswer(t, status, body, c.status, c.body)
		})
	}
}

func TestAWebSocketOutsideTheProtocolIsRefusedBeforeItsHandshake(t *testing.T) {
	t.Parallel()
	_, base := (&echo{}).serve(t)
	for query, status := range map[string]int{"transport=websocket": 400, "EIO=abc&transport=websocket": 400, "EIO=4": 400, "EIO=4&transport=websocket&sid=abc": 400} {
		conn, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(base, "http")+"/socket.io/?"+query, nil)
		if err == nil {
			conn.Close()
			t.Errorf("%s: the handshake succeeded, want %d", query, status)
		}
		if resp == nil {
			t.Fatalf("%s: got no answer, want %d: %v", query, status, err)
		}
		if resp.StatusCode != status {
			t.Errorf("%s: the status is %d, want %d", query, resp.StatusCode, status)
		}
	}
}

func TestAWebSocketOfAnotherOriginIsRefused(t *testing.T) {
	t.Parallel()
	var open atomic.Int64
	_, base := (&echo{}).serve(t, func(o *Options) {
		o.Open = func(*http.Request) (any, error) { open.Add(1); return nil, nil }
		o.Closed = func(any) { open.Add(-1) }
	})
	_, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(base, "http")+"/socket.io/?EIO=4&transport=websocket", http.Header{"Origin": {"https://bad.example"}})
	if !errors.Is(err, websocket.ErrBadHandshake) {
		t.Fatalf("got the error %v, want %v", err, websocket.ErrBadHandshake)
	}
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("the status is %d, want %d", resp.StatusCode, http.StatusForbidden)
	}
	eventually(t, func() bool { return open.Load() == 0 })
}

func TestTheCallerRefusesSessions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err        error
		status     int
		body       string
		retryAfter string
	}{
		{&OpenError{}, 403, `{"code":4,"message":"Forbidden"}`, ""},
		{&OpenError{Status: 429, Message: "Too many connections", RetryAfter: 7 * time.Second}, 429, `{"code":4,"message":"Too many connections"}`, "7"},
		{errors.New("the database is away"), 503, `{"code":4,"message":"Service unavailable"}`, ""},
	} {
		server, base := (&echo{}).serve(t, func(o *Options) { o.Open = func(*http.Request) (any, error) { return nil, c.err } })
		status, body := fetch(t, http.MethodGet, base, "EIO=4&transport=polling", "")
		wantAnswer(t, status, body, c.status, c.body)
		_, resp, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(base, "http")+"/socket.io/?EIO=4&transport=websocket", nil)
		if err == nil {
			t.Fatal("got no error, want one")
		}
		if resp.StatusCode != c.status {
			t.Errorf("the status is %d, want %d", resp.StatusCode, c.status)
		}
		if got := resp.Header.Get("Retry-After"); got != c.retryAfter {
			t.Errorf("Retry-After is %q, want %q", got, c.retryAfter)
		}
		if n := server.Sessions(); n != 0 {
			t.Errorf("%d sessions, want 0", n)
		}
	}
}

func TestWhatOpenReturnedIsKnownUntilTheSessionEnds(t *testing.T) {
	t.Parallel()
	a, closed := &echo{}, make(chan any, 1)
	_, base := a.serve(t, func(o *Options) {
		o.Open = func(r *http.Request) (any, error) { return r.Header.Get("User-Agent"), nil }
		o.Closed = func(client any) { closed <- client }
	})
	p := openPolling(t, base)
	p.posts("40")
	p.gets(`40{"sid":"*`, `42["auth",{}]`)
	if got := a.all()[0].Client(); got != "Go-http-client/1.1" {
		t.Errorf("client %q, want Go-http-client/1.1", got)
	}
	p.posts("1")
	p.gets("6")
	if got := <-closed; got != "Go-http-client/1.1" {
		t.Errorf("closed %q, want Go-http-client/1.1", got)
	}
}
