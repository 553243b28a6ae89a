package handlers

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

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
	w.priya.post(w.url("/assignment"), url.Values{"assignee": {"none"}}).wants(w.t, http.StatusSeeOther)
	for range 2 {
		w.tom.get(w.url("")).wants(w.t, http.StatusOK)
		w.priya.get(w.url("")).wants(w.t, http.StatusOK)
	}
	w.deliver()
}

// lastInternal is the seq of the last event of actInternally.
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
	got := noted.priya.get(noted.url("")).wants(t, http.StatusOK)
	if !strings.Contains(got.body, "Note 29") {
		t.Errorf(`staff do not see the notes: the body is %s, want it with "Note 29"`, got.body)
	}
	if got.body == quiet.priya.get(quiet.url("")).body {
		t.Errorf("staff do not see the notes: the body is %s, want another value", got.body)
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
	if n := w.sockets.page.updates(); n.Find("[data-kind=note]").Length() > 0 || strings.Contains(n.Text(), "Live.") {
		t.Errorf("the update has the note: %s", n.Text())
	}
	name, _, data := w.sockets.api.event()
	if name != "comment" {
		t.Errorf(`the name is %q, want "comment"`, name)
	}
	if data["text"] != "Here it is." {
		t.Errorf(`text is %v, want "Here it is."`, data["text"])
	}
}
