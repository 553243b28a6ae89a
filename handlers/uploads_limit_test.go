package handlers

import (
	"bufio"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/api"
	"frontdesk/handlers/web"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/limit"
)

// withheld sends a form with a file to path, without its last bytes: the file and the end of
// the body. It returns the connection and these bytes.
func (c *client) withheld(path, submissionID, content string) (conn net.Conn, rest string) {
	c.app.t.Helper()
	conn, err := net.Dial("tcp", c.app.srv.Listener.Addr().String())
	if err != nil {
		c.app.t.Fatal(err)
	}
	body := part(`Content-Disposition: form-data; name="submission_id"`, submissionID) + part(subject, "S") + part(attached, content) + "--b--\r\n"
	head := "POST " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\nOrigin: http://x\r\nAccept: application/json\r\nCookie: " + c.cookie() +
		"\r\nContent-Type: " + parts + "\r\nContent-Length: " + strconv.Itoa(len(body)) + "\r\n\r\n"
	at := len(body) - len("x\r\n--b--\r\n")
	if _, err := io.WriteString(conn, head+body[:at]); err != nil {
		c.app.t.Fatal(err)
	}
	return conn, body[at:]
}

// waitFor calls is until it returns true. It fails the test after 20 seconds.
func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !is(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("not within 20 seconds: %s", what)
		}
	}
}

func TestAnIncompleteUploadIsCountedAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	a := newApp(t, func(o *desk.Options) {
		var err error
		if o.Blobs, err = blob.OpenFolder(dir); err != nil {
			t.Fatal(err)
		}
		o.Limits.Uploads = limit.Limit{N: 3, Per: time.Hour}
	})
	c := a.customer("Ana")
	files := func() int {
		names, err := filepath.Glob(filepath.Join(dir, "*", "*"))
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	var conns []net.Conn
	for i := range 3 {
		conn, _ := c.withheld("/uploads", fmt.Sprint("k", i), strings.Repeat("x", 1<<20))
		conns = append(conns, conn)
		// One after the other: the limit allows for requests that overtake each other by a few milliseconds only.
		waitFor(t, "another file is being written", func() bool { return files() == len(conns) })
	}
	for _, path := range []string{"/uploads", "/tickets"} {
		got := c.upload(path, aForm("more"), []file{{"attachment", "a.txt", "one"}}).wants(t, 429)
		if path == "/tickets" && got.value("[name=subject]") != aForm("more").Get("subject") {
			t.Errorf("the subject is %q, want what was typed", got.value("[name=subject]"))
		}
		if got.Header.Get("Retry-After") == "" {
			t.Errorf("%s: the answer has no time to retry", path)
		}
	}
	for _, conn := range conns {
		conn.Close()
	}
	waitFor(t, "the files of the aborted uploads are gone", func() bool { return files() == 0 })
	if n := a.count("select count(*) from attachments"); n != 0 {
		t.Errorf("%d rows of aborted uploads are kept", n)
	}
}

func TestTheNumberOfConcurrentFormsWithFilesIsLimited(t *testing.T) {
	a := newApp(t, unlimited)
	c := a.customer("Ana")
	const each = 16
	long := strings.Repeat("x", 2*web.EarlyBody) // more than is read before the session is checked
	var conns []net.Conn
	for i := range each {
		conn, _ := c.withheld("/tickets", fmt.Sprint("k", i), long)
		conns = append(conns, conn)
	}
	form, attachment := aForm("more"), []file{{"attachment", "a.txt", long}}
	waitFor(t, "one more is refused", func() bool {
		return c.upload("/uploads", form, attachment, asJSON...).StatusCode == http.StatusTooManyRequests
	})
	for _, path := range []string{"/tickets", "/uploads"} {
		if got := c.upload(path, form, attachment).wants(t, 429); got.Header.Get("Retry-After") != "5" {
			t.Errorf("%s: Retry-After is %q, want %q", path, got.Header.Get("Retry-After"), "5")
		}
	}
	if got := c.program().upload("POST", "/tickets", map[string]string{"subject": "S", "description": "D"}, map[string]string{"attachment": long}); got.StatusCode != 429 {
		t.Errorf("an API client got %d, want 429", got.StatusCode)
	}
	a.customer("Ben").upload("/tickets", form, attachment).wants(t, 303)
	c.post("/tickets", form).wants(t, 303)
	for _, conn := range conns {
		conn.Close()
	}
	waitFor(t, "there is room again", func() bool { return c.upload("/tickets", aForm("last"), attachment).StatusCode == http.StatusSeeOther })
}

func TestASlowFormIsStoredWhenItIsComplete(t *testing.T) {
	a := newApp(t)
	c := a.customer("Ana")
	conn, rest := c.withheld("/uploads", "k", "one")
	defer conn.Close()
	if _, err := io.WriteString(conn, rest); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || resp.StatusCode != http.StatusCreated {
		t.Fatalf("got %v, %v, want 201", resp, err)
	}
	resp.Body.Close()
}

// Every route that can change something has a rate limit, which applies before its form is read.
func TestEveryUnsafeRouteHasARateLimit(t *testing.T) {
	a := newApp(t, func(o *desk.Options) { o.Limits.Actions = limit.Limit{N: 1, Per: time.Hour} })
	c, boss := a.customer("Ana"), a.admin("Boss")
	programs := map[int64]*apiClient{c.id: c.program(), boss.id: boss.program()}
	for _, who := range []*client{c, boss} {
		who.post("/account/theme", url.Values{"theme": {"dark"}}).wants(t, 303)
	}
	before := a.data()
	refused := func(what string, status int, header http.Header) {
		if status != http.StatusTooManyRequests || header.Get("Retry-After") == "" {
			t.Errorf("%s: got %d with Retry-After %q, want 429", what, status, header.Get("Retry-After"))
		}
	}
	path := func(p string) string {
		return strings.NewReplacer(":id", "1", ":name", strings.Repeat("a", 26)).Replace(p)
	}
	routes := 0
	for _, r := range withoutDesk().pageRoutes() {
		if r.Method == http.MethodGet || r.Access.Level() == web.Public || r.Access.Level() == web.Open {
			continue
		}
		routes++
		got := boss.post(path(r.Path), aForm("k"))
		refused(r.Method+" "+r.Path, got.StatusCode, got.Header)
	}
	for _, r := range withoutDesk().apiRoutes() {
		if r.Method == http.MethodGet || r.Access.Level() != web.SignedIn {
			continue
		}
		routes++
		for id, p := range programs {
			if r.Access.Permission() != 0 && id != boss.id {
				continue // refused without a count
			}
			got := p.send(r.Method, path(r.Path), invoice, api.HeaderKey, "k")
			refused(r.Method+" /api"+r.Path, got.StatusCode, got.Header)
		}
	}
	if routes < 30 {
		t.Errorf("%d routes were tried", routes)
	}
	if !maps.Equal(before, a.data()) {
		t.Error("a refused request changed the database")
	}
	c.get("/tickets").wants(t, 200)
}

func TestOpeningASocketCountsAsAnAction(t *testing.T) {
	a := newApp(t, func(o *desk.Options) { o.Limits.Actions = limit.Limit{N: 2, Per: time.Hour} })
	c := a.customer("Ana")
	at := c.opened(aForm("k"))
	c.socket(at + "/chat")
	_, resp, err := c.dial(at + "/chat")
	if err == nil || resp == nil || resp.StatusCode != http.StatusTooManyRequests {
		t.Errorf("the second socket of a user: %v, %v, want 429", resp, err)
	}
}

func TestARepeatedAnswerDoesNotCountAsAnUpload(t *testing.T) {
	a := newApp(t, func(o *desk.Options) { o.Limits.Uploads = limit.Limit{N: 2, Per: time.Hour} })
	p := a.customer("Ana").program()
	send := func(key string) reply {
		return p.upload("POST", "/tickets", map[string]string{"subject": "S", "description": "D"}, map[string]string{"attachment": "one"}, api.HeaderKey, key)
	}
	first := send("k").wants(201)
	for range 2 {
		sameAnswer(t, "again", first, send("k"))
	}
	send("l").wants(201)
	send("m").wants(429)
}
