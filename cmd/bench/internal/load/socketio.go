package load

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// IOTarget says where and how a client of Socket.IO connects, and which room it joins.
type IOTarget struct {
	Addr   string // host:port
	Token  string
	Ticket int64
	From   int // which loopback address it comes from: 0 is 127.0.1.1
}

// ioPath is the path of Socket.IO with a transport.
func ioPath(transport string) string { return "/socket.io/?EIO=4&transport=" + transport }

// IOSocket is one client of Socket.IO over a websocket in the room of a ticket.
type IOSocket struct {
	conn   *websocket.Conn
	ticket int64
	mu     sync.Mutex // of writes: Follow answers pings
	seq    int64      // of the last message
}

// OpenIOSockets opens n clients, 16 at a time, and waits until all have joined their rooms.
func OpenIOSockets(ctx context.Context, n int, at func(i int) IOTarget) ([]*IOSocket, error) {
	all := make([]*IOSocket, n)
	return all, inParallel(n, 16, func(i int) (err error) {
		all[i], err = openIOSocket(ctx, at(i))
		return err
	})
}

// inParallel calls f for 0 to n-1, several at a time, and returns the first error.
func inParallel(n, atOnce int, f func(i int) error) error {
	var wg sync.WaitGroup
	failed, slots := make(chan error, n), make(chan struct{}, atOnce)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if err := f(i); err != nil {
				failed <- fmt.Errorf("client %d: %w", i, err)
			}
		})
	}
	wg.Wait()
	close(failed)
	return <-failed
}

func openIOSocket(ctx context.Context, t IOTarget) (*IOSocket, error) {
	conn, err := OpenSocket(ctx, Target{Addr: t.Addr, Path: ioPath("websocket"), From: t.From})
	if err != nil {
		return nil, err
	}
	c := &IOSocket{conn: conn, ticket: t.Ticket}
	for _, step := range [][2]string{{"0{", ""}, {"40{", connectPacket(t)}, {"430[", joinPacket(t)}} {
		if err := c.step(step[1], step[0]); err != nil {
			conn.Close()
			return nil, err
		}
	}
	return c, nil
}

func connectPacket(t IOTarget) string { return `40{"token":"` + t.Token + `"}` }
func joinPacket(t IOTarget) string    { return fmt.Sprintf(`420["join-room",%d]`, t.Ticket) }

// step sends a packet, if any, and reads packets until one has the prefix.
func (c *IOSocket) step(send, prefix string) error {
	if send != "" {
		if err := c.write(send); err != nil {
			return err
		}
	}
	for {
		_, text, err := c.conn.ReadMessage()
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(string(text), prefix):
			return nil
		case strings.HasPrefix(string(text), "44"), strings.Contains(string(text), "error_message"):
			return fmt.Errorf("the server says %s", text)
		}
	}
}

func (c *IOSocket) write(text string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.conn.WriteMessage(websocket.TextMessage, []byte(text))
}

// Close closes the connection.
func (c *IOSocket) Close() { c.conn.Close() }

// Send implements [ChatClient].
func (c *IOSocket) Send(text, key string) error {
	return c.write(fmt.Sprintf(`42["message",{"ticketId":%d,"message":%q,"clientMsgId":%q}]`, c.ticket, text, key))
}

// Follow implements [ChatClient]. It returns an error when a message has no higher seq than
// the one before, and when the server sends an error.
func (c *IOSocket) Follow(got func(message []byte)) error {
	for {
		_, text, err := c.conn.ReadMessage()
		if err != nil {
			return err
		}
		switch {
		case string(text) == "2":
			err = c.write("3")
		case bytes.HasPrefix(text, []byte(`42["message"`)):
			if err = c.inOrder(text); err == nil {
				got(text)
			}
		case bytes.HasPrefix(text, []byte(`42["error_message"`)):
			err = fmt.Errorf("the server says %s", text)
		}
		if err != nil {
			return err
		}
	}
}

// inOrder returns an error if the seq of a message is not higher than the last one.
func (c *IOSocket) inOrder(text []byte) error {
	_, rest, _ := bytes.Cut(text, []byte(`"seq":`))
	digits, _, _ := bytes.Cut(rest, []byte(`,`))
	seq, err := strconv.ParseInt(string(digits), 10, 64)
	if err != nil || seq <= c.seq {
		return fmt.Errorf("a message with seq %s after %d", digits, c.seq)
	}
	c.seq = seq
	return nil
}

// IOPoller is one client of Socket.IO over HTTP long polling in the room of a ticket.
type IOPoller struct {
	http    *http.Client
	address string // with the session's id
	ticket  int64
}

// OpenIOPollers opens n clients, 16 at a time, and waits until all have joined their rooms.
func OpenIOPollers(ctx context.Context, n int, at func(i int) IOTarget) ([]*IOPoller, error) {
	all := make([]*IOPoller, n)
	return all, inParallel(n, 16, func(i int) (err error) {
		all[i], err = openIOPoller(ctx, at(i))
		return err
	})
}

func openIOPoller(ctx context.Context, t IOTarget) (*IOPoller, error) {
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 1, byte(1+t.From))}}
	p := &IOPoller{ticket: t.Ticket, http: &http.Client{Transport: &http.Transport{DialContext: from.DialContext, ReadBufferSize: 1024, WriteBufferSize: 1024}, Timeout: time.Minute},
		address: "http://" + t.Addr + ioPath("polling")}
	open, err := p.Get(ctx)
	if err != nil {
		return nil, err
	}
	_, rest, _ := strings.Cut(open, `"sid":"`)
	sid, _, _ := strings.Cut(rest, `"`)
	p.address += "&sid=" + sid
	for _, step := range [][2]string{{connectPacket(t), "40{"}, {joinPacket(t), "430["}} {
		if err := p.post(ctx, step[0]); err != nil {
			return nil, err
		}
		for answer := ""; !strings.Contains(answer, step[1]); {
			if answer, err = p.Get(ctx); err != nil {
				return nil, err
			}
			if strings.HasPrefix(answer, "44") {
				return nil, fmt.Errorf("the server says %s", answer)
			}
		}
	}
	return p, nil
}

// Close closes the idle connections of the client.
func (p *IOPoller) Close() { p.http.CloseIdleConnections() }

// Get polls once and returns the packets. It answers pings.
func (p *IOPoller) Get(ctx context.Context) (string, error) {
	text, err := p.send(ctx, http.MethodGet, "")
	if err == nil && text == "2" {
		err = p.post(ctx, "3")
	}
	return text, err
}

// Say sends a chat message.
func (p *IOPoller) Say(ctx context.Context, text string) error {
	return p.post(ctx, fmt.Sprintf(`42["message",{"ticketId":%d,"message":%q}]`, p.ticket, text))
}

func (p *IOPoller) post(ctx context.Context, packet string) error {
	_, err := p.send(ctx, http.MethodPost, packet)
	return err
}

func (p *IOPoller) send(ctx context.Context, method, body string) (string, error) {
	req, err := http.NewRequestWithContext(ctx, method, p.address, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(resp.Body); err != nil {
		return "", err
	}
	if resp.StatusCode != http.StatusOK {
		return "", fmt.Errorf("%s: %s", resp.Status, b.String())
	}
	return b.String(), nil
}
