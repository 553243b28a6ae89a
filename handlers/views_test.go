package handlers

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"unicode"
)

// savesView saves a view of the client's own and returns its id.
func (c *client) savesView(name, query string) string {
	c.app.t.Helper()
	got := c.post("/views", url.Values{"name": {name}, "query": {query}, "share": {"me"}})
	id, ok := strings.CutPrefix(got.Header.Get("Location"), "/tickets?view=")
	got.wants(c.app.t, 303)
	if !ok {
		c.app.t.Fatalf("saving a view leads to %q, want the list of the view", got.Header.Get("Location"))
	}
	return id
}

// viewsApp is a desk with an open, an urgent and a closed ticket, and an agent.
func viewsApp(t *testing.T) (*app, *client) {
	t.Helper()
	a := newApp(t)
	ana := a.customer("Ana")
	for _, subject := range []string{"The lamp flickers", "The fan is loud", "The door squeaks"} {
		ana.opens(subject)
	}
	a.exec("update tickets set status = 'CLOSED' where subject = 'The fan is loud'")
	a.exec("update tickets set priority = 'Urgent' where subject = 'The door squeaks'")
	return a, a.agent("Agent")
}

// subjects returns the subjects of the tickets in the queue.
func (p page) subjects() string { return p.doc.Find("#queue td.subject a").Text() }

func TestAListIsSavedAsAView(t *testing.T) {
	_, agent := viewsApp(t)
	list := agent.get("/tickets?status=OPEN&priority=Urgent").wants(t, 200)
	link := list.doc.Find("#queue .page-head a:contains('Save as view')").AttrOr("href", "")
	form := agent.get(link).wants(t, 200, "Save as view", "Status: Open, priority: Urgent")
	if got := form.value("input[name=query]"); got != "priority=Urgent&status=OPEN" {
		t.Errorf("the form has the query %q", got)
	}
	id := agent.savesView("Hot", form.value("input[name=query]"))
	got := agent.get("/tickets?view="+id).wants(t, 200, "Edit view").lacks(t, "Save as view")
	got.wantsText(t, "h1", "Hot")
	if value := got.subjects(); value != "The door squeaks" {
		t.Errorf(`the subjects are %q, want "The door squeaks"`, value)
	}
}

func TestParametersOfTheAddressOverrideThoseOfAView(t *testing.T) {
	_, agent := viewsApp(t)
	view := "/tickets?view=" + agent.savesView("Hot", "status=OPEN&priority=Urgent")
	for changes, want := range map[string]string{"": "The door squeaks", "&priority=": "The door squeaksThe lamp flickers", "&status=CLOSED&priority=": "The fan is loud"} {
		got := agent.get(view + changes)
		if value := got.subjects(); value != want {
			t.Errorf("%s: the subjects are %q, want %q", changes, value, want)
		}
		got.wantsText(t, "h1", "Hot")
	}
}

func TestTheLinksOfAViewKeepItAndItsChanges(t *testing.T) {
	_, agent := viewsApp(t)
	id := agent.savesView("Hot", "status=OPEN&priority=Urgent&sort=oldest")
	got := agent.get("/tickets?view="+id+"&priority=").wants(t, 200)
	changes := got.doc.Find("[data-changes]").AttrOr("data-changes", "")
	if want := "/tickets/changes?priority=&view=" + id; changes != want {
		t.Errorf("got the address of changes %q, want %q", changes, want)
	}
	save := got.doc.Find("#queue .page-head a:contains('Save as view')").AttrOr("href", "")
	form := agent.get(save).wants(t, 200, "These filters differ", "Change this view")
	if got := form.value("form[action^='/views/" + id + "'] input[name=query][type=hidden]"); got != "sort=oldest&status=OPEN" {
		t.Errorf("the button gives the view the query %q", got)
	}
}

func TestAnOpenListOfAViewAsksForItsChanges(t *testing.T) {
	a, agent := viewsApp(t)
	id := agent.savesView("Hot", "priority=Urgent")
	a.exec("update tickets set subject = 'The gate squeaks' where subject = 'The door squeaks'")
	agent.get("/tickets/changes?view="+id+"&shown=3", htmx...).wants(t, 200, "The gate squeaks")
}

func TestAViewOfAnotherUserIsNotFound(t *testing.T) {
	a, agent := viewsApp(t)
	id := agent.savesView("Hot", "priority=Urgent")
	for _, who := range []*client{a.agent("Other"), a.admin("Priya"), a.customer("Ben")} {
		for _, view := range []string{id, "999", "x", "-1", "1e3"} {
			who.get("/tickets?view="+view).wants(t, 404).lacks(t, "Hot")
		}
	}
}

func TestAFilterThatHasEndedIsDroppedWithANotice(t *testing.T) {
	a, agent := viewsApp(t)
	id := agent.savesView("Hot", "status=OPEN&category=Technical")
	a.exec("update categories set name = 'Repairs', name_key = 'repairs' where name = 'Technical'")
	agent.get("/tickets?view="+id).wants(t, 200, "The lamp flickers", "Repairs").lacks(t, "no longer exists")
	a.exec("update views set query = 'status=OPEN&colour=red&category=77'")
	got := agent.get("/tickets?view="+id).wants(t, 200, "no longer exists", "colour", "The lamp flickers")
	if got.subjects() != "The door squeaksThe lamp flickers" {
		t.Errorf("got the tickets %q, want all open ones", got.subjects())
	}
	agent.get("/views").wants(t, 200, "Hot")
}

func TestAViewThatIsNotSavedKeepsWhatWasTyped(t *testing.T) {
	_, agent := viewsApp(t)
	id := agent.savesView("Hot", "status=OPEN")
	got := agent.post("/views", url.Values{"name": {"hot"}, "query": {"priority=High"}, "share": {"me"}}).wants(t, 422, "There is already a view with this name")
	got.wantsValues(t, map[string]string{"#name-0": "hot", "form[action='/views'] input[name=query]": "priority=High"})
	got = agent.post("/views/"+id, url.Values{"do": {"save"}, "name": {"Cold"}, "query": {"colour=red"}, "share": {"me"}}).wants(t, 422, "Remove “colour”")
	got.wantsValues(t, map[string]string{"#name-" + id: "Cold", "#query-" + id: "colour=red"}).wantsElements(t, "#view-"+id+" details[open]")
	agent.post("/views/"+id, url.Values{"do": {"save"}, "name": {"Cold"}, "query": {"status=CLOSED"}, "share": {"me"}}).wants(t, 303)
	agent.get("/tickets?view="+id).wants(t, 200, "Cold", "The fan is loud")
	agent.post("/views/"+id, url.Values{"do": {"explode"}}).wants(t, 422)
}

func TestAViewIsDeletedAfterAConfirmation(t *testing.T) {
	_, agent := viewsApp(t)
	id := agent.savesView("Hot", "status=OPEN")
	agent.get("/views/"+id+"/delete").wants(t, 200, "Delete this view?", "Hot")
	agent.post("/views/"+id+"/delete", nil).wants(t, 303)
	agent.get("/tickets?view="+id).wants(t, 404)
	agent.get("/views").wants(t, 200, "No views yet")
}

func TestAnAdminSharesAViewWithAllStaff(t *testing.T) {
	a, agent := viewsApp(t)
	admin := a.admin("Priya")
	admin.post("/views", url.Values{"name": {"New"}, "query": {"status=OPEN"}, "share": {"everybody"}}).wants(t, 303)
	agent.get("/views").wants(t, 200, "Everybody", "New").lacks(t, "Delete")
	agent.post("/views/1", url.Values{"do": {"save"}, "name": {"Mine"}, "query": {""}, "share": {"me"}}).wants(t, 403)
	agent.post("/views", url.Values{"name": {"Ours"}, "query": {""}, "share": {"everybody"}}).wants(t, 422, "your role does not allow you to change the views of everybody")
	if got := agent.get("/tickets?view=1").wants(t, 200); got.text("h1") != "New" {
		t.Errorf("got the heading %q, want New", got.text("h1"))
	}
}

func TestATicketThatWasOpenedInAViewKeepsIt(t *testing.T) {
	_, agent := viewsApp(t)
	id := agent.savesView("Hot", "priority=Urgent")
	address := agent.get("/tickets?view="+id).doc.Find("#queue td.subject a").AttrOr("href", "")
	if !strings.Contains(address, "view="+id) {
		t.Fatalf("the ticket has the address %q, want one with the view", address)
	}
	got := agent.get(address).wants(t, 200, "1 of 1")
	crumb := got.doc.Find("#ticket-nav .crumb")
	if got := crumb.AttrOr("href", ""); got != "/tickets?view="+id+"#row-3" {
		t.Errorf("href is %q, want %q", got, "/tickets?view="+id+"#row-3")
	}
	if got := crumb.Text(); !strings.Contains(got, "Hot") {
		t.Errorf(`the link back is %q, want it with "Hot"`, got)
	}
	agent.post("/views/"+id+"/delete", nil).wants(t, 303)
	agent.get(address).wants(t, 200).lacks(t, "Hot")
}

func TestTheListOfViewsHasThoseOfTheReadersTeams(t *testing.T) {
	a, agent := viewsApp(t)
	a.exec("insert into teams (name, name_key, private) values ('Billing', 'billing', true), ('Workshop', 'workshop', false)")
	a.exec("insert into team_members (team_id, user_id) values (1, $1)", agent.id)
	a.exec("update tickets set team_id = 1, assignee_id = $1 where id = 1", agent.id)
	got := agent.get("/tickets").wants(t, 200)
	for address, want := range map[string]string{"/tickets?sort=waiting&status=ACTIVE&team=1": "1", "/tickets?assignee=me&sort=waiting&status=ACTIVE": "1", "/tickets?assignee=none&sort=waiting&status=ACTIVE": "1"} {
		if n := got.doc.Find(`#views a[href="` + address + `"] small`).Text(); n != want {
			t.Errorf("%s has the number %q, want %s", address, n, want)
		}
	}
	if got.has(`#views a[href*="team=2"]`) {
		t.Error("the view of another team is in the list")
	}
	other := a.agent("Other").get("/tickets").wants(t, 200)
	if n := other.doc.Find(`#views a[href="/dashboard"] small`).Text(); n != "1" {
		t.Errorf("for a user outside the private team %s tickets wait, want 1", n)
	}
}

func TestAListIsTitledAsItsFilterInAnyOrder(t *testing.T) {
	app, agent := viewsApp(t)
	ben, ana := app.agent("Ben"), app.count("select id from users where username = 'Ana'")
	repairs := app.team("Repairs", true)
	for query, want := range map[string]string{
		"assignee=none&sort=waiting&status=ACTIVE":       "Unassigned",
		"assignee=none&sort=created&status=ACTIVE":       "Unassigned",
		"assignee=me&status=RESOLVED":                    "Mine, resolved tickets",
		"assignee=none&team=mine":                        "Unassigned, Your teams, all tickets",
		"assignee=77&status=ACTIVE":                      "One assignee",
		fmt.Sprintf("assignee=%d&status=ACTIVE", ana):    "One assignee", // a customer
		fmt.Sprintf("assignee=%d&status=ACTIVE", ben.id): "Assigned to Ben",
		fmt.Sprintf("team=%d&status=CLOSED", repairs):    "Team Repairs, closed tickets",
		"sort=created&status=ACTIVE":                     "Unresolved",
	} {
		if got := agent.get("/tickets?" + query).text("h1"); got != want {
			t.Errorf("%s: the title is %q, want %q", query, got, want)
		}
	}
}

func TestThePageOfViewsShowsFiltersInWords(t *testing.T) {
	app, agent := viewsApp(t)
	light := app.restrictedAgent("Light")
	ana := app.count("select id from users where username = 'Ana'")
	team := app.team("Repairs", false)
	query := fmt.Sprintf("assignee=%d&requester=%d&team=%d&status=ACTIVE&sort=created", agent.id, ana, team)
	words := func(c *client) string {
		return strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Bidi_Control, r) {
				return -1
			}
			return r
		}, c.get("/views?query="+url.QueryEscape(query)).text("main section .hint"))
	}
	if got, want := words(agent), "Status: Unresolved, requester: Ana, assignee: Agent, team: Repairs, order: Newest first"; got != want {
		t.Errorf("the filters are %q, want %q", got, want)
	}
	got := words(light)
	if strings.Contains(got, "Ana") {
		t.Errorf(`got %q, want it without "Ana"`, got)
	}
	if !strings.Contains(got, "assignee: Agent") {
		t.Errorf(`got %q, want it with "assignee: Agent"`, got)
	}
	query = "assignee=none&team=mine"
	if got, want := words(agent), "Assignee: unassigned, team: your teams"; got != want {
		t.Errorf("the filters are %q, want %q", got, want)
	}
}

func TestAButtonOfAViewLeadsBackToIt(t *testing.T) {
	_, agent := viewsApp(t)
	first, second := agent.savesView("Hot", "status=OPEN"), agent.savesView("Cold", "status=CLOSED")
	for _, c := range []struct{ id, do, leads string }{{second, "up", "up-" + second}, {first, "up", "up-" + first}, {first, "unpin", "pin-" + first}, {first, "pin", "unpin-" + first}} {
		agent.post("/views/"+c.id, url.Values{"do": {c.do}}).leadsTo(t, "/views#"+c.leads)
		if !agent.get("/views").has("button#" + c.leads) {
			t.Errorf("after %s there is no button %s", c.do, c.leads)
		}
	}
}
