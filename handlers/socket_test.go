package handlers

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/gorilla/websocket"

	"frontdesk/handlers/web"
)

// socket is the websocket of a page, which the test reads.
type socket struct {
	t    *testing.T
	conn *websocket.Conn
}

// dial opens a socket as the browser of the client does.
func (c *client) dial(path string, headers ...string) (*websocket.Conn, *http.Response, error) {
	h := http.Header{"Origin": {c.app.srv.URL}}
	for i := 0; i < len(headers); i += 2 {
		h.Del(headers[i])
		if headers[i+1] != "" {
			h.Set(headers[i], headers[i+1])
		}
	}
	d := websocket.Dialer{Jar: c.http.Jar, HandshakeTimeout: 20 * time.Second}
	return d.DialContext(c.app.t.Context(), "ws"+strings.TrimPrefix(c.app.srv.URL, "http")+path, h)
}

// socket opens a websocket, which is closed when the test ends.
func (c *client) socket(path string) *socket {
	c.app.t.Helper()
	conn, resp, err := c.dial(path)
	if err != nil {
		c.app.t.Fatalf("open %s: %v (%v)", path, err, resp)
	}
	c.app.t.Cleanup(func() { conn.Close() })
	return &socket{c.app.t, conn}
}

// send sends a value as JSON.
func (s *socket) send(v any) {
	s.t.Helper()
	if err := s.conn.WriteJSON(v); err != nil {
		s.t.Fatal(err)
	}
}

// next returns the next message and 0, or "" and the code with which the socket was closed. It
// skips counts of notifications, one of which follows the check of the socket's rights.
func (s *socket) next() (text string, closed int) {
	s.t.Helper()
	for {
		text, closed := s.read()
		if !strings.HasPrefix(text, `{"type":"notifications"`) {
			return text, closed
		}
	}
}

// read is next with the counts of notifications.
func (s *socket) read() (text string, closed int) {
	s.t.Helper()
	s.conn.SetReadDeadline(time.Now().Add(time.Minute))
	_, b, err := s.conn.ReadMessage()
	if e, ok := err.(*websocket.CloseError); ok {
		return "", e.Code
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b), 0
}

// updates returns the next updates. It skips other messages.
func (s *socket) updates() *goquery.Document {
	s.t.Helper()
	for {
		text, closed := s.next()
		if closed != 0 {
			s.t.Fatalf("closed with %d", closed)
		}
		if strings.HasPrefix(text, "<div data-from") {
			doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
			if err != nil {
				s.t.Fatal(err)
			}
			return doc
		}
	}
}

// answer returns the next JSON answer.
func (s *socket) answer() (a web.JSONAnswer) {
	s.t.Helper()
	for {
		text, closed := s.next()
		if closed != 0 {
			s.t.Fatalf("closed with %d", closed)
		}
		if strings.HasPrefix(text, "{") {
			if err := json.Unmarshal([]byte(text), &a); err != nil {
				s.t.Fatal(err)
			}
			return a
		}
	}
}

// closes waits for the server to close with a code.
func (s *socket) closes(want int) {
	s.t.Helper()
	for {
		if _, closed := s.next(); closed == want {
			return
		} else if closed != 0 {
			s.t.Fatalf("closed with %d, want %d", closed, want)
		}
	}
}
