package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// opensTicket inserts a ticket of a customer as it is after opening, and returns its ID.
func (a *app) opensTicket(c *client, subject string) (id int64) {
	a.t.Helper()
	err := a.pool.QueryRow(a.t.Context(),
		`insert into tickets (requester_id, subject, description, category_id, priority, last_seq, waiting_since, submission_id, submission_hash)
		 values ($1, $2, 'It happened at https://example.org/page.', 1, 'Medium', 1, now(), $2, '') returning id`, c.id, subject).Scan(&id)
	if err == nil {
		_, err = a.pool.Exec(a.t.Context(), `insert into ticket_events (ticket_id, seq, kind, author_id) values ($1, 1, 'opened', $2)`, id, c.id)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return id
}

// addsComment adds a comment of the client to a ticket.
func (a *app) addsComment(c *client, id int64, text string) {
	a.t.Helper()
	c.post(web.TicketURL(id)+"/comments", url.Values{"text": {text}}).wants(a.t, http.StatusSeeOther)
}

func TestTheTicketPageShowsTheRequestAndItsEvents(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana Kovač"), a.admin("Priya Nair")
	id := a.opensTicket(ana, "Invoice <b>2207</b>")
	a.addsComment(priya, id, "Good morning Ana,\n\nsee mailto:desk@example.org.\nBye")
	priya.post(web.TicketURL(id)+"/messages", url.Values{"text": {"Are you there?"}}).wants(t, http.StatusSeeOther)
	priya.post(web.TicketURL(id)+"/triage", url.Values{"status": {"IN_PROGRESS"}, "priority": {"High"}, "category": {"1"}, "version": {"1"}}).leadsTo(t, web.TicketURL(id))

	got := ana.get(web.TicketURL(id)).wants(t, 200, "Invoice &lt;b&gt;2207")
	for selector, want := range map[string]string{
		"h1":                               "Invoice <b>2207</b>",
		".ticket-head .badge":              "In progress",
		".ticket-head .prio":               "High",
		"#s1 .prose a[rel]":                "https://example.org/page",
		"#s2 h3":                           "Priya Nair",
		"#s2 .badge":                       "Staff",
		"#s2 .prose p:nth-child(2) a":      "mailto:desk@example.org",
		"#s3 header b":                     "Priya",
		"li.event:nth-child(2) b":          "Priya Nair",
		"#s4 > p .mark[data-status=open]":  "Open",
		"#s5 > p .prio[data-priority=low]": "",
		"#facts button":                    "This is solved",
		".composer button":                 "Send comment",
	} {
		if text := got.text(selector); text != want {
			t.Errorf("%s shows %q, want %q", selector, text, want)
		}
	}
	for _, hidden := range []string{"#triage", ".seq", "li[value]", "button[name=then]"} {
		if got.has(hidden) {
			t.Errorf("a customer sees %s", hidden)
		}
	}
	staff := priya.get(web.TicketURL(id)).wants(t, 200)
	for _, shown := range []string{"#triage select[name=category]", "#s2 .seq", "#s2[value='2']", "button[name=then]", fmt.Sprintf("#facts a[href='/tickets?requester=%d']", ana.id)} {
		if !staff.has(shown) {
			t.Errorf("staff does not see %s", shown)
		}
	}
}

func TestATicketOfAnotherUserIsNotFoundOnAnyPath(t *testing.T) {
	a := newApp(t)
	ana, boris := a.customer("Ana"), a.customer("Boris")
	id := a.opensTicket(ana, "Mine")
	for _, address := range []string{web.TicketURL(id), "/tickets/999999", "/tickets/0", "/tickets/-1", "/tickets/x", "/tickets/007", "/tickets/99999999999999999999"} {
		for _, below := range []string{"", "/events?after=1", "/chat", "?before=5"} {
			boris.get(address+below).wants(t, 404)
		}
		for _, below := range []string{"/comments", "/messages", "/status", "/triage"} {
			boris.post(address+below, url.Values{"text": {"x"}, "status": {"RESOLVED"}}).wants(t, 404)
			boris.post(address+below, url.Values{}, htmx...).wants(t, 404)
		}
	}
	if n := len(a.log(ana, id)); n != 0 {
		t.Fatalf("a user without access wrote %d entries", n)
	}
}

// log returns the entries of the ticket after its opening.
func (a *app) log(c *client, id int64) []desk.Event {
	a.t.Helper()
	tl, err := a.desk.Log.Timeline(a.t.Context(), c.actor(account.RoleAdmin), id, desk.TimelineRange{})
	if err != nil {
		a.t.Fatal(err)
	}
	return tl.Entries
}

func TestAGetOfThePageMarksItReadAndAHeadDoesNot(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	ana.get(web.TicketURL(id)).wants(t, 200).lacks(t, "since you were here")
	a.addsComment(priya, id, "One")
	a.addsComment(priya, id, "Two")
	if head := ana.head(web.TicketURL(id)).wants(t, 200); head.body != "" {
		t.Fatalf("HEAD: got the body %q, want none", head.body)
	}
	got := ana.get(web.TicketURL(id)).wants(t, 200)
	text := got.text("#new")
	if text != "2 new since you were here" {
		t.Errorf(`the text is %q, want "2 new since you were here"`, text)
	}
	got.wantsText(t, ".jump a", "2 new")
	ana.get(web.TicketURL(id)).wants(t, 200).lacks(t, "since you were here")
}

func TestRefreshMarksNewEntriesAndSendsOnlyThemToHtmx(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	a.addsComment(priya, id, "Old words")
	ana.get(web.TicketURL(id)).wants(t, 200)
	a.addsComment(priya, id, "New words")
	part := ana.get(web.TicketURL(id)+"/events?after=2", htmx...).wants(t, 200, "New words", `hx-target="#timeline"`, "after=3").lacks(t, "Old words", "<html")
	if part.has("#text") {
		t.Error("the composer is replaced while the user may be writing")
	}
	whole := ana.get(web.TicketURL(id)+"/events?after=2").wants(t, 200, "<html", "Old words", "New words")
	if got := whole.text("#new"); got != "1 new since you were here" {
		t.Errorf("the mark has %q", got)
	}
	for _, bad := range []string{"", "?after=", "?after=x", "?after=-1", "?after=99999999999999999999"} {
		ana.get(web.TicketURL(id)+"/events"+bad).wants(t, 200)
		ana.get(web.TicketURL(id)+"/events"+bad, htmx...).wants(t, 200)
	}
	ana.get(web.TicketURL(id)+"/chat").leadsTo(t, web.TicketURL(id)+"#chat")
}

func TestEarlierEntriesHaveTheirOwnPage(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Long")
	_, err := a.pool.Exec(t.Context(), `insert into ticket_events (ticket_id, seq, kind, author_id, body) select $1, n, 'comment', $2, 'word ' || n from generate_series(2, 120) n`, id, ana.id)
	if err == nil {
		_, err = a.pool.Exec(t.Context(), `update tickets set last_seq = 120 where id = $1`, id)
	}
	if err != nil {
		t.Fatal(err)
	}
	got := ana.get(web.TicketURL(id)).wants(t, 200, "word 120", "word 21", "?before=21").lacks(t, "word 20<")
	if n := got.doc.Find(".timeline > li").Length(); n != desk.PageEntries {
		t.Errorf("%d entries are shown", n)
	}
	earlier := ana.get(web.TicketURL(id)+"?before=21").wants(t, 200, "word 20", "word 2<", "Show the newest entries").lacks(t, "word 21", "Show earlier")
	got.wantsElements(t, "#reply form[hx-post]")
	earlier.lacksElements(t, "#reply form[hx-post]")
	if !got.has("#chat-form[data-script]") {
		t.Error("the chat form of the newest entries has no script, want one")
	}
	if earlier.has("#chat-form[data-script]") {
		t.Error("the chat form of earlier entries has a script, which needs a page that follows the log")
	}
}

func TestTextTypedBeforeTheSessionEndedIsRestored(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	for _, c := range []struct{ below, kind, field string }{{"/comments", "", "#text"}, {"/messages", "chat", "#message"}} {
		a.later(account.SessionIdle + time.Minute)
		ana.post(web.TicketURL(id)+c.below, url.Values{"text": {"Half an hour of writing"}, "kind": {c.kind}}).leadsTo(t, "/login?next="+url.QueryEscape(web.TicketURL(id)))
		ana.signIn()
		if got := ana.get(web.TicketURL(id)).wants(t, 200).value(c.field); got != "Half an hour of writing" {
			t.Errorf("%s holds %q", c.field, got)
		}
	}
	if n := len(a.log(ana, id)); n != 0 {
		t.Errorf("%d entries were written without a session", n)
	}
}

func TestATicketPageHasNoInlineScriptOrStyle(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, `"><script>alert(1)</script><hx-partial hx-target="#main">`)
	a.addsComment(ana, id, `<img src=x onerror=alert(1)> <div hx-get="/x" hx-swap-oob="true">`)
	got := ana.get(web.TicketURL(id)).wants(t, 200)
	if got.doc.Find("main script:not([type='text/html']), main style, main [style], main img, main hx-partial, [hx-swap-oob], [onerror]").Length() != 0 {
		t.Error("the page contains markup of a user")
	}
	if strings.Contains(got.body, " style=") {
		t.Error("the page has an inline style")
	}
}

func TestTheMailLinkContainsOnlyTheAddress(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana?bcc=thief@example.org&body=x")
	id := a.opensTicket(ana, "Printer")
	got := a.admin("Priya").get(web.TicketURL(id)).wants(t, 200)
	href, _ := got.doc.Find("a[href^='mailto:']").Attr("href")
	if href == "" {
		t.Error("the requester's address has no link")
	}
	if strings.Contains(href, "?") {
		t.Errorf(`got %q, want it without "?"`, href)
	}
}

func TestTheFactsOfATicketAreAvailableWithoutChatMessages(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	at := web.TicketURL(a.opensTicket(ana, "Mine"))
	if got := priya.get(at); !strings.Contains(got.text("#facts"), "Waiting for us") {
		t.Fatalf("the facts are %s", got.text("#facts"))
	}
	priya.post(at+"/messages", url.Values{"text": {"A quick answer"}}).leadsTo(t, at+"#s2")
	for _, c := range []*client{ana, priya} {
		got := c.get(at+"/events?after=2&facts=1", htmx...).wants(t, 200, "Last answer").lacks(t, "A quick answer", "Waiting for us")
		got.wantsElements(t, "[data-from='2'][data-to='2'] hx-partial[hx-target='#ticket-head'] time")
		if value := got.has("#triage"); value != (c == priya) {
			t.Errorf("%s: got %t, want %t", c.name, value, (c == priya))
		}
	}
}

func TestNewEntriesAreCountedBeyondThePage(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	ana.get(web.TicketURL(id)).wants(t, 200)
	for range 130 {
		if _, err := a.desk.Comments.Add(t.Context(), priya.actor(account.RoleAdmin), id, desk.MessageInput{Text: "One more"}); err != nil {
			t.Fatal(err)
		}
	}
	got := ana.get(web.TicketURL(id)).wants(t, 200, "130 new since you were here")
	if got.text(".jump a") != "130 new" {
		t.Errorf("the link to them has %q", got.text(".jump a"))
	}
}
