package livetest

import (
	"io"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"testing"
)

// Wire is a TCP proxy whose connections a test can cut.
type Wire struct {
	Base string // its own address, such as http://127.0.0.1:34567

	mu   sync.Mutex
	to   string
	open map[*net.TCPConn]bool
}

// NewWire returns a proxy to the server at base, which runs until the test ends.
func NewWire(t testing.TB, base string) *Wire {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	w := &Wire{Base: "http://" + listener.Addr().String(), to: strings.TrimPrefix(base, "http://"), open: map[*net.TCPConn]bool{}}
	go func() {
		for {
			near, err := listener.Accept()
			if err != nil {
				return
			}
			go w.carry(near.(*net.TCPConn))
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		for w.Cut() {
		}
	})
	return w
}

// carry copies the bytes of a connection to the server and back, until one side closes it.
func (w *Wire) carry(near *net.TCPConn) {
	defer near.Close()
	far, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer far.Close()
	w.mu.Lock()
	w.open[near] = true
	w.mu.Unlock()
	defer w.forget(near)
	go func() {
		defer near.Close()
		_, _ = io.Copy(near, far) // ends with either side
	}()
	_, _ = io.Copy(far, near)
}

// forget removes a connection that has ended.
func (w *Wire) forget(near *net.TCPConn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, near)
}

// Cut closes one connection and reports whether there was one. Every other time it discards
// data that is not sent yet and resets the connection.
func (w *Wire) Cut() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	for near := range w.open { // in no order
		if rand.IntN(2) == 0 {
			_ = near.SetLinger(0) // if that fails, the connection is closed normally
		}
		near.Close()
		delete(w.open, near)
		return true
	}
	return false
}
