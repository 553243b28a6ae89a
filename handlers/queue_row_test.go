package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

func TestTheFormOfARowOfTheQueueIsClosedAndSentByItsButton(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	ticket, other := ana.open("The brakes fail", desk.PriorityLow), ana.open("Which oil?", desk.PriorityLow)
	priya := app.admin("Priya")
	row := fmt.Sprintf("tr#row-%d ", ticket.ID)
	closed := priya.get("/dashboard?sort=urgent")
	if closed.has("#queue tbody details[open]") || !closed.has(row+".mark[data-status=open]") {
		t.Error("a row does not show its status, or its form is open")
	}
	for _, want := range []string{"select[name=status]", "select[name=priority]", "[name=category][type=hidden]", "[name=version]", "[name=return][value='/tickets?sort=urgent&status=ACTIVE']", "button[type=submit]"} {
		if !closed.has(row + "details form " + want) {
			t.Errorf("the form of the row lacks %s", want)
		}
	}
	if closed.has("#queue tbody [hx-trigger]") {
		t.Error("a select of a row sends a change at each press of an arrow key, before the user saves")
	}
	open := priya.get(fmt.Sprintf("/dashboard?change=%d", ticket.ID))
	if !open.has(row+"details[open] form") || open.has(fmt.Sprintf("#row-%d details[open]", other.ID)) {
		t.Error("the wrong rows are open for changes")
	}
}

func TestARowOfTheQueueIsTriagedInPlace(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	ticket := ana.open("The brakes fail", desk.PriorityLow)
	page := priya.get("/dashboard?status=OPEN&sort=urgent").wants(t, 200)
	form := page.doc.Find(fmt.Sprintf("#row-%d details form", ticket.ID))
	fields := url.Values{"status": {"IN_PROGRESS"}, "priority": {"High"}}
	for _, name := range []string{"version", "return", "was_status", "was_priority", "was_category", "category"} {
		value, _ := form.Find("[name=" + name + "]").Attr("value")
		fields.Set(name, value)
	}
	action, _ := form.Attr("action")
	answer := priya.post(action, fields)
	if to := answer.Header.Get("Location"); to != "/tickets?sort=urgent&status=OPEN" {
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
	if !strings.Contains(stale.text("#flash"), "Nothing was saved") || refusal.Header.Get("Location") != fmt.Sprintf("/tickets?change=%d&sort=urgent&status=OPEN", ticket.ID) {
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

func TestARowOfTheQueueChangesTheAssigneeTogetherWithTheRest(t *testing.T) {
	app := newApp(t)
	ana, priya, tom := app.customer("Ana"), app.admin("Priya"), app.admin("Tom")
	ticket := ana.open("The brakes fail", desk.PriorityLow)
	row := fmt.Sprintf("#row-%d ", ticket.ID)
	page := priya.get("/dashboard")
	if got := page.text(row + ".who-cell"); got != "Unassigned" {
		t.Errorf("the assignee is %q, want Unassigned", got)
	}
	if got := page.doc.Find(row + "[name=assignee] option").Map(func(_ int, o *goquery.Selection) string { return o.Text() }); !slices.Equal(got, []string{"Unassigned", "Me"}) {
		t.Errorf("the choices are %q", got)
	}
	form := page.doc.Find(row + "details form")
	fields := url.Values{"status": {"IN_PROGRESS"}, "priority": {"Low"}, "assignee": {"me"}}
	for _, name := range []string{"version", "return", "was_status", "was_priority", "was_category", "category", "was_assignee"} {
		fields.Set(name, form.Find("[name="+name+"]").AttrOr("value", ""))
	}
	action := form.AttrOr("action", "")
	saved := priya.follow(priya.post(action, fields))
	if got, want := saved.text("#flash p"), fmt.Sprintf("Ticket #%d is in progress. #%[1]d is yours.", ticket.ID); got != want {
		t.Errorf("the flash is %q, want %q", got, want)
	}
	if got := saved.text(row + ".who-cell"); got != "Priya" {
		t.Errorf("the assignee is %q, want Priya", got)
	}
	fields.Set("priority", "Urgent") // Tom's page is from before Priya took the ticket
	late := tom.follow(tom.post(action, fields))
	if got := late.text("#flash p"); !strings.Contains(got, "Priya took it") || !strings.Contains(got, "Nothing was saved") || !late.has(row+"details[open]") {
		t.Errorf("the second one is told %q", got)
	}
	if got := late.text(row + ".prio"); got != "Low" {
		t.Errorf("the priority is %q, although the assignment was refused", got)
	}
	if got := tom.get("/dashboard").doc.Find(row + "[name=assignee] option").Map(func(_ int, o *goquery.Selection) string { return o.Text() }); !slices.Equal(got, []string{"Priya", "Me", "Unassigned"}) {
		t.Errorf("a colleague's choices are %q", got)
	}
}

func TestStaffWhoMayNotTriageSeeAssigneesInTheQueueAndNoFormThatIsRefused(t *testing.T) {
	app := newApp(t)
	ana, boss := app.customer("Ana"), app.admin("Boss")
	id := ana.open("The brakes fail", desk.PriorityUrgent).ID
	boss.post(web.TicketURL(id)+"/assignment", url.Values{"assignee": {"me"}}).wants(t, http.StatusSeeOther)
	got := app.lightAgent("Light", boss).get("/dashboard")
	if name := got.text("#queue .who-cell"); name != "Boss" {
		t.Errorf("the assignee is shown as %q, want Boss", name)
	}
	if got.has("#queue .change form") {
		t.Error("a row has a form whose answer is 403")
	}
	if !boss.get("/dashboard").has("#queue .change form") {
		t.Error("the row of an admin has no form")
	}
}
