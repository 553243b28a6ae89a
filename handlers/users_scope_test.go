package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"frontdesk/internal/desk"
)

func TestThePasswordOfAMemberOfAnUnreadableTeamIsOfferedToAdminsOnly(t *testing.T) {
	app := newApp(t)
	boss, mia := app.admin("Boss"), app.customer("Mia")
	member := app.agent("Member")
	app.team("Security", true, member)
	boss.post("/admin/roles", url.Values{"name": {"Manager"}, "see_all": {"true"}, "reply": {"true"}, "note": {"true"}, "triage": {"true"}, "delete": {"true"},
		"export": {"true"}, "manage_users": {"true"}}).wants(t, http.StatusSeeOther)
	boss.post(userURL(mia)+"/role", url.Values{"role": {"Manager"}}).wants(t, http.StatusSeeOther)
	mia.signIn()
	button := "main a[href='" + userURL(member) + "/password']"
	page := mia.get(userURL(member))
	page.lacksElements(t, button)
	if got := page.text("[aria-labelledby=password-h]"); !strings.Contains(got, "Only an admin can replace it") {
		t.Errorf(`the text of [aria-labelledby=password-h] is %q, want it with "Only an admin can replace it"`, got)
	}
	mia.get(userURL(member)+"/password").wants(t, http.StatusForbidden)
	mia.post(userURL(member)+"/password", nil).wants(t, http.StatusForbidden)
	if !boss.get(userURL(member)).has(button) {
		t.Error("an admin cannot replace the password")
	}
}

func TestTheTicketsOfAnAccountAreCountedWithoutThoseOfPrivateTeams(t *testing.T) {
	app := newApp(t)
	boss, ana := app.admin("Boss"), app.customer("Ana")
	ana.open("The brakes fail", desk.PriorityLow)
	app.exec("update tickets set team_id = $1 where id = $2", app.team("Security", true), ana.open("A leak", desk.PriorityLow).ID)
	boss.post("/admin/roles", url.Values{"name": {"Manager"}, "see_all": {"true"}, "manage_users": {"true"}}).wants(t, http.StatusSeeOther)
	manager := app.customer("Mia")
	boss.post(userURL(manager)+"/role", url.Values{"role": {"Manager"}}).wants(t, http.StatusSeeOther)
	manager.signIn()
	for c, want := range map[*client]string{manager: "1", boss: "2"} {
		if got := c.get(userURL(ana)).text("main a[href^='/tickets?requester=']"); got != want+" requested" {
			t.Errorf("the page of Ana for %s: %q, want %s", c.name, got, want)
		}
		if got := c.get("/admin/users?show=customers").text("main td a[href='/tickets?requester=" + fmt.Sprint(ana.id) + "']"); got != want+" of Ana" {
			t.Errorf("the row of Ana for %s: %q, want %s", c.name, got, want)
		}
	}
}
