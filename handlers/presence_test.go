package handlers

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
)

// shows reads updates until one has the wanted text at the selector.
func (s *socket) shows(selector, want string) {
	s.t.Helper()
	last := ""
	for began := time.Now(); time.Since(began) < time.Minute; {
		text, closed := s.next()
		if closed != 0 {
			s.t.Fatalf("closed with %d", closed)
		}
		if !strings.HasPrefix(text, "<div data-presence") {
			continue
		}
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(text))
		if err != nil {
			s.t.Fatal(err)
		}
		if last = strings.Join(strings.Fields(doc.Find(selector).Text()), " "); last == want {
			return
		}
	}
	s.t.Fatalf("%s shows %q, want %q", selector, last, want)
}

func TestBothSidesSeePresenceAndTyping(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana Kovač"), a.admin("Priya Nair"), a.admin("Tom Lee")
	id := a.opensTicket(ana, "Mine")
	hers := ana.socket(web.TicketURL(id) + "/chat?after=1")
	his := priya.socket(web.TicketURL(id) + "/chat?after=1")
	hers.shows("#presence", "Staff are here")
	his.shows("#presence", "Ana is here")
	his.send(map[string]any{"type": "typing", "in": "chat"})
	hers.shows("#presence", "Staff are here and are writing")
	his.send(map[string]any{"type": "message", "message": "Hello"})
	hers.shows("#presence", "Staff are here")
	his.send(map[string]any{"type": "typing", "in": "chat"})
	third := tom.socket(web.TicketURL(id) + "/chat?after=1")
	hers.shows("#presence", "Staff are here and are writing")
	his.shows("#colleagues", "Tom Lee is reading this ticket too")
	third.send(map[string]any{"type": "typing", "in": "comment"})
	his.shows("#colleagues", "Tom Lee is writing a reply")
	page := ana.get(web.TicketURL(id)).wants(t, 200).lacksElements(t, "#colleagues")
	if got := page.text("#presence"); !strings.Contains(got, "are here") {
		t.Errorf(`the text of #presence is %q, want it with "are here"`, got)
	}
	if got, want := page.text("#chat-fold > summary"), "Chat For quick questions Staff are here"; !strings.HasPrefix(got, want) {
		t.Errorf("the heading of the chat reads %q, want that it begins with %q", got, want)
	}
	if got, want := priya.get(web.TicketURL(id)).text(".composers summary"), "Reply to Ana Kovač they see it on this page"; !strings.HasPrefix(got, want) {
		t.Errorf("the heading of the reply reads %q, want that it begins with %q", got, want)
	}
	third.conn.Close()
	hers.shows("#presence", "Staff are here")
	his.send(map[string]any{"type": "typing", "in": "the bath"})
	his.send(map[string]any{"type": "seen", "seq": 1})
	hers.shows("#chat-seen", "Seen by staff")
}

func TestEntriesSeenOverTheSocketAreMarkedRead(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	ana.get(web.TicketURL(id)).wants(t, 200)
	for _, text := range []string{"One", "Two", "Three"} {
		a.addsComment(priya, id, text)
	}
	unread := func() (n int) {
		if err := a.pool.QueryRow(t.Context(), `select unread from ticket_reads where ticket_id = $1 and user_id = $2`, id, ana.id).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := unread(); n != 3 {
		t.Fatalf("%d are unread", n)
	}
	s := ana.socket(web.TicketURL(id) + "/chat?after=1")
	for _, c := range []struct{ seen, left int }{{3, 1}, {2, 1}, {-5, 1}, {4, 0}, {1 << 40, 0}} {
		s.send(map[string]any{"type": "seen", "seq": c.seen})
		s.send(map[string]any{"type": "none"}) // its answer comes after the entries are marked
		s.answer()
		if n := unread(); n != c.left {
			t.Errorf("with %d seen, %d are unread, want %d", c.seen, n, c.left)
		}
	}
	a.addsComment(priya, id, "Four")
	if n := unread(); n != 1 {
		t.Errorf("after another %d are unread", n)
	}
	ana.get(web.TicketURL(id)+"/events?after=5&seen=5", htmx...).wants(t, 200)
	if n := unread(); n != 0 {
		t.Errorf("a page that polls leaves %d unread", n)
	}
}

func TestAPageLeftOpenDoesNotKeepItsSessionFromEnding(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	for range 3 {
		a.later(account.SessionIdle / 4)
		ana.get(web.TicketURL(id)+"/events?after=1", htmx...).wants(t, 200)
		ana.socket(web.TicketURL(id) + "/chat")
	}
	a.later(account.SessionIdle/4 + time.Minute)
	ana.get(web.TicketURL(id)+"/events?after=1", htmx...).wants(t, 401)
}

func TestACustomersSocketShowsTheSameWhileStaffWriteANote(t *testing.T) {
	for name, headers := range map[string][]string{"htmx": htmx, "a form": nil, "a script": {"Accept", "application/json"}} {
		t.Run(name, func(t *testing.T) { sameTypingWithANote(t, headers) })
	}
}

// sameTypingWithANote fails the test if a customer notices on their socket that staff write and save a note while they
// write in the chat. The note is posted with headers.
func sameTypingWithANote(t *testing.T, headers []string) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	hers, staff := ana.socket(web.TicketURL(id)+"/chat?after=1"), priya.socket(web.TicketURL(id)+"/chat?after=1")
	hers.shows("#presence", "Staff are here")
	// frames returns what Ana's socket gets from the first key in the chat until staff have seen
	// the log.
	frames := func(between func()) (all []string) {
		staff.send(map[string]any{"type": "typing", "in": "chat"})
		hers.shows("#presence", "Staff are here and are writing")
		between()
		staff.send(map[string]any{"type": "seen", "seq": 1})
		for {
			text, closed := hers.next()
			if closed != 0 {
				t.Fatalf("closed with %d", closed)
			}
			all = append(all, text)
			if strings.Contains(text, "Seen by staff") {
				return all
			}
		}
	}
	began := time.Now()
	noted := frames(func() {
		staff.send(map[string]any{"type": "typing", "in": "note"})
		if got := priya.post(web.TicketURL(id)+"/notes", url.Values{"text": {"Internal."}}, headers...); got.StatusCode >= 400 {
			t.Errorf("the note: %d", got.StatusCode)
		}
	})
	if time.Since(began) > 5*time.Second {
		t.Skip("the machine is too slow: typing is shown for 6 s")
	}
	if len(noted) != 1 {
		t.Fatalf("got %d elements, want 1: %q", len(noted), noted)
	}
	if !strings.Contains(noted[0], "and are writing") {
		t.Errorf(`noted[0] is %q, want it with "and are writing"`, noted[0])
	}
}

func TestACustomerSeesNoTypingOfStaffWhoMayNotReply(t *testing.T) {
	a := newApp(t)
	ana, light := a.customer("Ana"), a.lightAgent("Lena", a.admin("Priya"))
	id := a.opensTicket(ana, "Mine")
	hers, staff := ana.socket(web.TicketURL(id)+"/chat?after=1"), light.socket(web.TicketURL(id)+"/chat?after=1")
	hers.shows("#presence", "Staff are here")
	for _, where := range []string{"chat", "comment"} {
		staff.send(map[string]any{"type": "typing", "in": where})
	}
	staff.send(map[string]any{"type": "seen", "seq": 1})
	for {
		text, closed := hers.next()
		if closed != 0 {
			t.Fatalf("the socket is closed with %d, want an open one", closed)
		}
		if strings.Contains(text, "are writing") {
			t.Fatalf(`the customer gets %q, want it without "are writing"`, text)
		}
		if strings.Contains(text, "Seen by staff") {
			return
		}
	}
}
