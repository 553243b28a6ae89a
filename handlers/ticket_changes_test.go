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

// changes requests the changes of a list since its page was drawn, as its script does.
func (c *client) changes(of page) page {
	c.app.t.Helper()
	slot := of.doc.Find("#new-tickets")
	address, _ := slot.Attr("data-changes")
	since, _ := slot.Attr("data-since")
	if _, err := time.Parse(time.RFC3339, since); err != nil {
		c.app.t.Fatal(err)
	}
	var shown []string
	for _, row := range of.doc.Find("tr[id^=row-], li[id^=ticket-]").EachIter() {
		id, _ := row.Attr("id")
		shown = append(shown, id[strings.Index(id, "-")+1:])
	}
	u, err := url.Parse(address)
	if err != nil {
		c.app.t.Fatal(err)
	}
	q := u.Query()
	q.Set("since", since)
	q.Set("shown", strings.Join(shown, ","))
	return c.get(u.Path+"?"+q.Encode(), htmx...)
}

// part returns the text of the fragment that replaces target.
func (p page) part(target string) string { return p.text("hx-partial[hx-target='" + target + "']") }

func TestTheChangesOfAListUpdateRowsAndCounts(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	lamp, bell := ana.open("A lamp", desk.PriorityLow), ana.open("A bell", desk.PriorityLow)
	ana.get(fmt.Sprintf("/tickets/%d", lamp.ID))
	list := ana.get("/tickets?sort=created").wants(t, http.StatusOK, "<title>My tickets")
	if _, err := app.desk.Comments.Add(t.Context(), priya.actor(account.RoleAdmin), lamp.ID, desk.CommentInput{Text: "On its way."}); err != nil {
		t.Fatal(err)
	}
	if err := app.desk.Tickets.Delete(t.Context(), ana.actor(account.RoleCustomer), bell.ID); err != nil {
		t.Fatal(err)
	}
	app.later(10 * time.Second)
	ana.open("A brake", desk.PriorityLow)
	got := ana.changes(list).wants(t, http.StatusOK, "<title>(1) My tickets").lacks(t, "<main", "A brake")
	row := got.part(fmt.Sprintf("#ticket-%d", lamp.ID))
	if !strings.Contains(row, "A lamp1 new") {
		t.Errorf(`the row is %q, want it with "A lamp1 new"`, row)
	}
	if strings.Contains(row, "Ana") {
		t.Errorf(`the row is %q, want it without "Ana"`, row)
	}
	if row := got.part(fmt.Sprintf("#ticket-%d", bell.ID)); !strings.Contains(row, "no longer here") {
		t.Errorf("the deleted row has %q", row)
	}
	if tabs := got.part("#tabs"); !strings.HasPrefix(tabs, "All 2Open 2") {
		t.Errorf("the tabs have %q", tabs)
	}
	pill := got.doc.Find("hx-partial[hx-target='#new-tickets'] a")
	to, _ := pill.Attr("href")
	if value := got.part("#new-tickets"); value != "1 new ticket" {
		t.Errorf(`got %q, want "1 new ticket"`, value)
	}
	if to != "/tickets?sort=created" {
		t.Errorf(`got %q, want "/tickets?sort=created"`, to)
	}
	if again := ana.changes(ana.get("/tickets?sort=created")); again.has("hx-partial a.pill") {
		t.Errorf("a list that shows the new ticket still has %q", again.part("#new-tickets"))
	}
}

func TestTheChangesOfTheQueueKeepItsView(t *testing.T) {
	app := newApp(t)
	ana, priya, tom := app.customer("Ana"), app.admin("Priya"), app.admin("Tom")
	lamp := ana.open("A lamp", desk.PriorityLow)
	board := priya.get("/dashboard?status=OPEN&sort=created").wants(t, http.StatusOK, "<title>(1) Open tickets")
	tom.post(fmt.Sprintf("/tickets/%d/status", lamp.ID), url.Values{"status": {"IN_PROGRESS"}})
	app.later(10 * time.Second)
	ana.open("A brake", desk.PriorityUrgent)
	got := priya.changes(board).wants(t, http.StatusOK, "<title>(1) Open tickets").lacks(t, "<main", "A brake</a> <span")
	row := fmt.Sprintf("hx-partial[hx-target='#row-%d'] ", lamp.ID)
	if !got.has(row + "[data-status=in_progress]") {
		t.Errorf("the row is %q", got.part(fmt.Sprintf("#row-%d", lamp.ID)))
	}
	if open := got.doc.Find(row+"a.btn").AttrOr("href", ""); open != fmt.Sprintf("/tickets?change=%d&sort=created&status=OPEN#row-%[1]d", lamp.ID) {
		t.Errorf("the row is opened by %q", open)
	}
	to := got.doc.Find(row+".subject-line a").AttrOr("href", "")
	if !strings.HasPrefix(to, fmt.Sprintf("/tickets/%d?at=", lamp.ID)) {
		t.Errorf("got %q, want the prefix %q", to, fmt.Sprintf("/tickets/%d?at=", lamp.ID))
	}
	if !strings.HasSuffix(to, "&sort=created&status=OPEN") {
		t.Errorf(`got %q, want the end "&sort=created&status=OPEN"`, to)
	}
	if got.part("#new-tickets") != "1 new ticket" {
		t.Errorf("got %q", got.part("#new-tickets"))
	}
	if to := got.doc.Find("a.pill").AttrOr("href", ""); to != "/tickets?sort=created&status=OPEN" {
		t.Errorf("the new ticket is at %q", to)
	}
}

func TestTheQueueShowsColleaguesWhoHaveATicketOpen(t *testing.T) {
	app := newApp(t)
	ana, priya, tom := app.customer("Ana"), app.admin("Priya"), app.admin("Tom")
	lamp, own := ana.open("A lamp", desk.PriorityLow), tom.open("Tom's own", desk.PriorityLow)
	if board := priya.get("/dashboard"); board.has("#queue .presence") {
		t.Errorf("with no colleague present, the queue has %q", board.text("#queue .presence"))
	}
	queue := priya.socket("/tickets/live")
	atLamp := tom.socket(web.TicketURL(lamp.ID) + "/chat?after=1")
	tom.socket(web.TicketURL(own.ID) + "/chat?after=1")
	ana.socket(web.TicketURL(lamp.ID) + "/chat?after=1")
	wantText := func(want string) {
		t.Helper()
		row := fmt.Sprintf("#row-%d .presence", lamp.ID)
		var board page
		for range 5 { // presence and the change of the row are separate messages
			text, closed := queue.next()
			if text != `{"type":"changed"}` {
				t.Fatalf("the socket of the queue: the text is %q, want %q", text, `{"type":"changed"}`)
			}
			if closed != 0 {
				t.Fatalf("the socket of the queue: got %d, want 0", closed)
			}
			if board = priya.get("/dashboard"); board.text(row) == want {
				break
			}
		}
		board.wantsText(t, row, want).wantsCount(t, "#queue .presence", 1)
		if got := priya.changes(board); !strings.Contains(got.part(fmt.Sprintf("#row-%d", lamp.ID)), want) {
			t.Errorf("the row's change lacks %q", want)
		}
	}
	wantText("Tom is here")
	atLamp.send(map[string]any{"type": "typing", "in": "comment"})
	wantText("Tom is writing")
	if board := tom.get("/dashboard"); board.has("#queue .presence") {
		t.Errorf("the queue shows Tom to himself: %q", board.text("#queue .presence"))
	}
}

func TestChangesExcludeTicketsOfOthers(t *testing.T) {
	app := newApp(t)
	ana, eve, priya := app.customer("Ana"), app.customer("Eve"), app.admin("Priya")
	lamp := ana.open("The secret lamp", desk.PriorityLow)
	query := fmt.Sprintf("?since=2020-01-01T00:00:00Z&requester=%d&q=lamp&shown=%d,424242", ana.id, lamp.ID)
	got := eve.get("/tickets/changes"+query, htmx...).wants(t, http.StatusOK).lacks(t, "secret", "Ana", "new ticket")
	if hers, none := got.part(fmt.Sprintf("#ticket-%d", lamp.ID)), got.part("#ticket-424242"); strings.ReplaceAll(hers, fmt.Sprint(lamp.ID), "424242") != none {
		t.Errorf("the ticket of another user differs from an unknown one: %q, %q", hers, none)
	}
	app.visitor().get("/tickets/changes"+query, htmx...).wants(t, http.StatusUnauthorized).lacks(t, "secret", "Ana")
	priya.get("/tickets/changes"+query, htmx...).wants(t, http.StatusOK, "secret")
}

func TestChangesWithoutHtmxRedirectToTheList(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	priya.get("/tickets/changes?status=OPEN&since=2020-01-01T00:00:00Z&shown=1").leadsTo(t, "/tickets?status=OPEN")
	priya.get("/tickets/changes?since=x").leadsTo(t, "/tickets")
	priya.get("/tickets/changes?q=a+b&shown=").leadsTo(t, "/tickets?q=a+b")
}

func TestChangesIgnoreInvalidParameters(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	ana.open("A lamp", desk.PriorityLow)
	for _, query := range []string{"", "?since=yesterday", "?since=0000-01-01T00:00:00Z&shown=-1,0,x,99999999999999999999,,", "?since=9999-12-31T23:59:59Z",
		"?since=2020-01-01T00:00:00%2B99:00", "?q=%00&shown=%ff", "?shown=" + strings.Repeat("1,", 5000)} {
		ana.get("/tickets/changes"+query, htmx...).wants(t, http.StatusOK)
	}
}

func TestARequestForChangesKeepsTheFlashMessage(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	lamp := ana.open("A lamp", desk.PriorityLow)
	answer := ana.post(fmt.Sprintf("/tickets/%d/delete", lamp.ID), nil)
	ana.get("/tickets/changes", htmx...).wants(t, http.StatusOK).lacks(t, "is deleted")
	if word := ana.follow(answer).text("#flash"); word == "" {
		t.Error("a request for changes by another tab removed the flash message")
	}
}
