package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
)

func TestTheSecondToTakeATicketSeesWhoWasFirstAndWhatToDo(t *testing.T) {
	app := newApp(t)
	id := app.opensTicket(app.customer("Ana"), "Mine")
	tom, lucia := app.agent("Tom"), app.agent("Lucía")
	path := web.TicketURL(id) + "/assignment"
	if got := tom.follow(tom.post(path, url.Values{"assignee": {"me"}})).text("#flash"); got != "#1 is yours." {
		t.Errorf("the first gets %q", got)
	}
	for _, headers := range [][]string{nil, htmx} {
		got := lucia.post(path, url.Values{"assignee": {"me"}}, headers...)
		if got.StatusCode != http.StatusConflict {
			t.Errorf("got %d, want 409", got.StatusCode)
		}
		words := got.text("#assignment [role=alert]")
		if !strings.Contains(words, "Tom took it 0 s ago.") {
			t.Errorf(`got %q, want it with "Tom took it 0 s ago."`, words)
		}
		if !strings.Contains(words, "take it over") {
			t.Errorf(`got %q, want it with "take it over"`, words)
		}
		if was := got.value("#assignee-now [name=was_assignee]"); was != fmt.Sprint(tom.id) {
			t.Errorf("the button takes it over from %q, want Tom", was)
		}
	}
	reply := lucia.program().send(http.MethodPut, fmt.Sprintf("/tickets/%d/assignment", id), obj{"assignee": "me"})
	reply.wants(http.StatusConflict)
	if !strings.Contains(string(reply.body), "Tom took it") {
		t.Errorf(`the body is %s, want it with "Tom took it"`, string(reply.body))
	}
	over := lucia.follow(lucia.post(path, url.Values{"assignee": {"me"}, "was_assignee": {fmt.Sprint(tom.id)}}))
	if got := over.text("#flash"); got != "#1 is yours." {
		t.Errorf("taking it over: %q", got)
	}
	got := lucia.get(web.TicketURL(id)).text("#timeline")
	if !strings.Contains(got, "Tom took this") {
		t.Errorf(`got %q, want it with "Tom took this"`, got)
	}
	if !strings.Contains(got, "Lucía took this over from Tom") {
		t.Errorf(`got %q, want it with "Lucía took this over from Tom"`, got)
	}
}

func TestTheAPIShowsAndSetsWhoWorksOnATicketToStaffOnly(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	id := app.opensTicket(ana, "Mine")
	tom := app.agent("Tom")
	team := app.team("Repairs", false)
	path := fmt.Sprintf("/tickets/%d", id)
	staff, customer := tom.program(), ana.program()
	if got := staff.send(http.MethodGet, path, nil); !strings.Contains(string(got.body), `"assignee":null,"team":null`) {
		t.Errorf("unassigned: %s", got.body)
	}
	before := customer.send(http.MethodGet, path, nil)
	got := staff.send(http.MethodPut, path+"/assignment", obj{"assignee": fmt.Sprint(tom.id), "team": fmt.Sprint(team)})
	want := fmt.Sprintf(`"assignee":{"id":%d,"username":"Tom"},"team":{"id":%d,"name":"Repairs"}`, tom.id, team)
	got.wants(http.StatusOK)
	if !strings.Contains(string(got.body), want) {
		t.Errorf("assigned: the body is %s, want it with %q", string(got.body), want)
	}
	after := customer.send(http.MethodGet, path, nil)
	if string(after.body) != string(before.body) {
		t.Errorf("the customer notices the assignment: the body is %s, want %s", string(after.body), string(before.body))
	}
	after.wantsHeader("ETag", before.Header.Get("ETag"))
	if got := staff.send(http.MethodPut, path+"/assignment", obj{"assignee": fmt.Sprint(app.agent("Lucia").id), "wasAssignee": "none"}).wants(http.StatusConflict); !strings.Contains(string(got.body), "Tom") {
		t.Errorf("a program that did not know the assignee is answered %s", got.body)
	}
	if got := staff.send(http.MethodPut, path+"/assignment", obj{"assignee": "me", "wasAssignee": "123456789012345678901"}).wants(http.StatusBadRequest); !strings.Contains(string(got.body), `"wasAssignee"`) {
		t.Errorf("an assignee that is too long is answered %s", got.body)
	}
	if got := staff.send(http.MethodPut, path+"/assignment", obj{"assignee": "none"}); !strings.Contains(string(got.body), `"assignee":null,"team":{`) {
		t.Errorf("unassigned again: %s", got.body)
	}
	if got := staff.send(http.MethodGet, "/tickets?team=1", nil); !strings.Contains(string(got.body), `"Mine"`) {
		t.Errorf("the list of the team: %s", got.body)
	}
	if got := staff.send(http.MethodGet, "/tickets?assignee=tom", nil); got.StatusCode != http.StatusBadRequest {
		t.Errorf("an invalid assignee: got %d, want 400", got.StatusCode)
	}
}

func TestAnAssigneeIsFoundByNameAndOnlyAmongThoseWhoMayReadTheTicket(t *testing.T) {
	app := newApp(t)
	id := app.opensTicket(app.customer("Ana"), "Mine")
	boss, member := app.admin("Boss"), app.agent("Tom Member")
	app.agent("Tom Other")
	app.exec("update tickets set team_id = $1", app.team("HR", true, member))
	got := boss.get(web.TicketURL(id) + "/assignment?q=tom")
	n := got.doc.Find("input[name=assignee]").Length()
	if n != 1 {
		t.Errorf("%d people are found, want the member of the private team", n)
	}
	got.wantsValues(t, map[string]string{"input[name=assignee]": fmt.Sprint(member.id)})
}

func TestARefusedAssignmentKeepsWhoWasChosenOrThePresentAssignee(t *testing.T) {
	app := newApp(t)
	ana, boss, tom, lucia := app.customer("Ana"), app.admin("Boss"), app.agent("Tom"), app.agent("Lucía")
	id := app.opensTicket(ana, "Mine")
	app.exec("update tickets set team_id = $1, assignee_id = $2", app.team("HR", true, tom, boss), tom.id)
	path := web.TicketURL(id) + "/assignment"
	again := boss.post(path, url.Values{"team": {"999"}}).wants(t, http.StatusUnprocessableEntity)
	if selected := again.text("#assignment [name=team] option[selected]"); selected != "HR (private)" {
		t.Errorf("an unknown team was chosen: %q is selected, want the present one", selected)
	}
	for _, c := range []struct{ chosen, want string }{
		{fmt.Sprint(lucia.id), "Lucía"},
		{fmt.Sprint(ana.id), "Tom"},
		{"999", "Tom"},
		{"nobody", "Tom"},
	} {
		for _, headers := range [][]string{nil, htmx} {
			got := boss.post(path, url.Values{"assignee": {c.chosen}, "was_assignee": {fmt.Sprint(tom.id)}}, headers...).wants(t, http.StatusUnprocessableEntity)
			if selected := got.text("#assignment [name=assignee] option[selected]"); selected != c.want {
				t.Errorf("%s was chosen: %q is selected, want %q", c.chosen, selected, c.want)
			}
		}
	}
}

func TestEachMemberOfStaffGetsTheUpdateOfAnAssignmentAsTheyMaySeeIt(t *testing.T) {
	app := newApp(t)
	id := app.opensTicket(app.customer("Ana"), "Mine")
	boss, tom, lucia := app.admin("Boss"), app.agent("Tom"), app.agent("Lucía")
	light := app.lightAgent("Light", boss)
	path := web.TicketURL(id) + "/chat?after=1"
	toTom, toLucia, toLight := tom.socket(path), lucia.socket(path), light.socket(path)
	boss.post(web.TicketURL(id)+"/assignment", url.Values{"assignee": {fmt.Sprint(tom.id)}}).wants(t, http.StatusSeeOther)
	if got := (page{doc: &document{parsed: toTom.updates()}}).text("#assignee-now"); got != "Tom (you)" {
		t.Errorf("the assignee sees %q", got)
	}
	if got := (page{doc: &document{parsed: toLucia.updates()}}).text("#assignee-now"); got != "Tom Take it over from Tom… Take it over from Tom" {
		t.Errorf("a colleague sees %q", got)
	}
	if got := toLight.updates().Find("#assignee-now form, #triage").Length(); got != 0 {
		t.Errorf("staff who may not triage get %d forms, want none", got)
	}
}

func TestOpenPagesShowANewFollower(t *testing.T) {
	app := newApp(t)
	id := app.opensTicket(app.customer("Ana"), "Mine")
	tom, lucia := app.agent("Tom"), app.agent("Lucía")
	path := web.TicketURL(id) + "/chat?after=1"
	toTom, toLucia := tom.socket(path), lucia.socket(path)
	tom.post(web.TicketURL(id)+"/assignment", url.Values{"assignee": {"me"}}).wants(t, http.StatusSeeOther)
	forTom, forLucia := page{doc: &document{parsed: toTom.updates()}}, page{doc: &document{parsed: toLucia.updates()}}
	for name, got := range map[string]page{"the follower": forTom, "a colleague": forLucia} {
		if list := got.text("#follower-list"); list != "Tom assigned" {
			t.Errorf("%s sees the followers %q, want Tom", name, list)
		}
	}
	if button := forTom.text("#follow button"); button != "Unfollow" {
		t.Errorf("the follower has the button %q, want Unfollow", button)
	}
	forLucia.lacksElements(t, "#follow")
	lucia.post(web.TicketURL(id)+"/notes", url.Values{"text": {"No follower is new."}, "submission_id": {web.NewSubmissionID()}})
	if text := (page{doc: &document{parsed: toLucia.updates()}}).text("#follower-list"); text != "Tom assigned" {
		t.Errorf("after a note, the followers are %q, want Tom", text)
	}
	tom.post(web.TicketURL(id)+"/followers", url.Values{"follow": {"no"}}).wants(t, http.StatusSeeOther)
	lucia.post(web.TicketURL(id)+"/notes", url.Values{"text": {"No one follows."}, "submission_id": {web.NewSubmissionID()}})
	if text := (page{doc: &document{parsed: toLucia.updates()}}).text("#follower-list"); text != "No one follows this ticket." {
		t.Errorf("after the last follower has left, the followers are %q", text)
	}
}

// The outbox adds the follower, which may be after the update.
func TestOpenPagesShowTheFollowerOfAFirstReply(t *testing.T) {
	app := newApp(t)
	app.firstReplyAssigns(true)
	id := app.opensTicket(app.customer("Ana"), "Mine")
	tom, lucia := app.agent("Tom"), app.agent("Lucía")
	toLucia := lucia.socket(web.TicketURL(id) + "/chat?after=1")
	tom.post(web.TicketURL(id)+"/comments", url.Values{"text": {"I will look."}, "submission_id": {web.NewSubmissionID()}}).wants(t, http.StatusSeeOther)
	if text := (page{doc: &document{parsed: toLucia.updates()}}).text("#follower-list"); text != "Tom assigned" {
		t.Errorf("the followers are %q, want Tom", text)
	}
	tom.post(web.TicketURL(id)+"/followers", url.Values{"follow": {"no"}}).wants(t, http.StatusSeeOther)
	late := lucia.get(web.TicketURL(id)+"/events?after=1", htmx...)
	if text := late.text("#follower-list"); text != "No one follows this ticket." {
		t.Errorf("a page that is updated after the follower has left has the followers %q", text)
	}
}

func TestOpenPagesShowNoFollowerWhoLostTheTicketAfterAFirstReply(t *testing.T) {
	app := newApp(t)
	app.firstReplyAssigns(true)
	id := app.opensTicket(app.customer("Ana"), "Mine")
	tom, lucia := app.agent("Tom"), app.agent("Lucía")
	tom.post(web.TicketURL(id)+"/comments", url.Values{"text": {"I will look."}, "submission_id": {web.NewSubmissionID()}}).wants(t, http.StatusSeeOther)
	app.exec("update users set disabled_at = now() where id = $1", tom.id)
	late := lucia.get(web.TicketURL(id)+"/events?after=1", htmx...)
	if text := late.text("#follower-list"); text != "No one follows this ticket." {
		t.Errorf("the followers are %q after the only one was disabled", text)
	}
}

func TestStaffWithoutTriageSeeWhoWorksOnATicketAndFollowIt(t *testing.T) {
	a := newApp(t)
	ana, boss := a.customer("Ana"), a.admin("Boss")
	light := a.lightAgent("Light", boss)
	ticket := web.TicketURL(a.opensTicket(ana, "A lamp"))
	a.opensTicket(ana, "A bell")
	boss.post(ticket+"/assignment", url.Values{"assignee": {"me"}}).wants(t, http.StatusSeeOther)
	page := light.get(ticket).wants(t, http.StatusOK)
	if text := page.text("#assignee-now"); !strings.Contains(text, "Boss") {
		t.Errorf("the assignee is %q", text)
	}
	for _, selector := range []string{"#followers form button[name=follow]", "#requester-tickets", "#facts"} {
		if !page.has(selector) {
			t.Errorf("the page has no %s", selector)
		}
	}
	for _, selector := range []string{"#triage", "#assignment form", "#more-facts"} {
		if page.has(selector) {
			t.Errorf("the page has %s", selector)
		}
	}
	light.post(ticket+"/followers", url.Values{"follow": {"yes"}}).leadsTo(t, ticket+"#followers")
	own := web.TicketURL(a.opensTicket(light, "Mine"))
	light.get(own).lacksElements(t, "#assignment", "#followers").wantsElements(t, "#more-facts")
}
