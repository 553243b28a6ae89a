package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"frontdesk/handlers/web"
	"frontdesk/internal/live"
)

// lightAgent signs in a user whose role sees all tickets and only writes notes.
func (a *app) lightAgent(name string, boss *client) *client {
	a.t.Helper()
	boss.post("/admin/roles", url.Values{"name": {"Light agent"}, "see_all": {"true"}, "note": {"true"}}).wants(a.t, http.StatusSeeOther)
	c := a.customer(name)
	boss.post(userURL(c)+"/role", url.Values{"role": {"Light agent"}}).wants(a.t, http.StatusSeeOther)
	c.signIn()
	return c
}

func TestRolesAreManagedOnTheirPages(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	back := priya.follow(priya.post("/admin/roles", url.Values{"name": {"Light agent"}, "note": {"true"}}))
	if got := back.text("#flash"); got != "The role Light agent is added." {
		t.Errorf("added: %q", got)
	}
	if !strings.Contains(back.text("ul.rows li:last-child"), "Light agent Write notes. No users.") {
		t.Errorf("the list has %q", back.text("ul.rows li:last-child"))
	}
	path := back.doc.Find("ul.rows a").AttrOr("href", "")
	form := priya.get(path)
	if value := form.value("#name"); value != "Light agent" {
		t.Errorf("the value of #name is %q, want %q", value, "Light agent")
	}
	if !form.has("#note[checked]") {
		t.Error("the page has no #note[checked]")
	}
	if form.has("#reply[checked]") {
		t.Error("the page has #reply[checked]")
	}
	back = priya.follow(priya.post(path, url.Values{"name": {"Helper"}, "reply": {"true"}, "version": {form.value("[name=version]")}}))
	if !strings.Contains(back.text("ul.rows li:last-child"), "Helper Reply. No users.") {
		t.Errorf("changed: %q", back.text("ul.rows li:last-child"))
	}
	again := priya.post(path, url.Values{"name": {"Helper"}, "triage": {"true"}, "version": {"1"}})
	if again.StatusCode != http.StatusConflict {
		t.Errorf("an old version: got status %d, want %d", again.StatusCode, http.StatusConflict)
	}
	if !again.has("#stale") {
		t.Error("an old version: the page has no #stale")
	}
	if !again.has("#triage[checked]") {
		t.Error("an old version: the page has no #triage[checked]")
	}
	back = priya.follow(priya.post(path+"/delete", nil))
	got := back.text("#flash")
	if got != "The role is deleted." {
		t.Errorf(`deleted: got %q, want "The role is deleted."`, got)
	}
	back.lacksElements(t, "ul.rows a")
}

func TestARoleErrorIsShownAtItsField(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	got := priya.post("/admin/roles", url.Values{"name": {"Agent"}, "note": {"true"}})
	if got.StatusCode != http.StatusUnprocessableEntity {
		t.Errorf("got status %d, want %d", got.StatusCode, http.StatusUnprocessableEntity)
	}
	if got.text("#name-error") == "" {
		t.Error("the text of #name-error is empty")
	}
	if value := got.value("#name"); value != "Agent" {
		t.Errorf("the value of #name is %q, want %q", value, "Agent")
	}
	if !got.has("#note[checked]") {
		t.Error("the page has no #note[checked]")
	}
}

func TestTheVersionOfARoleStaysIfNothingChanges(t *testing.T) {
	app := newApp(t)
	priya := app.admin("Priya")
	priya.post("/admin/roles", url.Values{"name": {"Light agent"}, "note": {"true"}}).wants(t, http.StatusSeeOther)
	program := priya.program()
	for _, c := range []struct {
		body obj
		want float64
	}{{obj{}, 1}, {obj{"nope": 1}, 1}, {obj{"note": true}, 1}, {obj{"reply": true}, 2}} {
		program.send(http.MethodPut, "/roles/1", c.body).wants(http.StatusOK).wantsValues(obj{"version": c.want})
	}
}

func TestALightAgentReadsTicketsAndDoesNotReply(t *testing.T) {
	app := newApp(t)
	ana, boss := app.customer("Ana"), app.admin("Boss")
	id := app.opensTicket(ana, "Mine")
	lena := app.lightAgent("Lena", boss)
	page := lena.get(web.TicketURL(id)).wants(t, http.StatusOK, "Mine")
	for _, form := range []string{"/comments", "/messages", "/triage", "/status"} {
		if page.has("form[action='" + web.TicketURL(id) + form + "']") {
			t.Errorf("the page has the form %s", form)
		}
	}
	for path, form := range map[string]url.Values{
		"/comments": {"text": {"An answer"}}, "/messages": {"text": {"A word"}}, "/status": {"status": {"CLOSED"}}, "/edit": nil, "/delete": nil,
		"/triage": {"status": {"CLOSED"}, "priority": {"Low"}, "category": {"Billing"}, "version": {"1"}},
	} {
		got := lena.post(web.TicketURL(id)+path, form)
		if form == nil {
			got = lena.get(web.TicketURL(id) + path)
		}
		if got.StatusCode != http.StatusForbidden {
			t.Errorf("%s: got %d, want %d", path, got.StatusCode, http.StatusForbidden)
		}
	}
	if !page.has("form[action='" + web.TicketURL(id) + "/notes']") {
		t.Error("the page has no form for a note")
	}
	program := lena.program()
	for path, body := range map[string]obj{"/comments": {"text": "An answer"}, "/messages": {"message": "A word"}} {
		if got := program.send(http.MethodPost, fmt.Sprintf("/tickets/%d%s", id, path), body); got.StatusCode != http.StatusForbidden {
			t.Errorf("%s in the API: got %d, want %d", path, got.StatusCode, http.StatusForbidden)
		}
	}
	own := app.opensTicket(lena, "My own")
	lena.post(web.TicketURL(own)+"/comments", url.Values{"text": {"A comment on my own ticket"}}).wants(t, http.StatusSeeOther)
}

func TestASocketIsClosedWhenARoleLosesPermissions(t *testing.T) {
	app := newApp(t)
	ana, boss := app.customer("Ana"), app.admin("Boss")
	id := app.opensTicket(ana, "Mine")
	lena := app.lightAgent("Lena", boss)
	s := lena.socket(web.TicketURL(id) + "/chat?after=1")
	ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"For staff"}}).wants(t, http.StatusSeeOther)
	if s.updates().Find("#s2").Length() != 1 {
		t.Fatal("a light agent gets nothing")
	}
	path := boss.get("/admin/roles").doc.Find("ul.rows a").AttrOr("href", "")
	boss.post(path, url.Values{"name": {"Light agent"}, "note": {"true"}, "version": {"1"}}).wants(t, http.StatusSeeOther)
	s.closes(live.CloseGone)
	lena.get(web.TicketURL(id)).wants(t, http.StatusNotFound)
	lena.get("/dashboard").wants(t, http.StatusOK)
}

func TestASocketConnectsAgainWhenARoleChangesAndTheTicketStaysReadable(t *testing.T) {
	app := newApp(t)
	ana, boss := app.customer("Ana"), app.admin("Boss")
	at := web.TicketURL(app.opensTicket(ana, "Mine")) + "/chat?after=1"
	lena := app.lightAgent("Lena", boss)
	ticket, list := lena.socket(at), lena.socket("/tickets/live")
	path := boss.get("/admin/roles").doc.Find("ul.rows a").AttrOr("href", "")
	boss.post(path, url.Values{"name": {"Light agent"}, "see_all": {"true"}, "note": {"true"}, "delete": {"true"}, "version": {"1"}}).wants(t, http.StatusSeeOther)
	ticket.closes(websocket.CloseServiceRestart)
	list.closes(websocket.CloseServiceRestart)
	again := lena.socket(at)
	ana.post(web.TicketURL(1)+"/messages", url.Values{"text": {"For staff"}}).wants(t, http.StatusSeeOther)
	if again.updates().Find("#s2").Length() != 1 {
		t.Error("the new socket gets nothing")
	}
}

func TestUsersHaveTheNameOfTheirRoleInTheList(t *testing.T) {
	app := newApp(t)
	boss := app.admin("Boss")
	app.lightAgent("Lena", boss)
	app.customer("Ana")
	page := boss.get("/admin/users?show=staff")
	got := page.doc.Find("tbody tr").Length()
	if got != 2 {
		t.Errorf("got %d rows, want 2", got)
	}
	if got := page.text("tbody"); !strings.Contains(got, "Light agent") {
		t.Errorf(`the text of tbody is %q, want it with "Light agent"`, got)
	}
	boss.get(userURL(app.customer("Tom"))+"/role").wantsElements(t, "input[name=role][value='Light agent']", "input[value=customer][checked]")
}

func TestARoleThatOnlyDeletesHasTheLinkToIt(t *testing.T) {
	app := newApp(t)
	boss, dan := app.admin("Boss"), app.customer("Dan")
	boss.post("/admin/roles", url.Values{"name": {"Cleaner"}, "see_all": {"true"}, "delete": {"true"}}).wants(t, http.StatusSeeOther)
	boss.post(userURL(dan)+"/role", url.Values{"role": {"Cleaner"}}).wants(t, http.StatusSeeOther)
	dan.signIn()
	ticket := web.TicketURL(app.opensTicket(app.customer("Ana"), "Spam"))
	page := dan.get(ticket)
	link := page.doc.Find("#facts a[href='" + ticket + "/delete']")
	if got := link.Length(); got != 1 {
		t.Errorf("the page has %d links to the deletion, want 1", got)
	}
	page.lacksElements(t, "a[href='"+ticket+"/edit']")
}

func TestARoleThatAnInvitationGivesSaysWhyItIsNotDeleted(t *testing.T) {
	app := newApp(t)
	boss := app.admin("Boss")
	boss.post("/admin/roles", url.Values{"name": {"Light agent"}, "see_all": {"true"}, "note": {"true"}}).wants(t, http.StatusSeeOther)
	boss.post("/admin/invitations", url.Values{"email": {"mia@example.org"}, "role": {"Light agent"}}).wants(t, http.StatusCreated)
	path := boss.get("/admin/roles").doc.Find("ul.rows a").AttrOr("href", "")
	boss.get(path).lacksElements(t, "form[action$='/delete']").wantsElements(t, "section[aria-labelledby=delete-h] a[href='/admin/invitations']")
	boss.post(path+"/delete", nil).wants(t, http.StatusConflict)
}
