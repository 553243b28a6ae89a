package live

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkFanOut delivers one entry to all sockets of a topic. The hub reads the entry, renders
// it once, queues it and writes it to connections that discard it.
func BenchmarkFanOut(b *testing.B) {
	for _, readers := range []int{2, 100, 1000} {
		b.Run(fmt.Sprintf("%d readers", readers), func(b *testing.B) {
			net := &nowhere{written: make(chan struct{}, 1)}
			line := NewFrame([]byte(`{"type":"updates","html":"<li>a line of chat, as long as most of them are</li>","to":12}`))
			h := New(Options{Log: slog.New(slog.DiscardHandler), Updates: func(_ context.Context, wants []Range) ([]Updates, error) {
				return []Updates{{To: wants[0].Upto, Draw: func(any) *Frame { return line }}}, nil
			}})
			h.follow(b, net, readers)
			b.ReportAllocs()
			for seq := int64(1); b.Loop(); seq++ {
				net.left.Store(int64(readers))
				h.Wake("a", seq)
				if err := h.pass(b.Context()); err != nil {
					b.Fatal(err)
				}
				<-net.written
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*readers), "ns/reader")
			h.Close()
		})
	}
}

// follow opens sockets on topic a, whose rights are not checked.
func (h *Hub) follow(b *testing.B, net *nowhere, readers int) {
	b.Helper()
	for i := range readers {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.Header = http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "Sec-Websocket-Version": {"13"}, "Sec-Websocket-Key": {"AAAAAAAAAAAAAAAAAAAAAA=="}}
		err := h.Join(hijacked{httptest.NewRecorder(), net}, r, []string{""}, JoinOptions{Topic: "a", User: int64(i), Addr: fmt.Sprint(i)})
		if err != nil {
			b.Fatal(err)
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.all {
		s.paused = false
	}
}

// nowhere counts and discards writes. It signals written after left writes.
type nowhere struct {
	left    atomic.Int64
	written chan struct{}
}

type hijacked struct {
	http.ResponseWriter
	to *nowhere
}

// Hijack implements [http.Hijacker].
func (h hijacked) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c := &silent{to: h.to, closed: make(chan struct{})}
	return c, bufio.NewReadWriter(bufio.NewReader(c), bufio.NewWriter(c)), nil
}

// silent is a connection whose client sends nothing.
type silent struct {
	net.Conn // nil, because its other methods are not called
	to       *nowhere
	closed   chan struct{}
	done     atomic.Bool
}

// Write counts the write and reports the last one.
func (c *silent) Write(p []byte) (int, error) {
	if c.to.left.Add(-1) == 0 {
		c.to.written <- struct{}{}
	}
	return len(p), nil
}

// Read blocks until the connection is closed.
func (c *silent) Read([]byte) (int, error) {
	<-c.closed
	return 0, io.EOF
}

// Close ends a blocked Read. It may be called twice.
func (c *silent) Close() error {
	if !c.done.Swap(true) {
		close(c.closed)
	}
	return nil
}

// SetDeadline does nothing.
func (*silent) SetDeadline(time.Time) error { return nil }

// SetReadDeadline does nothing.
func (*silent) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline does nothing.
func (*silent) SetWriteDeadline(time.Time) error { return nil }
