package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/handlers/web"
)

func TestAMemberOfStaffIsAwayAndReturns(t *testing.T) {
	app := newApp(t)
	ana, tom, boss := app.customer("Ana"), app.agent("Tom"), app.admin("Boss")
	id := app.opensTicket(ana, "Mine")
	app.exec("update tickets set assignee_id = $2 where id = $1", id, tom.id)
	wrong := tom.post("/account/away", url.Values{"do": {"away"}, "back": {"2020-01-01"}})
	if wrong.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("a day in the past: got status %d, want %d", wrong.StatusCode, http.StatusUnprocessableEntity)
	}
	if wrong.text("#back-error") == "" {
		t.Error("a day in the past: the text of #back-error is empty")
	}
	if value := wrong.value("#back"); value != "2020-01-01" {
		t.Errorf("a day in the past: the value of #back is %q, want %q", value, "2020-01-01")
	}
	page := tom.follow(tom.post("/account/away", url.Values{"do": {"away"}, "back": {""}}))
	if got := tom.get("/dashboard").text(".topbar #away"); got != "You are Away" {
		t.Errorf("the bar of the queue says %q", got)
	}
	page.wantsText(t, "main .badge", "Away").wantsElements(t, "button[value=return]")
	if got := boss.get(web.TicketURL(id)).text("#assignee-now .badge"); got != "Away" {
		t.Errorf("a colleague sees %q, want Away", got)
	}
	app.team("Repairs", false, tom)
	for _, path := range []string{web.TicketURL(id) + "/assignment?q=Tom", "/admin/teams/1"} {
		if got := boss.get(path).wants(t, http.StatusOK).text("main .badge"); !strings.Contains(got, "Away") {
			t.Errorf("%s: a colleague sees the badges %q, want Away", path, got)
		}
	}
	if got := boss.program().send(http.MethodGet, "/staff?q=Tom", nil).wants(http.StatusOK); got.get("0.away") != true {
		t.Errorf("a program gets %s, want that Tom is away", got.body)
	}
	if strings.Contains(ana.get(web.TicketURL(id)).text("main"), "Away") {
		t.Error("the customer sees that the assignee is away")
	}
	page = tom.follow(tom.post("/account/away", url.Values{"do": {"return"}}))
	if tom.get("/dashboard").has("#away") {
		t.Error("after the return, the bar still says that Tom is away")
	}
	page.lacksElements(t, "button[value=return]")
	boss.get(web.TicketURL(id)).lacksElements(t, "#assignee-now .badge")
}
