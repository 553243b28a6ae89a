package main

import (
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// wire is a TCP proxy between a browser and the desk. A test can cut it.
type wire struct {
	base string // its address, such as http://127.0.0.1:34567

	mu      sync.Mutex
	to      string // the address of the desk
	open    map[net.Conn]bool
	isCut   bool
	isPlain bool
	isBusy  bool
}

// newWire starts a proxy to the desk at base, which runs until the test ends.
func newWire(t *testing.T, base string) *wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &wire{base: "http://" + listener.Addr().String(), open: map[net.Conn]bool{}, to: strings.TrimPrefix(base, "http://")}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			go w.carry(near)
		}
	}()
	t.Cleanup(func() { listener.Close(); w.cut(true) })
	return w
}

// carry copies the bytes of a connection to the desk and back, until one side closes it.
func (w *wire) carry(near net.Conn) {
	defer near.Close()
	w.mu.Lock()
	to, refused := w.to, w.isCut
	w.open[near] = true
	w.mu.Unlock()
	defer func() {
		w.mu.Lock()
		delete(w.open, near)
		w.mu.Unlock()
	}()
	far, err := net.Dial("tcp", to)
	if err != nil || refused {
		return
	}
	defer far.Close()
	go func() {
		defer near.Close()
		io.Copy(near, far)
	}()
	io.Copy(far, watched{near, w})
}

// watched is a connection that refuses websockets if the wire carries only plain HTTP, and
// comments and notes if the wire is busy.
type watched struct {
	net.Conn
	w *wire
}

// Read reads from the connection. It answers a refused request itself and returns
// [io.EOF].
func (c watched) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	c.w.mu.Lock()
	plain, busy := c.w.isPlain, c.w.isBusy
	c.w.mu.Unlock()
	if busy && strings.HasPrefix(string(b[:n]), "POST ") && (strings.Contains(string(b[:n]), "/comments HTTP/") || strings.Contains(string(b[:n]), "/notes HTTP/")) {
		io.WriteString(c.Conn, "HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: close\r\n\r\nBusy")
		return 0, io.EOF
	}
	if plain && strings.Contains(strings.ToLower(string(b[:n])), "upgrade: websocket") {
		io.WriteString(c.Conn, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
		return 0, io.EOF
	}
	return n, err
}

// cut(true) closes all connections and refuses new ones until cut(false).
func (w *wire) cut(off bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isCut = off
	for conn := range w.open {
		conn.Close()
	}
}

// plainOnly refuses websockets, as the proxies of some companies do.
func (w *wire) plainOnly() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isPlain = true
}

// busy answers comments and notes with 503, as a proxy does, or accepts them again.
func (w *wire) busy(yes bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.isBusy = yes
}

// leadTo changes the desk to which the wire connects.
func (w *wire) leadTo(base string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.to = strings.TrimPrefix(base, "http://")
}
