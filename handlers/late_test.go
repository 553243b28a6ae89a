package handlers

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
)

// slowly requests path, reads the first bytes of the answer, and returns the rest of its
// body. The server sends what does not fit in the buffers only as it is read. The read buffer holds
// a few segments of the loopback interface (64 KiB). If it held less than one, each would
// wait for a timer of TCP.
func (c *client) slowly(path string, header string) (*http.Response, io.Reader) {
	t := c.app.t
	t.Helper()
	addr := strings.TrimPrefix(c.app.srv.URL, "http://")
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	if err := conn.(*net.TCPConn).SetReadBuffer(256 << 10); err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: %s\r\n%s\r\n\r\n", path, addr, header)
	resp, err := http.ReadResponse(bufio.NewReaderSize(conn, 512), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { resp.Body.Close() })
	if resp.StatusCode != http.StatusOK {
		t.Fatalf("GET %s: got %d", path, resp.StatusCode)
	}
	return resp, resp.Body
}

func TestADownloadStopsWhenTheRightEnds(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	const size = 9 << 20
	file, err := app.desk.Files.Stage(t.Context(), ana.self(), "key", "large.bin", io.LimitReader(zeros{}, size))
	if err != nil {
		t.Fatal(err)
	}
	_, body := ana.slowly("/uploads/"+file.Name, "Cookie: "+ana.cookie())
	app.exec("update sessions set revoked_at = now()")
	app.later(2 * time.Second)
	if n, err := io.Copy(io.Discard, body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %d bytes and %v, want %v", n, err, io.ErrUnexpectedEOF)
	}
}

type zeros struct{}

// Read fills p with zeros.
func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestAWholeListStopsWhenTheRightEnds(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	token := ana.program().token
	for round := range 10 {
		app.exec(`insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash)
			select $1, 'A long one', repeat('x', 20000), 1, 'Low', $2 || '-' || i, '' from generate_series(1, 30) i`, ana.id, fmt.Sprint(round))
	}
	_, body := ana.slowly("/api/tickets", "Authorization: Bearer "+token)
	app.exec("update users set disabled_at = now()")
	app.later(2 * time.Second)
	if n, err := io.Copy(io.Discard, body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("got %d bytes and %v, want %v", n, err, io.ErrUnexpectedEOF)
	}
}

func TestTypedTextIsKeptIfTheSessionEndsDuringAnUpload(t *testing.T) {
	l := newLateRun(t)
	who := l.latecomer(false, "")
	ticket, _ := l.app.ticketWithFile(l.other)
	kind, body := l.multipart(url.Values{"text": {"Half an hour of work"}}, 0, file{"attachment", "long.txt", strings.Repeat("x", web.EarlyBody)})
	path := fmt.Sprintf("/tickets/%d/comments", ticket)
	l.send(who, http.MethodPost, path, kind, body, func() { l.app.exec("update sessions set revoked_at = now() where user_id = $1", who.id) })
	who.signIn()
	who.get(fmt.Sprintf("/tickets/%d", ticket)).wants(t, 200, "Half an hour of work")
}
