package handlers

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/db/dbtest"
	"frontdesk/handlers/web"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/outbox"
)

// Two desks with the same clock and the same tickets: on one of them staff write notes,
// mention, follow and read. A customer must get the same bytes from both.

// twin is one of the two desks.
type twin struct {
	notified
	ana, ben, priya, tom *client
	program              *apiClient // of Ana
	ticket               int64
	sockets              twinSockets
}

// twinSockets are Ana's sockets of all kinds, and one page of a member of staff.
type twinSockets struct {
	page, list, api, staff *socket
	room                   *ioClient
}

// namedBlobs gives files names that are the same on both desks.
type namedBlobs struct {
	desk.Blobs
	mu    sync.Mutex
	names []string
}

// Put stores a blob and returns a name with its number instead of the random one.
func (b *namedBlobs) Put(ctx context.Context, r io.Reader) (string, error) {
	name, err := b.Blobs.Put(ctx, r)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.names = append(b.names, name)
	return fmt.Sprintf("file%d", len(b.names)), err
}

// Open opens a blob by its number, or by its random name.
func (b *namedBlobs) Open(name string) (io.ReadSeekCloser, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var n int
	if _, err := fmt.Sscanf(name, "file%d", &n); err != nil || n > len(b.names) {
		return b.Blobs.Open(name)
	}
	return b.Blobs.Open(b.names[n-1])
}

// newTwin returns a desk with two tickets of Ana and one of Ben.
func newTwin(t *testing.T, now time.Time) *twin {
	t.Helper()
	store, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	a := newAppOn(t, dbtest.New(t), func(o *desk.Options) {
		o.Now = func() time.Time { return now }
		o.Blobs = &namedBlobs{Blobs: store}
	})
	a.exec("alter table users alter seen_at set default now()")
	box := outbox.New(a.pool, outbox.Options{}, a.desk.Notifications.Consumers()...)
	if err := box.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	w := &twin{notified: notified{a, box}, ana: a.customer("Ana"), ben: a.customer("Ben"), priya: a.admin("Priya"), tom: a.agent("Tom")}
	w.program = w.ana.program()
	w.ticket, _ = a.ticketWithFile(w.ana)
	a.ticketWithFile(w.ana)
	a.ticketWithFile(w.ben)
	a.addsComment(w.priya, w.ticket, "One moment.")
	w.ana.post(w.url("/messages"), url.Values{"text": {"Thank you."}}).wants(t, http.StatusSeeOther)
	w.priya.get(w.url("")).wants(t, http.StatusOK)
	w.deliver()
	return w
}

// url returns the path of the ticket's page with below appended.
func (w *twin) url(below string) string { return web.TicketURL(w.ticket) + below }

// randomParts are the parts of a page, and randomHeaders the headers, that differ with each
// answer or session. Whether staff are here depends on how long ago they opened the page.
var (
	randomParts   = regexp.MustCompile(`name="submission_id" value="[^"]*"|proof=[\w-]+|Reference: <code>[^<]*|<span id="presence"[^>]*>[^<]*</span>`)
	randomHeaders = []string{"Date", "X-Request-Id"}
)

// answers returns what Ana gets from every page and endpoint of her tickets, by request.
func (w *twin) answers() map[string]string {
	w.t.Helper()
	out := map[string]string{}
	add := func(what string, resp *http.Response, body string) {
		h := resp.Header.Clone()
		for _, name := range randomHeaders {
			h.Del(name)
		}
		random := randomParts.ReplaceAllString(body, "random")
		switch {
		case resp.Request.Method == http.MethodHead: // that of GET, which depends on the random parts
			h.Del("Content-Length")
		case h.Get("Content-Length") == strconv.Itoa(len(body)):
			h.Set("Content-Length", strconv.Itoa(len(random)))
		}
		var lines []string
		for _, name := range slices.Sorted(maps.Keys(h)) {
			lines = append(lines, name+": "+strings.Join(h[name], ", "))
		}
		text := fmt.Sprintf("%d\n%s\n\n%s", resp.StatusCode, strings.Join(lines, "\n"), random)
		out[what] = strings.ReplaceAll(text, w.app.srv.URL, "http://desk")
	}
	shown := fmt.Sprintf("?shown=%d&shown=%d&since=%d", w.ticket, w.ticket+1, w.app.desk.Now().Add(-time.Hour).Unix())
	for _, path := range []string{"/tickets", "/tickets?q=moment", "/tickets?q=recalled", "/tickets?sort=updated", "/tickets?status=OPEN", "/tickets/changes" + shown,
		w.url(""), w.url("?before=99"), w.url("?before=3"), w.url("?compose=note"), w.url("/events?after=1"), w.url("/events?after=99"), w.url("/edit"), w.url("/delete"), w.url("/notes"),
		"/notifications", "/uploads/file1", "/uploads/file4", "/uploads/file5"} {
		got := w.ana.get(path)
		add("GET "+path, got.Response, got.body)
		got = w.ana.get(path, htmx...)
		add("htmx GET "+path, got.Response, got.body)
		got = w.ana.head(path)
		add("HEAD "+path, got.Response, got.body)
	}
	for _, path := range []string{w.url("/notes"), w.url("/notes/5/delete"), w.url("/followers"), "/uploads/file4/delete"} {
		got := w.ana.post(path, url.Values{"text": {"Is there one?"}, "follow": {"yes"}})
		add("POST "+path, got.Response, got.body)
	}
	for _, path := range []string{"", "?q=recalled", "?q=moment", "?limit=1", fmt.Sprintf("/%d", w.ticket), fmt.Sprintf("/%d/comments", w.ticket), fmt.Sprintf("/%d/comments?limit=1", w.ticket),
		fmt.Sprintf("/%d/messages", w.ticket), fmt.Sprintf("/%d/messages?after=1", w.ticket), fmt.Sprintf("/%d/notes", w.ticket), fmt.Sprintf("/%d/followers", w.ticket)} {
		got := w.program.send("GET", "/tickets"+path, nil)
		add("GET /api/tickets"+path, got.Response, string(got.body))
		if tag := got.Header.Get("ETag"); tag != "" {
			again := w.program.send("GET", "/tickets"+path, nil, "If-None-Match", tag)
			add("If-None-Match /api/tickets"+path, again.Response, string(again.body))
		}
	}
	got := w.program.send("GET", "/notifications", nil)
	add("GET /api/notifications", got.Response, string(got.body))
	return out
}
