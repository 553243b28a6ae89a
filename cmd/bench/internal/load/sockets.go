package load

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

// Client is one websocket on a ticket. It is small because thousands of them run
// on the machine that is measured.
type Client struct {
	conn *websocket.Conn
	seq  int64 // up to which the ticket's events have been received
}

// Target says where and how a socket is opened.
type Target struct {
	Addr   string // host:port
	Path   string
	Cookie string
	From   int // which loopback address it comes from: 0 is 127.0.1.1
	Buffer int // size of the kernel's receive buffer in bytes; 0 is the system's choice
}

var writeBuffers sync.Pool

// OpenSocket opens a socket. A desk limits the sockets of one address, so sockets
// come from the addresses of 127.0.1.0/24.
func OpenSocket(ctx context.Context, t Target) (*websocket.Conn, error) {
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+t.From))}}
	if t.Buffer > 0 {
		from.Control = func(_, _ string, c syscall.RawConn) error {
			var err error
			return errors.Join(c.Control(func(fd uintptr) {
				err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, t.Buffer)
			}), err)
		}
	}
	// The buffer holds a whole frame, so that reading one takes one system call:
	// the load must not cost more than what it measures.
	d := websocket.Dialer{NetDialContext: from.DialContext, HandshakeTimeout: 20 * time.Second,
		ReadBufferSize: 2048, WriteBufferSize: 512, WriteBufferPool: &writeBuffers}
	conn, resp, err := d.DialContext(ctx, "ws://"+t.Addr+t.Path, http.Header{"Origin": {"http://" + t.Addr}, "Cookie": {t.Cookie}})
	if err != nil && resp != nil {
		err = fmt.Errorf("%w: %s", err, resp.Status)
	}
	return conn, err
}

// OpenClients opens n sockets, 32 at a time. at returns the target of the i-th and
// the seq after which it follows the ticket. If one cannot be opened, all are
// closed and the error is returned.
func OpenClients(ctx context.Context, n int, at func(i int) (target Target, after int64)) ([]*Client, error) {
	all := make([]*Client, n)
	next, failed := make(chan int), make(chan error, 32)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	for range cap(failed) {
		wg.Go(func() {
			for i := range next {
				t, after := at(i)
				t.Path += "?after=" + strconv.FormatInt(after, 10)
				conn, err := OpenSocket(ctx, t)
				if err != nil {
					failed <- fmt.Errorf("socket %d: %w", i, err)
					cancel()
					return
				}
				all[i] = &Client{conn: conn, seq: after}
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
	case err := <-failed:
		CloseClients(all)
		return nil, err
	default:
		return all, ctx.Err()
	}
}

// CloseClients closes the sockets of all clients that are not nil.
func CloseClients(all []*Client) {
	for _, c := range all {
		if c != nil {
			c.conn.Close()
		}
	}
}

// Send sends a chat message with an idempotency key.
func (c *Client) Send(text, key string) error {
	return c.conn.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"message","message":%q,"clientMsgId":%q}`, text, key))
}

var frameBuffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// Follow reads until the socket ends and calls got with each update of the
// ticket. It returns an error when the socket ends, when an update does not begin
// at the client's seq, and when the server sends an error.
func (c *Client) Follow(got func(update []byte)) error {
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
		if err := c.receive(b.Bytes(), got); err != nil {
			return err
		}
		frameBuffers.Put(b)
	}
}

func (c *Client) receive(frame []byte, got func(update []byte)) error {
	if bytes.HasPrefix(frame, []byte(`{"type":"error"`)) {
		return fmt.Errorf("the server says %s", frame)
	}
	from, ok := numberAfter(frame, `<div data-from="`)
	if !ok {
		return nil // an acknowledgement or a presence message
	}
	to, _ := numberAfter(frame, ` data-to="`)
	if from != c.seq {
		return fmt.Errorf("an update from seq %d at seq %d: lost or doubled", from, c.seq)
	}
	c.seq = to
	got(frame)
	return nil
}

// numberAfter returns the number that follows a mark within the first 100 bytes of
// a frame, up to the next quotation mark.
func numberAfter(frame []byte, mark string) (int64, bool) {
	_, rest, ok := bytes.Cut(frame[:min(len(frame), 100)], []byte(mark))
	digits, _, closed := bytes.Cut(rest, []byte(`"`))
	if !ok || !closed {
		return 0, false
	}
	n, err := strconv.ParseInt(string(digits), 10, 64)
	return n, err == nil
}

// AllowOpenFiles raises the limit of open files for n sockets, of this process and
// of programs that it starts later.
func AllowOpenFiles(n uint64) error {
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
