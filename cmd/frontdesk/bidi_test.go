package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"

	"github.com/gorilla/websocket"
)

// bidi is a WebDriver BiDi session with a browser
// (https://w3c.github.io/webdriver-bidi/). Its methods are safe for concurrent use.
type bidi struct {
	conn    *websocket.Conn
	writing sync.Mutex

	mu      sync.Mutex
	lastID  int64
	waiting map[int64]chan bidiMessage // by the ID of the command
	handle  map[string]func(method string, params json.RawMessage)
	broken  error // why the connection ended
}

// bidiMessage is a message from the browser: the result of a command, an error or an event.
type bidiMessage struct {
	Type    string          `json:"type"`
	ID      int64           `json:"id"`
	Result  json.RawMessage `json:"result"`
	Error   string          `json:"error"`
	Message string          `json:"message"`
	Method  string          `json:"method"`
	Params  json.RawMessage `json:"params"`
}

// object is a JSON object of the protocol.
type object = map[string]any

// dialBidi connects to a browser's remote debugging port and starts a session.
func dialBidi(ctx context.Context, url string) (*bidi, error) {
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, url, nil)
	if err != nil {
		return nil, err
	}
	c := &bidi{conn: conn, waiting: map[int64]chan bidiMessage{}, handle: map[string]func(string, json.RawMessage){}}
	go c.read()
	return c, c.call(ctx, "session.new", object{"capabilities": object{}}, nil)
}

// call sends a command, waits for its result and, if result is not nil, decodes it into result.
func (c *bidi) call(ctx context.Context, method string, params object, result any) error {
	id, answer, err := c.expect()
	if err != nil {
		return err
	}
	c.writing.Lock()
	err = c.conn.WriteJSON(object{"id": id, "method": method, "params": params})
	c.writing.Unlock()
	if err != nil {
		return err
	}
	select {
	case m, open := <-answer:
		switch {
		case !open:
			return fmt.Errorf("%s: %w", method, c.broken)
		case m.Type == "error":
			return fmt.Errorf("%s: %s: %s", method, m.Error, m.Message)
		case result != nil:
			return json.Unmarshal(m.Result, result)
		}
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%s: %w", method, ctx.Err())
	}
}

// expect returns the ID for the next command and the channel of its result.
func (c *bidi) expect() (int64, chan bidiMessage, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken != nil {
		return 0, nil, c.broken
	}
	c.lastID++
	answer := make(chan bidiMessage, 1)
	c.waiting[c.lastID] = answer
	return c.lastID, answer, nil
}

// listen calls handle, on the reading goroutine, with the events of one browsing context. If handle
// is nil, it removes the function.
func (c *bidi) listen(browsingContext string, handle func(method string, params json.RawMessage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if handle == nil {
		delete(c.handle, browsingContext)
		return
	}
	c.handle[browsingContext] = handle
}

// read dispatches the messages of the browser until the connection ends.
func (c *bidi) read() {
	for {
		var m bidiMessage
		if err := c.conn.ReadJSON(&m); err != nil {
			c.end(err)
			return
		}
		if m.Type == "event" {
			c.announce(m)
			continue
		}
		c.mu.Lock()
		answer := c.waiting[m.ID]
		delete(c.waiting, m.ID)
		c.mu.Unlock()
		if answer != nil {
			answer <- m
		}
	}
}

// announce passes an event of the browser to the function that listens to its page, if
// there is one.
func (c *bidi) announce(m bidiMessage) {
	var of struct {
		Context string `json:"context"`
		Source  struct {
			Context string `json:"context"`
		} `json:"source"`
	}
	_ = json.Unmarshal(m.Params, &of)
	c.mu.Lock()
	handle := c.handle[of.Context+of.Source.Context] // an event has one of the two
	c.mu.Unlock()
	if handle != nil {
		handle(m.Method, m.Params)
	}
}

// end returns err to every waiting command.
func (c *bidi) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = err
	for _, answer := range c.waiting {
		close(answer)
	}
	clear(c.waiting)
}
