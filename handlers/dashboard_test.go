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

// open creates a ticket of the client with a call of the service.
func (c *client) open(subject string, priority desk.Priority) desk.Ticket {
	c.app.t.Helper()
	t, err := c.app.desk.Tickets.Open(c.app.t.Context(), c.self(), desk.TicketInput{Subject: subject,
		Description: "As the subject says.", Category: "Billing", Priority: string(priority), SubmissionID: web.NewSubmissionID()})
	if err != nil {
		c.app.t.Fatal(err)
	}
	return t
}

func TestTheDashboardShowsFiguresChartAndQueue(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	urgent := ana.open("The brakes fail", desk.PriorityUrgent)
	ana.open("Which oil?", desk.PriorityLow)
	got := priya.get("/dashboard")
	if got.StatusCode != http.StatusOK || got.text("#figures li:first-child b") != "2" || got.text("#figures li:nth-child(3) b") != "1" {
		t.Errorf("%d, figures %q", got.StatusCode, got.text("#figures"))
	}
	if got.doc.Find("#queue tbody tr").Length() != 2 || got.doc.Find(".waiting li").Length() != 2 {
		t.Errorf("queue %q, waiting %q", got.text("#queue tbody"), got.text(".waiting"))
	}
	if got.doc.Find(".chart svg rect.up").Length() != 1 || got.doc.Find(".chart table tbody tr").Length() != 30 || got.text(".chart tbody tr:last-child td") != "2" {
		t.Errorf("the chart has %d bars; its table has %q", got.doc.Find(".chart svg rect").Length(), got.text(".chart tbody tr:last-child"))
	}
	if got.text(".shares li:first-child b") != "1" || !strings.Contains(got.text(".breakdown"), "Billing 2") {
		t.Errorf("breakdown %q", got.text(".breakdown"))
	}
	narrow := priya.get("/dashboard?priority=Urgent&category=Billing&q=brakes")
	if narrow.doc.Find("#queue tbody tr").Length() != 1 || !narrow.has(fmt.Sprintf("#row-%d", urgent.ID)) {
		t.Errorf("narrowed to %q", narrow.text("#queue tbody"))
	}
	none := priya.get("/dashboard?q=nowhere")
	if !strings.Contains(none.text("#queue"), "Nothing found") || none.value("#q") != "nowhere" {
		t.Errorf("an empty queue has the text %q", none.text("#queue"))
	}
}

func TestTheTabsOfTheQueueSelectTheirTickets(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	done := ana.open("Done long ago", desk.PriorityLow)
	ana.open("Waits", desk.PriorityLow)
	if _, err := app.desk.Tickets.SetStatus(t.Context(), priya.actor(account.RoleAdmin), done.ID, desk.StatusInput{Status: "RESOLVED"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		query, tab string
		rows       int
	}{
		{"", "Unresolved", 1},
		{"?status=ALL", "All", 2},
		{"?status=RESOLVED", "Resolved", 1},
		{"?status=nonsense&sort=sideways&after=x", "All", 2},
	} {
		got := priya.get("/dashboard" + c.query)
		tab := strings.TrimRight(got.text("#queue .tabs a[aria-current]"), " 0123456789")
		if rows := got.doc.Find("#queue tbody tr").Length(); got.StatusCode != http.StatusOK || tab != c.tab || rows != c.rows {
			t.Errorf("%q: %d, tab %q, %d rows", c.query, got.StatusCode, tab, rows)
		}
	}
	app.later(25 * time.Hour)
	priya.signIn()
	if late := priya.get("/dashboard?status=WAITING"); late.doc.Find("#queue tbody tr").Length() != 1 || late.text("#figures li:nth-child(4) b") != "1" {
		t.Errorf("after a day: %q", late.text("#queue"))
	}
}

func TestHtmxGetsOnlyTheQueueAndTheFigures(t *testing.T) {
	app := newApp(t)
	app.customer("Ana").open("The brakes fail", desk.PriorityUrgent)
	got := app.admin("Priya").get("/dashboard?status=OPEN", htmx...)
	if got.has("main") || got.has(".chart") || !got.has("#queue tbody tr") || !strings.Contains(got.body, "<hx-partial hx-target=\"#figures\"") {
		t.Errorf("the fragment is %q", got.body[:min(400, len(got.body))])
	}
	for _, beside := range []string{"#figures", "#waiting", "#breakdown"} {
		if !got.has("hx-partial[hx-target='" + beside + "'] " + beside) {
			t.Errorf("%s is not updated", beside)
		}
	}
	if whole := app.admin("Tom").get("/dashboard"); whole.has("hx-partial") || !whole.has("main #queue") {
		t.Error("the answer is not a whole page")
	}
}

func TestARowOfTheQueueIsOpenedAndClosedAlone(t *testing.T) {
	app := newApp(t)
	ticket := app.customer("Ana").open("The brakes fail", desk.PriorityLow)
	priya := app.admin("Priya")
	row := fmt.Sprintf("tr#row-%d", ticket.ID)
	at := fmt.Sprintf("/dashboard/rows/%d?sort=urgent", ticket.ID)
	open := priya.get(at+"&change=1", htmx...).wants(t, 200).lacks(t, "<html", "<hx-partial")
	if n := open.doc.Find("body > *").Length(); n != 1 && !strings.Contains(open.body, "<tr") {
		t.Errorf("the answer is %s", open.body)
	}
	for _, want := range []string{`name="status"`, `name="priority"`, `name="category"`, `type="hidden" name="return" value="/dashboard?sort=urgent"`, ">Save ", ">Cancel "} {
		if !strings.Contains(open.body, want) {
			t.Errorf("the open row lacks %s: %s", want, open.body)
		}
	}
	if closed := priya.get(at, htmx...).wants(t, 200, ">Change "); strings.Contains(closed.body, "<select") {
		t.Errorf("the closed row is %s", closed.body)
	}
	if page := priya.get("/dashboard"); !page.has(row + " .mark[data-status=open]") {
		t.Error("the row does not show its status")
	}
}

func TestARowOfTheQueueIsTriagedInPlace(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	ticket := ana.open("The brakes fail", desk.PriorityLow)
	page := priya.get("/dashboard?status=OPEN&sort=urgent").wants(t, 200)
	if page.has("#queue tbody select") {
		t.Error("a select of a row sends a change at each press of an arrow key, before the user saves")
	}
	opened := priya.get(page.doc.Find(fmt.Sprintf("#row-%d .change a", ticket.ID)).AttrOr("href", ""))
	opened.leadsTo(t, fmt.Sprintf("/dashboard?change=%d&sort=urgent&status=OPEN#row-%[1]d", ticket.ID))
	page = priya.follow(opened)
	form := page.doc.Find(fmt.Sprintf("#change-%d", ticket.ID))
	fields := url.Values{"status": {"IN_PROGRESS"}, "priority": {"High"}}
	category, _ := page.doc.Find(fmt.Sprintf("#row-%d [name=category] option[selected]", ticket.ID)).Attr("value")
	fields.Set("category", category)
	for _, name := range []string{"version", "return", "was_status", "was_priority", "was_category"} {
		value, _ := form.Find("[name=" + name + "]").Attr("value")
		fields.Set(name, value)
	}
	action, _ := form.Attr("action")
	answer := priya.post(action, fields)
	if to := answer.Header.Get("Location"); to != "/dashboard?sort=urgent&status=OPEN" {
		t.Errorf("redirected to %q: %s", to, answer.body)
	}
	if got, want := priya.follow(answer).text("#flash p"), fmt.Sprintf("Ticket #%d is in progress and has priority High.", ticket.ID); got != want {
		t.Errorf("the flash message is %q, want %q", got, want)
	}
	now, err := app.desk.Tickets.Get(t.Context(), priya.actor(account.RoleAdmin), ticket.ID)
	if err != nil || now.Status != desk.StatusInProgress || now.Priority != desk.PriorityHigh || now.Category != "Billing" {
		t.Errorf("%+v, %v", now, err)
	}
	fields.Del("was_status") // so that the server cannot know what was changed
	refusal := priya.post(action, fields, htmx...)
	stale := priya.follow(refusal)
	if !strings.Contains(stale.text("#flash"), "Nothing was saved") || refusal.Header.Get("Location") != fmt.Sprintf("/dashboard?change=%d&sort=urgent&status=OPEN", ticket.ID) {
		t.Errorf("an old version: %q, at %s", stale.text("#flash"), refusal.Header.Get("Location"))
	}
	fields.Set("return", "//evil.example/")
	if out := priya.post(action, fields); strings.Contains(out.Header.Get("Location"), "evil") {
		t.Errorf("redirected to %q, another site", out.Header.Get("Location"))
	}
	if refused := ana.post(action, fields); refused.StatusCode != http.StatusForbidden {
		t.Errorf("the requester's triage: %d", refused.StatusCode)
	}
}
