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

func TestAnAdminSeesHowManyTicketsLoseTheirAssigneeWithAnAccount(t *testing.T) {
	for below, form := range map[string]url.Values{"/disabled": {"disabled": {"true"}}, "/role": {"role": {"customer"}}} {
		t.Run(below, func(t *testing.T) {
			app := newApp(t)
			priya, tom, ana := app.admin("Priya"), app.admin("Tom"), app.customer("Ana")
			page := fmt.Sprintf("/admin/users/%d", tom.id)
			if priya.get(page + below).has("#released") {
				t.Error("the page speaks of tickets of a user who has none")
			}
			for _, subject := range []string{"A lamp", "A bell"} {
				tom.post(web.TicketURL(app.opensTicket(ana, subject))+"/assignment", url.Values{"assignee": {"me"}})
			}
			if text := priya.get(page + below).text("#released"); !strings.Contains(text, "2 active tickets of theirs will be unassigned.") {
				t.Errorf("the page says %q", text)
			}
			back := priya.follow(priya.post(page+below, form))
			if text := back.text("#flash"); !strings.HasSuffix(text, " Now unassigned: 2 active tickets.") {
				t.Errorf("the message is %q", text)
			}
		})
	}
}

func TestTheMessageCountsTicketsThatANewRoleOfStaffMayNotRead(t *testing.T) {
	app := newApp(t)
	boss, tom, ana := app.admin("Boss"), app.agent("Tom"), app.customer("Ana")
	team := app.team("Support", false, tom)
	boss.post("/admin/roles", url.Values{"name": {"Restricted"}, "reply": {"true"}}).wants(t, http.StatusSeeOther)
	boss.post("/admin/roles", url.Values{"name": {"Manager"}, "see_all": {"true"}, "reply": {"true"}, "note": {"true"}, "triage": {"true"}, "delete": {"true"},
		"manage_users": {"true"}}).wants(t, http.StatusSeeOther)
	mia := app.customer("Mia")
	boss.post(userURL(mia)+"/role", url.Values{"role": {"Manager"}}).wants(t, http.StatusSeeOther)
	mia.signIn()
	for _, subject := range []string{"A lamp", "A bell", "A saddle", "A pump"} {
		tom.post(web.TicketURL(app.opensTicket(ana, subject))+"/assignment", url.Values{"assignee": {"me"}})
	}
	app.exec("update tickets set team_id = $1 where subject = 'A bell'", team)
	app.exec("update tickets set team_id = $1 where subject = 'A pump'", app.team("Security", true, tom))
	if text := mia.get(userURL(tom) + "/disabled").text("#released"); !strings.Contains(text, " 3 active tickets") {
		t.Errorf("a manager who may not read one of four tickets is told %q", text)
	}
	back := mia.follow(mia.post(userURL(tom)+"/role", url.Values{"role": {"Restricted"}}))
	if text := back.text("#flash"); !strings.HasSuffix(text, " Now unassigned: 2 active tickets.") { // he keeps that of his team
		t.Errorf("the message is %q", text)
	}
}

func TestTheNumberOfACustomerIsAnsweredLikeAnUnknownOne(t *testing.T) {
	app := newApp(t)
	ana, sam, boss := app.customer("Ana"), app.agent("Sam"), app.admin("Boss")
	api, team := sam.program(), app.team("Support", false)
	ticket := ana.open("A lamp", desk.PriorityLow).ID
	boss.post(fmt.Sprintf("/admin/teams/%d/members", team), url.Values{"user": {fmt.Sprint(ana.id)}}).wants(t, http.StatusUnprocessableEntity, "no such member of staff").lacks(t, "Ana is")
	answers := map[string]bool{}
	for _, user := range []int64{ana.id, 4711} {
		got := api.send(http.MethodPut, fmt.Sprintf("/tickets/%d/assignment", ticket), obj{"assignee": fmt.Sprint(user)})
		got.wants(http.StatusBadRequest)
		if !strings.Contains(string(got.body), "no such member of staff") {
			t.Errorf(`user %d: the body is %s, want it with "no such member of staff"`, user, string(got.body))
		}
		answers[string(got.body)] = true
	}
	if len(answers) != 1 {
		t.Errorf("the answers differ: %v", answers)
	}
}
