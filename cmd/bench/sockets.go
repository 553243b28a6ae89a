package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/gorilla/websocket"
)

// client is one socket on a ticket, kept small: there are thousands, in the same
// machine as what they measure.
type client struct {
	conn  *websocket.Conn
	place int64 // what has been delivered of the ticket's log
}

// place is where a socket is opened.
type place struct {
	addr   string // host:port
	path   string
	cookie string
	from   int // number of the loopback address it comes from
	buffer int // bytes of the kernel's receive buffer; 0 is the system's choice
}

var writeBuffers sync.Pool

// openSocket opens a socket. A desk bounds the sockets of an address, so they
// come from many of 127.0.1.0/24.
func openSocket(ctx context.Context, p place) (*websocket.Conn, error) {
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+p.from))}}
	if p.buffer > 0 {
		from.Control = func(_, _ string, c syscall.RawConn) error {
			var err error
			return errors.Join(c.Control(func(fd uintptr) {
				err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, p.buffer)
			}), err)
		}
	}
	// A frame is read at one go: the load must not cost more than what it measures.
	d := websocket.Dialer{NetDialContext: from.DialContext, HandshakeTimeout: 20 * time.Second,
		ReadBufferSize: 2048, WriteBufferSize: 512, WriteBufferPool: &writeBuffers}
	conn, resp, err := d.DialContext(ctx, "ws://"+p.addr+p.path, http.Header{"Origin": {"http://" + p.addr}, "Cookie": {p.cookie}})
	if err != nil && resp != nil {
		err = fmt.Errorf("%w: %s", err, resp.Status)
	}
	return conn, err
}

// openClients opens n sockets, 32 at a time, each where at says.
func openClients(ctx context.Context, n int, at func(i int) (place, int64)) ([]*client, error) {
	all := make([]*client, n)
	next, faults := make(chan int), make(chan error, 32)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	for range cap(faults) {
		wg.Go(func() {
			for i := range next {
				p, after := at(i)
				p.path += "?after=" + strconv.FormatInt(after, 10)
				conn, err := openSocket(ctx, p)
				if err != nil {
					faults <- fmt.Errorf("socket %d: %w", i, err)
					cancel()
					return
				}
				all[i] = &client{conn: conn, place: after}
			}
		})
	}
	for i := range n {
		select {
		case next <- i:
		case <-ctx.Done():
		}
	}
	close(next)
	wg.Wait()
	select {
	case err := <-faults:
		closeClients(all)
		return nil, err
	default:
		return all, ctx.Err()
	}
}

func closeClients(all []*client) {
	for _, c := range all {
		if c != nil {
			c.conn.Close()
		}
	}
}

// say sends a chat line over the socket.
func (c *client) say(text, key string) error {
	return c.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"message","message":%q,"clientMsgId":%q}`, text, key))
}

var frameBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// follow reads until the socket ends, and calls got for each news, with the
// places before and after it. News that does not follow the client's place, and
// an error told by the server, end it too.
func (c *client) follow(got func(from, to int64, news []byte)) error {
	for {
		_, r, err := c.conn.NextReader()
		if err != nil {
			return err
		}
		b := frameBuffers.Get().(*bytes.Buffer)
		b.Reset()
		if _, err := b.ReadFrom(r); err != nil {
			return err
		}
		if err := c.take(b.Bytes(), got); err != nil {
			return err
		}
		frameBuffers.Put(b)
	}
}

func (c *client) take(frame []byte, got func(from, to int64, news []byte)) error {
	if bytes.HasPrefix(frame, []byte(`{"type":"error"`)) {
		return fmt.Errorf("the server says %s", frame)
	}
	from, ok := numberAt(frame, `<div data-from="`)
	if !ok {
		return nil // an answer, or a passing word
	}
	to, _ := numberAt(frame, ` data-to="`)
	if from != c.place {
		return fmt.Errorf("news from %d at place %d: lost or doubled", from, c.place)
	}
	c.place = to
	got(from, to, frame)
	return nil
}

// numberAt reads the number behind a mark that stands near the frame's beginning.
func numberAt(frame []byte, mark string) (int64, bool) {
	_, rest, ok := bytes.Cut(frame[:min(len(frame), 100)], []byte(mark))
	digits, _, closed := bytes.Cut(rest, []byte(`"`))
	if !ok || !closed {
		return 0, false
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	return n, err == nil
}

// roomFor raises the limit of open files for n sockets, here and in the
// programs started from here.
func roomFor(n uint64) error {
	var r syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return err
	}
	r.Cur, r.Max = max(r.Max, n+1000), max(r.Max, n+1000)
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &r); err != nil {
		return fmt.Errorf("%d sockets need as many open files, and some (ulimit -n): %w", n, err)
	}
	return nil
}
