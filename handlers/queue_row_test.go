package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/go-cmp/cmp"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

func TestOnlyAnOpenRowOfTheQueueHasAFormWhichItsButtonSends(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	ticket, other := ana.open("The brakes fail", desk.PriorityLow), ana.open("Which oil?", desk.PriorityLow)
	priya := app.admin("Priya")
	row := fmt.Sprintf("tr#row-%d ", ticket.ID)
	closed := priya.get("/dashboard?sort=urgent")
	closed.lacksElements(t, "#queue tbody form").wantsElements(t, row+".mark[data-status=open]")
	link := closed.doc.Find(row+".change a").AttrOr("href", "")
	if want := fmt.Sprintf("/tickets?change=%d&sort=urgent&status=ACTIVE#row-%[1]d", ticket.ID); link != want {
		t.Errorf("the row is opened by %q, want %q", link, want)
	}
	open := priya.get(strings.Split(link, "#")[0])
	for _, want := range []string{"select[name=status]", "select[name=priority]", "[name=category][type=hidden]", "[name=version]", "[name=return][value='/tickets?sort=urgent&status=ACTIVE']", "button[type=submit]"} {
		if !open.has(row + "details[open] form " + want) {
			t.Errorf("the form of the row lacks %s", want)
		}
	}
	if open.has("#queue tbody [hx-trigger]") {
		t.Error("a select of a row sends a change at each press of an arrow key, before the user saves")
	}
	if open.has(fmt.Sprintf("#row-%d form", other.ID)) {
		t.Error("another row is open too")
	}
}

func TestARowOfTheQueueIsOpenedInPlace(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	ticket := ana.open("The brakes fail", desk.PriorityLow)
	path := web.TicketURL(ticket.ID) + "/row?sort=urgent&status=OPEN"
	priya.get(path, htmx...).wants(t, http.StatusOK, fmt.Sprintf(`<tr role="row" id="row-%d"`, ticket.ID), `<details class="menu" open>`,
		`name="return" value="/tickets?sort=urgent&amp;status=OPEN"`).lacks(t, "<html", "<section")
	priya.get(path).leadsTo(t, fmt.Sprintf("/tickets?change=%d&sort=urgent&status=OPEN", ticket.ID))
	ana.get(path, htmx...).wants(t, http.StatusForbidden).lacks(t, "details")
	priya.post(web.TicketURL(ticket.ID)+"/delete", nil).wants(t, http.StatusSeeOther)
	priya.get(path, htmx...).wants(t, http.StatusNotFound).lacks(t, "details", "The brakes fail")
}

func TestARowOfTheQueueIsTriagedInPlace(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	ticket := ana.open("The brakes fail", desk.PriorityLow)
	page := priya.get(fmt.Sprintf("/dashboard?status=OPEN&sort=urgent&change=%d", ticket.ID)).wants(t, 200)
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
	want := now
	want.Status, want.Priority, want.Category = desk.StatusInProgress, desk.PriorityHigh, "Billing"
	if diff := cmp.Diff(want, now); err != nil || diff != "" {
		t.Errorf("the ticket: %v, (-want +got):\n%s", err, diff)
	}
	fields.Del("was_status") // so that the server cannot know what was changed
	refusal := priya.post(action, fields, htmx...)
	stale := priya.follow(refusal)
	if got := stale.text("#flash"); !strings.Contains(got, "Nothing was saved") {
		t.Errorf(`an old version: the text of #flash is %q, want it with "Nothing was saved"`, got)
	}
	refusal.wantsHeader(t, "Location", fmt.Sprintf("/tickets?change=%d&sort=urgent&status=OPEN", ticket.ID))
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
	open := fmt.Sprintf("/dashboard?change=%d", ticket.ID)
	page := priya.get(open)
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
	if saved.has("#flash form") {
		t.Error("the page offers to undo a part of what was saved")
	}
	if got := saved.text(row + ".who-cell"); got != "Priya" {
		t.Errorf("the assignee is %q, want Priya", got)
	}
	fields.Set("priority", "Urgent") // Tom's page is from before Priya took the ticket
	late := tom.follow(tom.post(action, fields))
	got := late.text("#flash p")
	if !strings.Contains(got, "Priya took it") {
		t.Errorf(`got %q, want it with "Priya took it"`, got)
	}
	if !strings.Contains(got, "Nothing was saved") {
		t.Errorf(`got %q, want it with "Nothing was saved"`, got)
	}
	late.wantsElements(t, row+"details[open]")
	if got := late.text(row + ".prio"); got != "Low" {
		t.Errorf("the priority is %q, although the assignment was refused", got)
	}
	if got := tom.get(open).doc.Find(row + "[name=assignee] option").Map(func(_ int, o *goquery.Selection) string { return o.Text() }); !slices.Equal(got, []string{"Priya", "Me", "Unassigned"}) {
		t.Errorf("a colleague's choices are %q", got)
	}
}

func TestAFormOfTriageMayAlsoChooseTheTeam(t *testing.T) {
	app := newApp(t)
	boss := app.admin("Boss")
	sam := app.agent("Sam")
	open, private := app.team("Support", false, sam), app.team("Security", true, app.agent("Ann"))
	id := app.customer("Ana").open("The brakes fail", desk.PriorityLow).ID
	send := func(c *client, status, priority, assignee, team, wasTeam string) page {
		return c.post(web.TicketURL(id)+"/triage", url.Values{"status": {status}, "was_status": {"OPEN"}, "priority": {priority}, "was_priority": {"Low"},
			"category": {"Billing"}, "was_category": {"Billing"}, "assignee": {assignee}, "team": {team}, "was_team": {wasTeam}})
	}

	moved := sam.follow(send(sam, "IN_PROGRESS", "Low", "me", fmt.Sprint(open), "none"))
	if got, want := moved.text("#flash p"), fmt.Sprintf("Ticket #%d is in progress. #%[1]d is yours, in team Support.", id); got != want {
		t.Errorf("the flash is %q, want %q", got, want)
	}
	kept := boss.follow(boss.post(web.TicketURL(id)+"/triage", url.Values{"status": {"IN_PROGRESS"}, "was_status": {"IN_PROGRESS"}, "priority": {"High"}, "was_priority": {"Low"},
		"category": {"Billing"}, "was_category": {"Billing"}, "was_assignee": {fmt.Sprint(sam.id)}, "was_team": {fmt.Sprint(open)}}))
	if got, want := kept.text("#flash p"), fmt.Sprintf("Ticket #%d has priority High.", id); got != want {
		t.Errorf("without the fields of the assignment the flash is %q, want %q", got, want)
	}
	late := send(boss, "OPEN", "Urgent", "", "none", fmt.Sprint(private))
	if late.StatusCode != http.StatusConflict {
		t.Errorf("a change of another team: %d", late.StatusCode)
	}
	gone := sam.follow(send(sam, "OPEN", "Low", "", fmt.Sprint(private), fmt.Sprint(open)))
	if got := gone.text("#flash p"); !strings.Contains(got, "you do not see it any more") {
		t.Errorf("after the ticket went to a private team the flash is %q", got)
	}
	if got := boss.get(web.TicketURL(id)).text("#triage .prio"); got == "Urgent" {
		t.Error("the priority changed, although the team was refused")
	}
	for _, path := range []string{"/triage", "/assignment"} { // htmx must not put the queue into a part of the page
		app.exec("update tickets set team_id = $1, assignee_id = null", open)
		got := sam.post(web.TicketURL(id)+path, url.Values{"status": {"OPEN"}, "was_status": {"OPEN"}, "priority": {"Low"}, "was_priority": {"Low"},
			"category": {"Billing"}, "was_category": {"Billing"}, "team": {fmt.Sprint(private)}, "was_team": {fmt.Sprint(open)}}, htmx...)
		if to := got.Header.Get("HX-Redirect"); to != "/dashboard" {
			t.Errorf("%s by htmx leads to %q with %d", path, to, got.StatusCode)
		}
	}
}

func TestStaffWhoMayNotTriageSeeAssigneesInTheQueueAndNoFormThatIsRefused(t *testing.T) {
	app := newApp(t)
	ana, boss := app.customer("Ana"), app.admin("Boss")
	id := ana.open("The brakes fail", desk.PriorityUrgent).ID
	boss.post(web.TicketURL(id)+"/assignment", url.Values{"assignee": {"me"}}).wants(t, http.StatusSeeOther)
	open := fmt.Sprintf("/dashboard?change=%d", id)
	got := app.lightAgent("Light", boss).get(open)
	if name := got.text("#queue .who-cell"); name != "Boss" {
		t.Errorf("the assignee is shown as %q, want Boss", name)
	}
	if got.has("#queue .change > *") {
		t.Error("a row has a form whose answer is 403")
	}
	if !boss.get(open).has("#queue .change form") {
		t.Error("the row of an admin has no form")
	}
}
