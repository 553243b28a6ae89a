package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
)

func TestTeamsAreManagedOnTheirPages(t *testing.T) {
	app := newApp(t)
	priya, tom := app.admin("Priya"), app.agent("Tom Becker")
	app.agent("Tom Baker")
	steps := []struct {
		path string
		form url.Values
		word string
	}{
		{"/admin/teams", url.Values{"name": {"Workshop"}}, "Team Workshop is added. Now add its members."},
		{"/admin/teams/1", url.Values{"name": {"Repairs"}, "private": {"true"}}, "Team Repairs is saved."},
		{"/admin/teams/1/members", url.Values{"member": {tom.email()}}, "Tom Becker is in the team."},
		{fmt.Sprintf("/admin/teams/1/members/%d", tom.id), url.Values{"do": {"lead"}}, "Tom Becker is saved."},
		{fmt.Sprintf("/admin/teams/1/members/%d", tom.id), url.Values{"do": {"remove"}}, "The member is removed."},
		{"/admin/teams/1/retire", url.Values{"team": {"none"}}, "The team is retired."},
		{"/admin/teams/1/restore", nil, "The team is in use again."},
	}
	for _, s := range steps {
		if got := priya.follow(priya.post(s.path, s.form)).text("#flash"); got != s.word {
			t.Errorf("%s: got %q, want %q", s.path, got, s.word)
		}
	}
	if got := priya.get("/admin/teams/1"); !strings.Contains(got.text(".page-head"), "Private") {
		t.Errorf("the page has %q, want that the team is private", got.text(".page-head"))
	}
}

func TestANameThatSeveralColleaguesHaveIsAskedFor(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	becker := app.agent("Tom Becker")
	app.agent("Tom Baker")
	app.customer("Tom Customer")
	app.team("Repairs", false)
	got := priya.post("/admin/teams/1/members", url.Values{"member": {"Tom"}})
	got.wants(t, http.StatusUnprocessableEntity).wantsCount(t, "input[name=user]", 2)
	if got.has("input[name=user][checked]") {
		t.Error("one of the two is chosen")
	}
	chosen := url.Values{"member": {"Nobody"}, "user": {fmt.Sprint(becker.id)}, "user_found": {"Tom"}}
	priya.post("/admin/teams/1/members", chosen).wants(t, http.StatusUnprocessableEntity)
	chosen.Set("member", "Tom")
	back := priya.follow(priya.post("/admin/teams/1/members", chosen))
	if word := back.text("#flash"); word != "Tom Becker is in the team." {
		t.Errorf("got %q", word)
	}
}

func TestATicketOfARetiredTeamThatIsReopenedGoesToItsSuccessorAtOnce(t *testing.T) {
	app := newApp(t)
	ana, priya, tom := app.customer("Ana"), app.admin("Priya"), app.agent("Tom")
	app.team("Repairs", false, tom)
	app.team("Bikes", false, tom)
	app.team("Workshop", true)
	id := app.opensTicket(ana, "A lamp")
	tom.post(web.TicketURL(id)+"/assignment", url.Values{"assignee": {"me"}, "team": {"1"}}).wants(t, http.StatusSeeOther)
	tom.post(web.TicketURL(id)+"/status", url.Values{"status": {"RESOLVED"}}).wants(t, http.StatusSeeOther)
	priya.post("/admin/teams/1/retire", url.Values{"team": {"2"}}).wants(t, http.StatusSeeOther)
	priya.post("/admin/teams/2/retire", url.Values{"team": {"3"}}).wants(t, http.StatusSeeOther)
	ana.post(web.TicketURL(id)+"/comments", url.Values{"text": {"It is dark again."}}).wants(t, http.StatusSeeOther)
	got := priya.program().send(http.MethodGet, fmt.Sprintf("/tickets/%d", id), nil).wants(http.StatusOK)
	got.wantsValues(obj{"team.name": "Workshop", "assignee": nil})
}

func TestATeamErrorIsShownAtItsField(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	customer := app.customer("Ana")
	app.team("Repairs", false)
	app.team("Billing", false)
	for _, c := range []struct {
		path, field string
		form        url.Values
	}{
		{"/admin/teams", "#name", url.Values{"name": {""}}},
		{"/admin/teams", "#name", url.Values{"name": {"REPAIRS"}}},
		{"/admin/teams/1", "#name", url.Values{"name": {"billing"}}},
		{"/admin/teams/1/members", "#member", url.Values{"member": {"nobody"}}},
		{"/admin/teams/1/members", "#member", url.Values{"member": {customer.email()}}},
		{"/admin/teams/1/retire", "#team", url.Values{"team": {"1"}}},
		{"/admin/teams/1/retire", "#team", url.Values{"team": {"99"}}},
	} {
		got := priya.post(c.path, c.form)
		got.wants(t, http.StatusUnprocessableEntity)
		if text := got.text(c.field + "-error"); text == "" {
			t.Errorf("%s %v: the field has no error", c.path, c.form)
		}
		got.wantsElements(t, ".error-summary a[href='"+c.field+"']")
	}
}

func TestALeadChangesTheMembersOfTheirTeamOnly(t *testing.T) {
	app := newApp(t)
	lead, other := app.agent("Lead"), app.agent("Other")
	app.team("Repairs", false, lead)
	app.team("Billing", false)
	app.exec("update team_members set lead = true")
	lead.post("/admin/teams/1/members", url.Values{"member": {other.email()}}).wants(t, http.StatusSeeOther)
	lead.post("/admin/teams/2/members", url.Values{"member": {other.email()}}).wants(t, http.StatusForbidden)
	lead.post("/admin/teams/1", url.Values{"name": {"Mine"}}).wants(t, http.StatusForbidden)
	if got := lead.get("/admin/teams"); strings.Contains(got.text("main"), "Billing") {
		t.Error("a lead sees another team")
	}
	back := lead.post(fmt.Sprintf("/admin/teams/1/members/%d", lead.id), url.Values{"do": {"remove"}})
	if at := back.Header.Get("Location"); at != "/dashboard" {
		t.Errorf("a lead who left is sent to %q, want /dashboard", at)
	}
}

func TestAStaleFormOfATeamOrViewIsShownAgainWithBothValues(t *testing.T) {
	app := newApp(t)
	boss := app.admin("Boss")
	app.team("Repairs", false)
	boss.post("/views", url.Values{"name": {"New"}, "query": {"status=OPEN"}, "share": {"everybody"}}).wants(t, http.StatusSeeOther)
	for _, c := range []struct {
		path string
		form url.Values
	}{
		{"/admin/teams/1", url.Values{"was_name": {"Repairs"}}},
		{"/views/1", url.Values{"do": {"save"}, "was_name": {"New"}, "was_query": {"status=OPEN"}, "was_share": {"everybody"}, "query": {"status=OPEN"}, "share": {"everybody"}}},
	} {
		c.form.Set("name", "Theirs")
		boss.post(c.path, c.form).wants(t, http.StatusSeeOther)
		c.form.Set("name", "Mine")
		got := boss.post(c.path, c.form).wants(t, http.StatusConflict)
		if words := got.text("#stale"); !strings.Contains(words, "It is now called Theirs") && !strings.Contains(words, "It is now Theirs: Status: Open") {
			t.Errorf("%s says %q", c.path, words)
		}
		if name := got.value("input[name=name]"); name != "Mine" {
			t.Errorf("%s: the field has %q, want what was typed", c.path, name)
		}
		c.form.Set("was_name", got.value("input[name=was_name]"))
		boss.post(c.path, c.form).wants(t, http.StatusSeeOther)
	}
}

func TestWhatWasChosenBeforeTheSessionEndedIsBackInItsForm(t *testing.T) {
	app := newApp(t)
	id := app.opensTicket(app.customer("Ana"), "Mine")
	app.team("Repairs", false)
	app.team("Billing", false)
	tom := app.agent("Tom")
	for _, c := range []struct {
		path, at  string
		form      url.Values
		selector  string
		want, not string
	}{
		{web.TicketURL(id) + "/assignment", web.TicketURL(id), url.Values{"team": {"2"}, "was_team": {"none"}, "assignee": {"none"}, "was_assignee": {"none"}}, "#team option[selected]", "2", ""},
		{web.TicketURL(id) + "/notes", web.TicketURL(id), url.Values{"text": {"Only for us"}}, "#note-text", "Only for us", "#text"},
		{"/account/away", "/account/away", url.Values{"do": {"away"}, "back": {"2099-01-02"}}, "#back", "2099-01-02", ""},
	} {
		app.exec("update sessions set revoked_at = now() where user_id = $1", tom.id)
		tom.post(c.path, c.form)
		tom.signIn()
		got := tom.get(c.at)
		if value := got.value(c.selector); value != c.want {
			t.Errorf("%s: the form has %q, want %q", c.path, value, c.want)
		}
		if c.not != "" && got.value(c.not) != "" {
			t.Errorf("%s: the text is in %s", c.path, c.not)
		}
	}
}

func TestTheFormsOfTeamsAndViewsAreBackAfterTheSessionEnded(t *testing.T) {
	app := newApp(t)
	app.team("Repairs", false)
	app.team("Billing", false)
	boss := app.admin("Boss")
	boss.post("/views", url.Values{"name": {"New"}, "query": {"status=OPEN"}, "share": {"me"}}).wants(t, http.StatusSeeOther)
	team := url.Values{"name": {"Bikes"}, "private": {"true"}, "was_name": {"Repairs"}}
	view := url.Values{"do": {"save"}, "name": {"Old"}, "query": {"status=CLOSED"}, "share": {"me"}, "was_name": {"New"}, "was_query": {"status=OPEN"}, "was_share": {"me"}}
	for _, c := range []struct {
		name, before, path, at string
		form                   url.Values
		shown                  map[string]string
		stale                  bool
	}{
		{"the settings of a team", "", "/admin/teams/1", "/admin/teams/1", team, map[string]string{"#name": "Bikes", "#private[checked]": "true"}, false},
		{"the settings of a changed team", "update teams set name = 'Other' where id = 1", "/admin/teams/1", "/admin/teams/1", team, map[string]string{"#name": "Bikes"}, true},
		{"a new member", "", "/admin/teams/1/members", "/admin/teams/1", url.Values{"member": {"Tom"}, "lead": {"true"}}, map[string]string{"#member": "Tom", "input[name=lead][checked]": "true", "#name": "Other"}, false},
		{"a retirement", "", "/admin/teams/1/retire", "/admin/teams/1/retire", url.Values{"team": {"2"}}, map[string]string{"#team option[selected]": "2"}, false},
		{"a view", "", "/views/1", "/views", view, map[string]string{"details[open] #name-1": "Old", "#query-1": "status=CLOSED"}, false},
		{"a changed view", "update views set name = 'Other' where id = 1", "/views/1", "/views", view, map[string]string{"details[open] #name-1": "Old"}, true},
		{"a deleted view", "delete from views where id = 1", "/views/1", "/views", view, map[string]string{"#name-0": "Old", "form[action='/views'] input[name=query]": "status=CLOSED"}, false},
	} {
		app.exec("update sessions set revoked_at = now() where user_id = $1", boss.id)
		boss.post(c.path, c.form)
		if c.before != "" {
			app.exec(c.before)
		}
		boss.signIn()
		got := boss.get(c.at).wants(t, http.StatusOK)
		for selector, want := range c.shown {
			if value := got.value(selector); value != want {
				t.Errorf("%s: %s has %q, want %q", c.name, selector, value, want)
			}
		}
		if got.has("#stale") != c.stale {
			t.Errorf("%s: the notice about another user's change is %q", c.name, got.text("#stale"))
		}
	}
}

func TestRetiringAPrivateTeamAndAnInvitationForAnotherAccountSayWhatFollows(t *testing.T) {
	app := newApp(t)
	boss := app.admin("Boss")
	app.team("HR", true)
	app.team("Repairs", false)
	if got := boss.get("/admin/teams/1/retire"); !strings.Contains(got.text("#opens"), "all staff see its active tickets") {
		t.Errorf("retiring a private team says %q", got.text("#opens"))
	}
	if text := boss.get("/admin/teams/2/retire").text("main .lead"); text != "The team has no active tickets." {
		t.Errorf("retiring a team without tickets says %q", text)
	}
	if boss.get("/admin/teams/2/retire").has("#opens") {
		t.Error("retiring an open team has the warning too")
	}
	link := boss.post("/admin/invitations", url.Values{"email": {"new@example.org"}, "role": {"agent"}}).wants(t, http.StatusCreated)
	_, token, _ := strings.Cut(link.body, "/invitations/")
	token, _, _ = strings.Cut(token, "<")
	token, _, _ = strings.Cut(token, "\"")
	if got := boss.get("/invitations/" + token); !strings.Contains(got.text("#other-account"), boss.email()) {
		t.Errorf("the page of the link says %q", got.text("#other-account"))
	}
	if app.visitor().get("/invitations/" + token).has("#other-account") {
		t.Error("a visitor is told about another account")
	}
}

func TestASearchByNameFindsReadableTicketsBehindThoseOfAPrivateTeam(t *testing.T) {
	app := newApp(t)
	tom, camille := app.agent("Tom"), app.customer("Camille")
	camille.open("A lamp", desk.PriorityLow)
	app.exec(`insert into tickets (requester_id, subject, description, category_id, priority, team_id, submission_id, submission_hash, created_at, updated_at)
		select $1, 'Secret ' || i, 'A text.', 1, 'Low', $2, 'secret ' || i, '', now() + interval '1 minute', now() + interval '1 minute' from generate_series(1, 600) i`,
		camille.id, app.team("Security", true))
	tom.get("/tickets?q=camille").wants(t, http.StatusOK, "A lamp").lacks(t, "Secret", "Only the newest matches")
	if found := tom.program().send("GET", "/tickets?q=camille", nil).listed(); len(found) != 1 || found[0]["subject"] != "A lamp" {
		t.Errorf("the API finds %v, want A lamp", found)
	}
}
