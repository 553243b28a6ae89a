// Package livetest has clients for tests of live pages. They send and receive chat messages as
// a page does, over connections that a test can break, and compare what they received with the
// log.
package livetest

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// Message is a chat message as a page shows it.
type Message struct {
	Seq  int64
	Text string
}

// Client is an open page of a ticket. After a lost connection it connects again, resumes at its
// seq, and sends messages again that were not acknowledged.
type Client struct {
	Base   string // address of the desk
	Path   string // path of the ticket, "/tickets/42"
	Cookie string
	Polls  bool // polls for missed entries before it connects again

	client http.Client
	answer chan answer

	mu       sync.Mutex
	conn     *websocket.Conn
	seq      int64
	messages []Message
	opened   int
	gaps     int
	ended    error
}

// answer is the answer to a message.
type answer struct {
	Type, ClientMsgID, Error, Message string
	Seq                               int64
}

// Start receives the entries after a seq until ctx ends.
func (t *Client) Start(ctx context.Context, seq int64) {
	t.seq, t.answer = seq, make(chan answer, 100)
	t.client.Timeout = 10 * time.Second
	go t.listen(ctx)
}

// header returns the headers of a request of the page.
func (t *Client) header() http.Header {
	return http.Header{"Origin": {t.Base}, "Cookie": {t.Cookie}}
}

// listen keeps a socket open until it is closed with a final code.
func (t *Client) listen(ctx context.Context) {
	wait := 10 * time.Millisecond
	dialer := websocket.Dialer{HandshakeTimeout: 5 * time.Second}
	for ctx.Err() == nil {
		conn, _, err := dialer.DialContext(ctx, fmt.Sprintf("ws%s%s/chat?after=%d", strings.TrimPrefix(t.Base, "http"), t.Path, t.Seq()), t.header())
		if err == nil {
			wait = 10 * time.Millisecond
			err = t.receive(ctx, conn)
		}
		if websocket.IsCloseError(err, 4401, 4404, websocket.ClosePolicyViolation) {
			t.end(err)
			return
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait/2 + rand.N(wait)):
		}
		wait = min(2*wait, time.Second)
		if t.Polls {
			_ = t.poll(ctx) // the socket delivers what the poll missed
		}
	}
}

// receive handles the messages of one connection.
func (t *Client) receive(ctx context.Context, conn *websocket.Conn) error {
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	t.mu.Lock()
	t.conn = conn
	t.opened++
	t.mu.Unlock()
	defer t.setConn(nil)
	for {
		_, text, err := conn.ReadMessage()
		if err != nil {
			return err
		}
		if text[0] != '{' {
			if t.apply(string(text)) {
				if err := t.poll(ctx); err != nil {
					return err
				}
			}
			continue
		}
		var a answer
		if err := json.Unmarshal(text, &a); err != nil {
			t.end(fmt.Errorf("%s: %w", text, err))
			return err
		}
		select {
		case t.answer <- a:
		default: // for a message that is no longer awaited
		}
	}
}

// setConn stores the connection of the socket.
func (t *Client) setConn(conn *websocket.Conn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.conn = conn
}

// end stores why the client has ended.
func (t *Client) end(err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = err
}

var (
	updatesPattern = regexp.MustCompile(`<div data-from="(\d+)" data-to="(\d+)"( data-more)?`)
	bubble         = regexp.MustCompile(`(?s)<li class="bubble[^"]*" id="s(\d+)">.*?<p[^>]*>\s*(.*?)\s*</p>`)
)

// apply applies updates as a page does, if they follow the last seq of the page. It reports
// whether entries are missing.
func (t *Client) apply(text string) (ask bool) {
	at := updatesPattern.FindStringSubmatch(text)
	if at == nil {
		return false // not an update
	}
	from, to := number(at[1]), number(at[2])
	t.mu.Lock()
	defer t.mu.Unlock()
	if from != t.seq {
		ask = to > t.seq
		if ask {
			t.gaps++
		}
		return ask
	}
	for _, m := range bubble.FindAllStringSubmatch(text, -1) {
		t.messages = append(t.messages, Message{number(m[1]), m[2]})
	}
	t.seq = to
	return false
}

// number parses a number of the server. It panics if the text is not one.
func number(s string) int64 {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		panic(err) // the server sends only digits
	}
	return n
}

// Seq returns the seq up to which the page shows the log.
func (t *Client) Seq() int64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.seq
}

// Messages returns the chat messages as the page shows them.
func (t *Client) Messages() []Message {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.messages
}

// Opened returns how often a socket was opened, and gaps how often entries were missing.
func (t *Client) Opened() (opened, gaps int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.opened, t.gaps
}

// Reach waits until the page shows the log up to a seq.
func (t *Client) Reach(ctx context.Context, seq int64) error {
	for {
		t.mu.Lock()
		at, err := t.seq, t.ended
		t.mu.Unlock()
		switch {
		case err != nil:
			return err
		case at >= seq:
			return nil
		case ctx.Err() != nil:
			return fmt.Errorf("at %d of %d: %w", at, seq, ctx.Err())
		}
		time.Sleep(5 * time.Millisecond)
	}
}
