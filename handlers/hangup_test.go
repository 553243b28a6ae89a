package handlers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/db"
)

// journal is a log that the test can read.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

// Write implements [io.Writer].
func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

// String returns what was written.
func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// awaits waits until the log has a line that contains all parts, and fails the test after a
// timeout.
func (j *journal) awaits(t *testing.T, parts ...string) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		for line := range strings.Lines(j.String()) {
			all := true
			for _, part := range parts {
				all = all && strings.Contains(line, part)
			}
			if all {
				return
			}
		}
	}
	t.Errorf("no line of the log has %q:\n%s", parts, j)
}

func TestADisconnectedClientIsNotLoggedAsAServerError(t *testing.T) {
	a := newApp(t, unlimited)
	c := a.customer("Ana")
	id, _ := a.ticketWithFile(c)
	token := c.program().token
	a.many(c.id, 3000, 5000)
	log := &journal{}
	logger := slog.New(slog.NewTextHandler(log, nil))
	b := a.again(Config{Log: logger, TokenKeys: [][]byte{keyNow}, Bus: db.NewBus(a.pool, logger)})
	dial := func(raw string) net.Conn {
		conn, err := net.Dial("tcp", b.srv.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { conn.Close() })
		if _, err := io.WriteString(conn, raw); err != nil {
			t.Fatal(err)
		}
		return conn
	}
	head := func(line string, more ...string) string {
		return line + " HTTP/1.1\r\nHost: x\r\nOrigin: http://x\r\nCookie: " + c.cookie() + "\r\n" + strings.Join(more, "\r\n") + "\r\n\r\n"
	}
	bearer := "Authorization: Bearer " + token

	// During a streamed list.
	conn := dial(head("GET /api/tickets", bearer))
	if _, err := io.CopyN(io.Discard, conn, 4096); err != nil {
		t.Fatal(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0) // a reset, as when a client is killed
	conn.Close()
	log.awaits(t, "path=/api/tickets ", "status=499")

	// During a body.
	for _, line := range []string{"POST /tickets", "POST /uploads", fmt.Sprintf("POST /tickets/%d/comments", id)} {
		conn = dial(head(line, "Content-Type: multipart/form-data; boundary=b", "Content-Length: 9000000") + "--b\r\nContent-Disposition: form-data; name=\"attachment\"; filename=\"a\"\r\n\r\n" + strings.Repeat("a", 100_000))
		conn.Close()
		log.awaits(t, "path="+strings.TrimPrefix(line, "POST ")+" ", "status=4")
	}
	conn = dial(head("POST /api/tickets", bearer, "Content-Type: application/json", "Content-Length: 900000") + `{"subject":"` + strings.Repeat("a", 100_000))
	conn.Close()
	log.awaits(t, "method=POST path=/api/tickets ", "status=4")

	// With bytes after a handshake: gorilla/websocket closes such connections without an answer.
	for _, path := range []string{fmt.Sprintf("/tickets/%d/chat", id), fmt.Sprintf("/api/tickets/%d/chat", id)} {
		conn = dial(head("GET "+path, bearer, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==") + "too early")
		conn.Close()
		log.awaits(t, "path="+path+" ", "status=499")
	}

	// While the desk waits for its database: to read the session or the account, or to write.
	tx, err := a.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if _, err := tx.Exec(t.Context(), "lock table sessions, users, ticket_events in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	for line, more := range map[string]string{"GET /account": "", "GET /api/ws-ticket": "", "GET /api/tickets/1": bearer} {
		conn = dial(head(line, more))
		conn.Close()
		log.awaits(t, "path="+strings.TrimPrefix(line, "GET ")+" ", "status=4")
	}
	for line := range strings.Lines(log.String()) {
		if strings.Contains(line, "level=ERROR") {
			t.Errorf(`the line is %q, want it without "level=ERROR"`, line)
		}
		if strings.Contains(line, "level=WARN") {
			t.Errorf(`the line is %q, want it without "level=WARN"`, line)
		}
	}
}

func TestAListThatFailsOnTheServerIsLoggedAsAnError(t *testing.T) {
	a := newApp(t, unlimited)
	c := a.customer("Ana")
	ana := c.program()
	a.many(c.id, 3000, 5000)
	log := &journal{}
	b := a.again(Config{Log: slog.New(slog.NewTextHandler(log, nil)), TokenKeys: [][]byte{keyNow}})
	req, err := http.NewRequestWithContext(t.Context(), "GET", b.srv.URL+"/api/tickets", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+ana.token)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	a.exec("alter table tickets rename to elsewhere")
	if _, err := io.Copy(io.Discard, resp.Body); err == nil {
		t.Error("the list is complete")
	}
	log.awaits(t, "level=ERROR", "path=/api/tickets")
	log.awaits(t, "msg=request", "path=/api/tickets", "status=500")
}
