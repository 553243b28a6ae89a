package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

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

func TestTheFirstPageOfStaffIsTheQueue(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	urgent := ana.open("The brakes fail", desk.PriorityUrgent)
	ana.open("Which oil?", desk.PriorityLow)
	got := priya.get("/dashboard").wants(t, 200)
	if text := got.text("h1"); text != "Waiting longest" {
		t.Errorf("the text of h1 is %q, want %q", text, "Waiting longest")
	}
	if text := got.text(".views [aria-current] span"); text != "Waiting longest" {
		t.Errorf("the text of .views [aria-current] span is %q, want %q", text, "Waiting longest")
	}
	if text := got.text(".views summary small"); text != "Waiting longest" {
		t.Errorf("the text of .views summary small is %q, want %q", text, "Waiting longest")
	}
	if n := got.doc.Find("#queue tbody tr").Length(); n != 2 {
		t.Errorf("the queue has %d rows, want 2", n)
	}
	if order := got.doc.Find(".skip[href='#main'], .topbar, .views, main").Map(func(_ int, s *goquery.Selection) string { return goquery.NodeName(s) }); !slices.Equal(order, []string{"a", "header", "nav", "main"}) {
		t.Errorf("the order of the source is %v", order)
	}
	narrow := priya.get("/dashboard?priority=Urgent&category=Billing&q=brakes")
	narrow.wantsCount(t, "#queue tbody tr", 1).wantsElements(t, fmt.Sprintf("#row-%d", urgent.ID))
	none := priya.get("/dashboard?q=nowhere")
	if got := none.text("#queue"); !strings.Contains(got, "Nothing found") {
		t.Errorf(`the text of #queue is %q, want it with "Nothing found"`, got)
	}
	none.wantsValues(t, map[string]string{"#q": "nowhere"})
}

func TestEveryPageOfStaffShowsTheViews(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	ticket := ana.open("The brakes fail", desk.PriorityLow)
	for _, path := range []string{"/dashboard", "/tickets", web.TicketURL(ticket.ID), web.TicketURL(ticket.ID) + "/edit", "/tickets/new", "/reports", "/admin/users", "/admin/categories", "/admin/trash", "/account", "/notifications", "/nowhere"} {
		got := priya.get(path)
		if n := got.doc.Find(".desk > .views a").Length(); n < 4 {
			t.Errorf("%s: the number of .desk > .views a is %d, want at least 4", path, n)
		}
		got.wantsElements(t, ".desk > main#main")
	}
	for _, path := range []string{"/tickets", web.TicketURL(ticket.ID), "/account"} {
		if ana.get(path).has(".views, .desk") {
			t.Errorf("%s shows a customer the views of staff", path)
		}
	}
}

func TestTheViewsOfTheQueueSelectTheirTickets(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	done := ana.open("Done long ago", desk.PriorityLow)
	ana.open("Waits", desk.PriorityLow)
	if _, err := app.desk.Tickets.SetStatus(t.Context(), priya.actor(account.RoleAdmin), done.ID, desk.StatusInput{Status: "RESOLVED"}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		path, name, status string
		rows               int
	}{
		{"/dashboard", "Waiting longest", "Unresolved", 1},
		{"/dashboard?status=ALL", "All tickets", "Any status", 2},
		{"/dashboard?status=RESOLVED", "Resolved tickets", "Resolved", 1},
		{"/dashboard?status=nonsense&sort=sideways&after=x", "All tickets", "Any status", 2},
		{"/tickets", "All tickets", "Any status", 2},
		{"/tickets?sort=waiting&status=ACTIVE", "Waiting longest", "Unresolved", 1},
		{"/tickets?sort=waiting&status=ALL", "All tickets", "Any status", 2},
		{"/tickets?sort=waiting&status=RESOLVED", "Resolved tickets", "Resolved", 1},
		{"/tickets?status=IN_PROGRESS", "In progress tickets", "In progress", 0},
		{fmt.Sprintf("/tickets?requester=%d", ana.self().ID), "Tickets of Ana", "Any status", 2},
	} {
		got := priya.get(c.path).wants(t, http.StatusOK)
		got.wantsCount(t, "#queue tbody tr", c.rows).wantsText(t, "#status option[selected]", c.status)
		if name := strings.Trim(unisolated(got.text("h1")), " "); name != c.name {
			t.Errorf("%s: the view is %q, want %q", c.path, name, c.name)
		}
	}
	app.later(25 * time.Hour)
	priya.signIn()
	priya.get("/dashboard?status=WAITING").wantsCount(t, "#queue tbody tr", 1).wantsText(t, "h1", "Overdue").wantsText(t, ".views [aria-current] span", "Overdue")
	if n := priya.get("/reports").text("#figures li:nth-child(4) b"); n != "1" {
		t.Errorf("after a day, the reports count %q overdue tickets, want 1", n)
	}
}

func TestHtmxGetsOnlyTheQueueAndTheViews(t *testing.T) {
	app := newApp(t)
	app.customer("Ana").open("The brakes fail", desk.PriorityUrgent)
	got := app.admin("Priya").get("/dashboard?status=OPEN", htmx...)
	if got.has("main") {
		t.Error("the page has main")
	}
	if got.has(".topbar") {
		t.Error("the page has .topbar")
	}
	if !got.has("#queue tbody tr") {
		t.Error("the page has no #queue tbody tr")
	}
	if got.text("title") == "" {
		t.Error("the text of title is empty")
	}
	if got.text("hx-partial[hx-target='#views'] .views summary small") != "Open tickets" {
		t.Errorf("the views are not updated: %q", got.text(".views"))
	}
	app.admin("Tom").get("/dashboard").lacksElements(t, "hx-partial").wantsElements(t, "main #queue")
}

func TestTheQueueIsFilteredByAssigneeAndTeamInItsForm(t *testing.T) {
	app := newApp(t)
	ana, priya, tom := app.customer("Ana"), app.admin("Priya"), app.admin("Tom")
	ana.open("Nobody has it", desk.PriorityLow)
	ticket := ana.open("The brakes fail", desk.PriorityLow)
	priya.follow(priya.post("/admin/teams", url.Values{"name": {"Repairs"}}))
	tom.post(fmt.Sprintf("/tickets/%d/assignment", ticket.ID), url.Values{"assignee": {"me"}, "team": {"1"}})
	labels := func(p page, field string) []string {
		return p.doc.Find("#queue .filters [name=" + field + "] option").Map(func(_ int, o *goquery.Selection) string { return o.Text() })
	}
	plain := priya.get("/tickets")
	if diff := cmp.Diff([]string{"Assignee", "Assigned to you", "Unassigned"}, labels(plain, "assignee")); diff != "" {
		t.Errorf("the choices of the assignee: %s", diff)
	}
	if diff := cmp.Diff([]string{"Team", "Your teams", "Without a team", "Repairs"}, labels(plain, "team")); diff != "" {
		t.Errorf("the choices of the team: %s", diff)
	}
	for path, want := range map[string]string{
		"/tickets?assignee=none": "Nobody has it",
		"/tickets?team=1":        "The brakes fail",
		priya.get(fmt.Sprintf("/admin/users/%d", tom.self().ID)).doc.Find("main a[href*='&assignee=']").AttrOr("href", ""): "The brakes fail",
	} {
		got := priya.get(path)
		if text := got.text("#queue tbody"); !strings.Contains(text, want) {
			t.Errorf("%s: the text of #queue tbody is %q, want it with %q", path, text, want)
		}
		got.wantsCount(t, "#queue tbody tr", 1)
	}
	of := priya.get(fmt.Sprintf("/tickets?assignee=%d", tom.self().ID))
	if got := of.text("#queue .filters [name=assignee] option[selected]"); got != "Tom" {
		t.Errorf("the chosen assignee is %q, want Tom", got)
	}
}

func TestAnEmptyQueueSaysWhatToDoNext(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	if link := priya.get("/dashboard").doc.Find("#queue .empty a").AttrOr("href", ""); link != "/tickets" {
		t.Errorf("the queue leads to %q", link)
	}
	if link := priya.get("/tickets").doc.Find("#queue .empty a").AttrOr("href", ""); link != "/tickets/new" {
		t.Errorf("the list of all tickets leads to %q", link)
	}
}
