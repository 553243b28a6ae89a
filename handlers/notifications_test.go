package handlers

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/handlers/web"
	"frontdesk/internal/outbox"
)

// notified is an app whose events are delivered when a test calls deliver.
type notified struct {
	*app
	box *outbox.Outbox
}

// newNotified starts a desk with an outbox that delivers notifications.
func newNotified(t *testing.T) notified {
	t.Helper()
	return notifiedOn(t, newApp(t))
}

// notifiedOn adds an outbox to a desk.
func notifiedOn(t *testing.T, a *app) notified {
	t.Helper()
	a.exec("alter table users alter seen_at set default now()") // as if all users had just used the desk
	box := outbox.New(a.pool, outbox.Options{}, a.desk.Notifications.Consumers()...)
	if err := box.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	return notified{a, box}
}

// deliver delivers all committed events.
func (n notified) deliver() {
	n.t.Helper()
	if err := n.box.Drain(n.t.Context()); err != nil {
		n.t.Fatal(err)
	}
}

// bell returns the number at the bell of a page, or "" if there is none.
func (p page) bell(t *testing.T) string {
	t.Helper()
	badge := p.doc.Find(".topbar #bell > b")
	if badge.Length() != 1 {
		t.Fatalf("the page has %d bells", badge.Length())
	}
	if _, hidden := badge.Attr("hidden"); hidden {
		return ""
	}
	return strings.TrimSpace(badge.Find("span").First().Text())
}

// lines returns the texts of the notifications on the page.
func (p page) lines() (out []string) {
	for _, li := range p.doc.Find(".notification-list > li").EachIter() {
		out = append(out, strings.Join(strings.Fields(li.Find("div").Text()), " "))
	}
	return out
}

// wantBell fails the test if the bell of the page has another count.
func wantBell(t *testing.T, what string, p page, want string) {
	t.Helper()
	if got := p.bell(t); got != want {
		t.Errorf("%s: the bell has %q, want %q", what, got, want)
	}
}

func TestTheBellAndThePageShowNotifications(t *testing.T) {
	n := newNotified(t)
	ana, priya := n.customer("Ana"), n.admin("Priya")
	id := n.opensTicket(ana, "Invoice <2207>")
	n.deliver()
	wantBell(t, "staff", priya.get("/tickets"), "1")
	wantBell(t, "the requester", ana.get("/tickets"), "")
	ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {"And this"}})
	n.deliver()
	page := priya.get("/notifications").wants(t, 200)
	if got, want := page.lines(), fmt.Sprintf("[Ana answered #%d (unread) Invoice <2207> · 2 updates]", id); fmt.Sprint(got) != want {
		t.Errorf("the page lists %v, want %s", got, want)
	}
	if got, want := page.doc.Find(".notification-list a").AttrOr("href", ""), web.TicketURL(id); got != want { // the oldest unread event is the opening of the ticket
		t.Errorf("it links to %s, want %s", got, want)
	}
	if title := page.doc.Find("title").Text(); !strings.HasPrefix(title, "(1) Notifications") {
		t.Errorf("the title is %q", title)
	}
	priya.post(web.TicketURL(id)+"/comments", url.Values{"text": {"An answer"}, "then": {"resolved"}})
	n.deliver()
	page = ana.get("/notifications").wants(t, 200)
	if got, want := page.lines(), fmt.Sprintf("[Priya answered #%d (unread) Invoice <2207> · 2 updates]", id); fmt.Sprint(got) != want {
		t.Errorf("the requester's page lists %v, want %s", got, want)
	}
	if got, want := page.doc.Find(".notification-list a").AttrOr("href", ""), web.TicketURL(id)+"#s3"; got != want {
		t.Errorf("it links to %s, want %s", got, want)
	}
}

func TestOpeningATicketMarksItsNotificationAsRead(t *testing.T) {
	n := newNotified(t)
	ana, priya := n.customer("Ana"), n.admin("Priya")
	first, second := n.opensTicket(ana, "First"), n.opensTicket(ana, "Second")
	n.deliver()
	wantBell(t, "before", priya.get("/tickets"), "2")
	priya.head(web.TicketURL(first))
	wantBell(t, "after a HEAD request", priya.get("/tickets"), "2")
	wantBell(t, "on the ticket's page", priya.get(web.TicketURL(first)), "1")
	wantBell(t, "afterwards", priya.get("/tickets"), "1")
	wantBell(t, "on the other's page", priya.get(web.TicketURL(second)), "")
}

func TestMarkAllAsReadKeepsLaterNotificationsUnread(t *testing.T) {
	n := newNotified(t)
	ana, priya := n.customer("Ana"), n.admin("Priya")
	n.opensTicket(ana, "First")
	n.deliver()
	form := priya.get("/notifications").doc.Find(`form[action="/notifications/read"]`)
	upto := form.Find("[name=upto]").AttrOr("value", "")
	n.opensTicket(ana, "Second")
	n.deliver()
	priya.post("/notifications/read", url.Values{"upto": {upto}}).leadsTo(t, "/notifications")
	page := priya.get("/notifications").wants(t, 200, "Marked 1 notification as read.")
	wantBell(t, "afterwards", page, "1")
	if got := page.doc.Find(".notification-list > li.is-unread").Length(); got != 1 {
		t.Errorf("%d are marked as unread, want 1", got)
	}
	priya.post("/notifications/read", url.Values{"upto": {"garbage"}}).wants(t, 400)
	wantBell(t, "after a form that was not whole", priya.get("/notifications"), "1")
	upto = page.doc.Find(`[action="/notifications/read"] [name=upto]`).AttrOr("value", "")
	priya.post("/notifications/read", url.Values{"upto": {upto}}).leadsTo(t, "/notifications")
	page = priya.get("/notifications").wants(t, 200)
	wantBell(t, "after all were read", page, "")
	if page.doc.Find(`form[action="/notifications/read"]`).Length() != 0 {
		t.Error("the button is there although nothing is unread")
	}
}

func TestTheBellDoesNotCountWhatThePageHides(t *testing.T) {
	n := newNotified(t)
	ana, tom := n.customer("Ana"), n.agent("Tom")
	id := n.opensTicket(ana, "Invoice <2207>")
	n.deliver()
	wantBell(t, "before", tom.get("/tickets"), "1")
	n.exec("alter table tickets disable trigger user")
	n.exec("update tickets set team_id = $1 where id = $2", n.team("HR", true), id) // as if it moved while its event was delivered
	n.exec("alter table tickets enable trigger user")
	tom.get(web.TicketURL(id)).wants(t, http.StatusNotFound)
	page := tom.get("/notifications").wants(t, 200, "No notifications")
	wantBell(t, "afterwards", page, "")
	if page.doc.Find(`form[action="/notifications/read"]`).Length() != 0 {
		t.Error("the button is there although nothing is unread")
	}
	n.exec("insert into team_members (team_id, user_id) select team_id, $1 from tickets where id = $2", tom.id, id)
	wantBell(t, "as a member", tom.get("/tickets"), "1")
}

func TestMarkAllAsReadOnAnEmptyPageMarksAll(t *testing.T) {
	n := newNotified(t)
	ana, priya := n.customer("Ana"), n.admin("Priya")
	n.opensTicket(ana, "First")
	n.deliver()
	upto := priya.get("/notifications?before=1").doc.Find(`form[action="/notifications/read"] [name=upto]`).AttrOr("value", "")
	priya.post("/notifications/read", url.Values{"upto": {upto}}).leadsTo(t, "/notifications")
	wantBell(t, "afterwards", priya.get("/notifications").wants(t, 200, "Marked 1 notification as read."), "")
	priya.post("/notifications/read", url.Values{}).wants(t, 400)
}

func TestThePageWithoutNotificationsHasAText(t *testing.T) {
	n := newNotified(t)
	n.customer("Ana").get("/notifications").wants(t, 200, "No notifications", "Answers to your tickets")
	n.admin("Priya").get("/notifications").wants(t, 200, "No notifications", "New tickets")
}

func TestThePageOfNotificationsLinksToOlderOnes(t *testing.T) {
	n := newNotified(t)
	ana, priya := n.customer("Ana"), n.admin("Priya")
	n.exec(`insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash)
		select $1, 'Ticket ' || i, 'd', 1, 'Low', 'key ' || i, '' from generate_series(1, 60) i`, ana.id)
	n.exec(`insert into notifications (ticket_id, user_id, seq, first_seq, events, kind, author_id, created_at)
		select id, $1, 1, 1, 1, 'opened', requester_id, now() from tickets order by id`, priya.id)
	first := priya.get("/notifications").wants(t, 200)
	older := priya.get(first.doc.Find(".pager a").AttrOr("href", "")).wants(t, 200)
	a, b := len(first.lines()), len(older.lines())
	if a != 50 {
		t.Errorf("the first page has %d, want 50", a)
	}
	if b != 10 {
		t.Errorf("the second page has %d, want 10", b)
	}
	got := strings.Join(older.lines(), "\n")
	if strings.Contains(got, "Ticket 11 ") {
		t.Errorf(`got %q, want it without "Ticket 11 "`, got)
	}
	if !strings.Contains(got, "Ticket 10") {
		t.Errorf(`got %q, want it with "Ticket 10"`, got)
	}
	wantBell(t, "on a page", first, "60")
	priya.get("/notifications?before=nonsense").wants(t, 200, "Ticket 60")
}

func TestManyUnreadNotificationsAreCountedUpToNinetyNine(t *testing.T) {
	n := newNotified(t)
	ana, priya := n.customer("Ana"), n.admin("Priya")
	n.exec(`insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash)
		select $1, 's', 'd', 1, 'Low', 'key ' || i, '' from generate_series(1, 120) i`, ana.id)
	n.exec(`insert into notifications (ticket_id, user_id, seq, first_seq, events, kind, author_id, created_at)
		select id, $1, 1, 1, 1, 'opened', requester_id, now() from tickets`, priya.id)
	wantBell(t, "with 120", priya.get("/tickets"), "99+")
	wantBell(t, "on a ticket that is read with it", priya.get("/tickets/1"), "99+")
}

func TestAPIClientsListAndReadNotifications(t *testing.T) {
	n := newNotified(t)
	ana, priya := n.customer("Ana"), n.admin("Priya")
	first, second := n.opensTicket(ana, "First"), n.opensTicket(ana, "Second")
	n.deliver()
	p := priya.program()
	type row struct {
		ID, TicketID int64
		Unread       bool
		Kind, Author string
	}
	var list []row
	get := func(path string) reply {
		t.Helper()
		got := p.send(http.MethodGet, path, nil)
		list = nil
		if err := json.Unmarshal(got.body, &list); err != nil {
			t.Fatal(err)
		}
		return got
	}
	get("/notifications")
	if diff := cmp.Diff([]row{{second, second, true, "opened", "Ana"}, {first, first, true, "opened", "Ana"}}, list); diff != "" {
		t.Fatalf("the list (-want +got):\n%s", diff)
	}
	link := get("/notifications?limit=1").Header.Get("Link")
	path, _, _ := strings.Cut(strings.TrimPrefix(link, "</api"), ">")
	get(path)
	if diff := cmp.Diff([]row{{first, first, true, "opened", "Ana"}}, list); diff != "" {
		t.Errorf("the page after %s (-want +got):\n%s", link, diff)
	}
	if got := p.send(http.MethodPost, fmt.Sprintf("/notifications/%d/read", first), nil); got.StatusCode != http.StatusNoContent {
		t.Errorf("read one: %d %s", got.StatusCode, got.body)
	}
	get("/notifications")
	if diff := cmp.Diff([]row{{second, second, true, "opened", "Ana"}, {first, first, false, "opened", "Ana"}}, list); diff != "" {
		t.Errorf("after one was read (-want +got):\n%s", diff)
	}
	if got := p.send(http.MethodPost, "/notifications/read", nil); got.StatusCode != http.StatusNoContent {
		t.Errorf("read all: %d %s", got.StatusCode, got.body)
	}
	if get("/notifications"); list[0].Unread {
		t.Errorf("after all were read: %+v", list)
	}
	if got := ana.program().send(http.MethodPost, fmt.Sprintf("/notifications/%d/read", first), nil); got.StatusCode != http.StatusForbidden {
		t.Errorf("a notification of another user: %d %s", got.StatusCode, got.body)
	}
}

func TestAssigneesReadWhoAssignedATicketToThem(t *testing.T) {
	n := newNotified(t)
	ana, priya, tom := n.customer("Ana"), n.admin("Priya"), n.agent("Tom")
	id := n.opensTicket(ana, "Invoice <2207>")
	n.deliver()
	tom.get(web.TicketURL(id)).wants(t, 200)
	priya.post(web.TicketURL(id)+"/assignment", url.Values{"assignee": {fmt.Sprint(tom.id)}}).wants(t, http.StatusSeeOther)
	n.deliver()
	page := tom.get("/notifications").wants(t, 200)
	if got, want := page.lines(), fmt.Sprintf("[Priya assigned #%d to you (unread) Invoice <2207>]", id); fmt.Sprint(got) != want {
		t.Errorf("the page lists %v, want %s", got, want)
	}
	if got, want := string(tom.program().send(http.MethodGet, "/notifications", nil).body), `"kind":"assignment","author":"Priya","status":null,"seq":2`; !strings.Contains(got, want) {
		t.Errorf("the API lists %s, want %s", got, want)
	}
	if got := strings.Join(strings.Fields(tom.get(web.TicketURL(id)).text("#followers .side-list")), " "); got != "Tom assigned" {
		t.Errorf("the ticket's followers are %q, want Tom, who is assigned", got)
	}
	wantBell(t, "the requester", ana.get("/tickets"), "")
}
