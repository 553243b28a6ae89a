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
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/db/dbtest"
	"frontdesk/handlers/web"
	"frontdesk/internal/account"
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
		var lines []string
		for _, name := range slices.Sorted(maps.Keys(h)) {
			lines = append(lines, name+": "+strings.Join(h[name], ", "))
		}
		text := fmt.Sprintf("%d\n%s\n\n%s", resp.StatusCode, strings.Join(lines, "\n"), randomParts.ReplaceAllString(body, "random"))
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

// open opens the sockets, and waits until all that is sent at the beginning has arrived.
func (w *twin) open() {
	w.t.Helper()
	api := fmt.Sprintf("/tickets/%d/chat", w.ticket)
	w.sockets.staff = w.priya.socket(w.url("/chat?after=3"))
	w.sockets.page = w.ana.socket(w.url("/chat?after=3"))
	w.sockets.page.shows("#presence", "Staff are here")
	w.sockets.staff.shows("#presence", "Ana is here")
	w.sockets.list = w.ana.socket("/tickets/live")
	w.sockets.api, _ = w.program.socket(api)
	w.sockets.room = w.program.io(w.app.srv.URL, nil)
	w.sockets.room.join(w.ticket)
}

// silent fails the test if any of Ana's sockets has got a message: each is asked a question,
// and the answer must be the next message.
func (w *twin) silent() {
	w.t.Helper()
	s := w.sockets
	s.page.send(obj{"type": "ping"})
	if text, _ := s.page.next(); !strings.Contains(text, `"pong"`) {
		w.t.Errorf("the socket of the page has got %s", text)
	}
	s.list.send(obj{})
	if text, _ := s.list.next(); !strings.Contains(text, "takes no messages") {
		w.t.Errorf("the socket of the list has got %s", text)
	}
	s.api.send(obj{"event": "ping"})
	if text, _ := s.api.next(); !strings.Contains(text, `"pong"`) {
		w.t.Errorf("the socket of the program has got %s", text)
	}
	s.room.emit("ping")
	if p := s.room.next(); p.name != "ack" {
		w.t.Errorf("the client of Socket.IO has got %s %v", p.name, p.data)
	}
	s.room.until("error_message")
}

// actInternally does everything of which Ana may notice nothing.
func (w *twin) actInternally() {
	w.t.Helper()
	priya, tom := w.priya.actor(account.RoleAdmin), w.tom.actor(account.RoleAgent)
	w.priya.upload(w.url("/notes"), url.Values{"text": {"The caliper is recalled. @Tom, @Ana"}}, []file{{"attachment", "recall.txt", "the recall"}}).wants(w.t, http.StatusSeeOther)
	w.tom.post(w.url("/notes"), url.Values{"text": {"A secret."}}).wants(w.t, http.StatusSeeOther)
	for i := range 30 {
		if _, err := w.app.desk.Notes.Add(w.t.Context(), tom, w.ticket, desk.NoteInput{Text: fmt.Sprint("Note ", i)}); err != nil {
			w.t.Fatal(err)
		}
	}
	if err := w.app.desk.Notes.Delete(w.t.Context(), tom, w.ticket, 5); err != nil {
		w.t.Fatal(err)
	}
	w.priya.post(w.url("/followers"), url.Values{"follow": {"yes"}}).wants(w.t, http.StatusSeeOther)
	if err := w.app.desk.Followers.Set(w.t.Context(), priya, w.ticket, desk.FollowInput{Follow: "no"}); err != nil {
		w.t.Fatal(err)
	}
	w.tom.post(w.url("/assignment"), url.Values{"assignee": {"me"}}).wants(w.t, http.StatusSeeOther)
	w.priya.post(w.url("/assignment"), url.Values{"assignee": {""}}).wants(w.t, http.StatusSeeOther)
	for range 2 {
		w.tom.get(w.url("")).wants(w.t, http.StatusOK)
		w.priya.get(w.url("")).wants(w.t, http.StatusOK)
	}
	w.deliver()
}

// lastInternal is the number of the last event of actInternally.
const lastInternal = 37

// writeNotes does on the open sockets what Ana must not notice.
func (w *twin) writeNotes() {
	w.t.Helper()
	colleague := w.tom.socket(w.url("/chat?after=99"))
	w.sockets.staff.shows("#colleagues", "Tom is reading this ticket too")
	colleague.send(obj{"type": "typing", "in": "note"})
	w.sockets.staff.shows("#colleagues", "Tom is writing an internal note")
	w.tom.post(w.url("/notes"), url.Values{"text": {"Live."}}, htmx...).wants(w.t, http.StatusOK)
	for !strings.Contains(w.sockets.staff.updates().Text(), "Live.") {
	}
	w.sockets.staff.send(obj{"type": "seen", "seq": 99})
	w.sockets.staff.send(obj{"type": "ping"})
	w.sockets.staff.answer()
}

func TestACustomerGetsTheSameBytesWhateverStaffWriteInternally(t *testing.T) {
	t.Parallel()
	now := time.Now()
	quiet, noted := newTwin(t, now), newTwin(t, now)
	compareAnswers(t, "before", quiet.answers(), noted.answers())

	noted.actInternally()
	quiet.tom.get(quiet.url("")).wants(t, http.StatusOK)
	if got := noted.priya.get(noted.url("")).wants(t, http.StatusOK); !strings.Contains(got.body, "Note 29") || got.body == quiet.priya.get(quiet.url("")).body {
		t.Error("staff do not see the notes")
	}
	compareAnswers(t, "after notes", quiet.answers(), noted.answers())

	for _, w := range []*twin{quiet, noted} {
		w.addsComment(w.priya, w.ticket, "Here it is.")
		w.deliver()
	}
	onlyNumbersDiffer := func(answers map[string]string) map[string]string {
		for what, text := range answers {
			text = strings.ReplaceAll(text, fmt.Sprint(web.EntryNumber(noted.ticket, lastInternal+1)), fmt.Sprint(web.EntryNumber(quiet.ticket, 4)))
			text = regexp.MustCompile(fmt.Sprintf(`\bs?%d\b`, lastInternal+1)).ReplaceAllStringFunc(text, func(s string) string { return strings.Replace(s, fmt.Sprint(lastInternal+1), "4", 1) })
			text = regexp.MustCompile(`(?m)^(Content-Length|Etag): .*$|name="upto" value="\d+"`).ReplaceAllString(text, "")
			answers[what] = text
		}
		return answers
	}
	compareAnswers(t, "after the next public event", onlyNumbersDiffer(quiet.answers()), onlyNumbersDiffer(noted.answers()))
}

// compareAnswers fails the test if two desks answer a request with other bytes.
func compareAnswers(t *testing.T, when string, quiet, noted map[string]string) {
	t.Helper()
	for _, what := range slices.Sorted(maps.Keys(quiet)) {
		if quiet[what] == noted[what] {
			continue
		}
		a, b, i := quiet[what], noted[what], 0
		for i < min(len(a), len(b)) && a[i] == b[i] {
			i++
		}
		from := max(i-80, 0)
		t.Errorf("%s: %s differs at byte %d:\n%.200s\n%.200s", when, what, i, a[from:], b[from:])
	}
	if len(quiet) < 80 {
		t.Errorf("only %d requests were compared", len(quiet))
	}
}

func TestNoSocketOfACustomerGetsAnythingOfInternalEvents(t *testing.T) {
	t.Parallel()
	w := newTwin(t, time.Now())
	w.open()
	w.silent()
	w.writeNotes()
	w.silent()
	w.addsComment(w.priya, w.ticket, "Here it is.")
	if n := w.sockets.page.updates(); n.Find("#s5").Length()+n.Find("[data-kind=note]").Length() > 0 && strings.Contains(n.Text(), "Live.") {
		t.Error("the update has the note")
	}
	if name, seq, data := w.sockets.api.event(); name != "comment" || data["text"] != "Here it is." {
		t.Errorf("the program gets %s %d %v, want the comment", name, seq, data)
	}
}
