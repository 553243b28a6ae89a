package live

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// pipes is a listener without a network, because the clock of a synctest bubble advances only
// if no goroutine waits for a network.
type pipes chan net.Conn

// Accept implements [net.Listener].
func (p pipes) Accept() (net.Conn, error) {
	if conn, ok := <-p; ok {
		return conn, nil
	}
	return nil, errors.New("closed")
}

// Close implements [net.Listener].
func (p pipes) Close() error { return nil }

// Addr implements [net.Listener].
func (pipes) Addr() net.Addr { return &net.TCPAddr{} }

// quiet connects a client to a hub in a synctest bubble. The client answers the nth ping if
// answers(n) is true. It returns after which time the hub closed the connection, 0 if it was
// still open after stays, and the number of pings.
func quiet(t *testing.T, answers func(n int) bool, stays time.Duration) (ended time.Duration, pings int) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, logs: map[string][]string{}, gone: map[string]bool{}, closing: map[string]int{}, url: "http://desk"}
		w.hub = New(Options{Bus: w, Receive: func(string) {}, Updates: w.updates, Check: w.check, Log: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(t.Context())
		go w.hub.Run(ctx)
		dialled := make(pipes)
		srv := &http.Server{Handler: http.HandlerFunc(w.join)}
		go srv.Serve(dialled)
		near, far := net.Pipe()
		dialled <- far
		dialer := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return near, nil }}
		conn, _, err := dialer.Dial("ws://desk/?topic=a&name=ana&user=1", http.Header{"Origin": {w.url}})
		if err != nil {
			t.Fatal(err)
		}
		conn.SetPingHandler(func(data string) error {
			if pings++; !answers(pings) {
				return nil
			}
			return conn.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
		})
		begun, left := time.Now(), make(chan struct{})
		go func() {
			for {
				if _, _, err := conn.ReadMessage(); err != nil {
					ended = time.Since(begun)
					close(left)
					return
				}
			}
		}()
		select {
		case <-left:
		case <-time.After(stays):
			conn.Close()
			<-left
			ended = 0
		}
		w.hub.Close()
		cancel()
		close(dialled)
		srv.Close()
		near.Close()
	})
	return ended, pings
}

func TestAClientThatDoesNotAnswerPingsIsDisconnected(t *testing.T) {
	ended, pings := quiet(t, func(int) bool { return true }, 10*time.Minute)
	if ended != 0 {
		t.Errorf("a client that answers is disconnected after %s", ended)
	}
	if pings < 20 {
		t.Errorf("a client that answers gets %d pings, want at least 20", pings)
	}
	// The second ping is the first without an answer.
	ended, pings = quiet(t, func(n int) bool { return n == 1 }, 10*time.Minute)
	if ended < pingEvery+pongTime {
		t.Errorf("ended is %s, want at least %s", ended, pingEvery+pongTime)
	}
	if ended > pingEvery+pongTime+5*time.Second {
		t.Errorf("ended is %s, want at most %s", ended, pingEvery+pongTime+5*time.Second)
	}
	if pings < 2 {
		t.Errorf("got %d pings, want at least 2", pings)
	}
}
