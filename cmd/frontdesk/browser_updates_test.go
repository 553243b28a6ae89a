package main

import (
	"net/url"
	"strings"
	"testing"
)

func TestTheChoiceOfTeamFollowsUpdatesUnlessItIsChanged(t *testing.T) {
	t.Parallel()
	d, path, priya := openTicket(t, chromium, adminEmail)
	priya.allow("status of 409")
	if _, err := d.pool.Exec(t.Context(), "insert into teams (name, name_key) values ('Repairs', 'repairs'), ('Billing', 'billing')"); err != nil {
		t.Fatal(err)
	}
	colleague := newPerson(t, d.base)
	colleague.signIn(adminEmail)
	move := func(team string) { colleague.post(path+"/assignment", url.Values{"team": {team}}) }
	priya.reload()
	move("1")
	priya.until("document.querySelector('#team').selectedOptions[0].text === 'Repairs'", "the team that a colleague chose")
	priya.choose("#assignee", "none")
	priya.click("#assignment .props button")
	priya.until("document.querySelector('.timeline').textContent.includes('removed the assignee')", "the change of the assignee")
	priya.until("document.querySelector('.toast')?.textContent.includes('in team Repairs')", "the answer, whose form replaces this one")
	if got := priya.eval("document.querySelector('#assignee-now').dataset.teamName"); got != "Repairs" {
		t.Errorf("saving the assignee put the ticket into %q, want Repairs", got)
	}
	priya.choose("#team", "2")
	move("none")
	priya.until("document.querySelector('#assignee-now').dataset.team === 'none'", "the ticket without a team")
	if got := priya.eval("document.querySelector('#team').value"); got != "2" {
		t.Errorf("the unsaved choice has become %s", got)
	}
	priya.click("#assignment .props button")
	priya.until("document.querySelector('#assignment [role=alert]')?.textContent.includes('took it out of its team')", "who was faster")
}

func TestUpdatesKeepAnUnsavedChoiceAndAreCountedInTheTitle(t *testing.T) {
	t.Parallel()
	d, path, priya := openTicket(t, chromium, adminEmail)
	priya.allow("status of 409")
	ana := newPerson(t, d.base)
	ana.signIn("ana@example.org")
	priya.choose("#priority", "Urgent")
	priya.run("Object.defineProperty(document, 'hidden', {get: () => true})")
	postMessage(ana, path, "It is urgent, by the way")
	ana.post(path+"/status", url.Values{"status": {"RESOLVED"}})
	priya.until("document.querySelector('.ticket-head .badge').dataset.status === 'resolved'", "the ticket resolved")
	if title := priya.eval("document.title"); !strings.HasPrefix(title, "(1) #") {
		t.Errorf("the title of a hidden page is %q", title)
	}
	if chosen := priya.eval("document.querySelector('#priority').value"); chosen != "Urgent" {
		t.Errorf("the unsaved choice has become %s", chosen)
	}
	priya.click("#triage button")
	priya.until("document.querySelector('.timeline').textContent.includes('changed the priority')", "what nobody else had changed, saved")
	priya.until("document.querySelector('.toast')?.textContent.includes('has priority Urgent')", "the answer, whose form replaces this one")
	priya.choose("#status", "CLOSED")
	postMessage(ana, path, "It is not solved after all") // this reopens the ticket
	priya.until("document.querySelector('.ticket-head .badge').dataset.status === 'open'", "the ticket open again")
	priya.click("#triage button")
	priya.until("document.activeElement.matches('#triage .notice')", "focus on what to do about it")
}

func TestAPageReportsTheEndOfItsSessionAndKeepsTypedText(t *testing.T) {
	t.Parallel()
	d, _, ana := openTicket(t, chromium, "ana@example.org")
	for _, text := range []string{"status of 401", "WebSocket connection to"} {
		ana.allow(text)
	}
	admin := newPerson(t, d.base)
	admin.signIn(adminEmail)
	admin.post("/admin/users/"+ana.eval("document.querySelector('.menu').dataset.user")+"/sessions", nil)
	ana.see(".banner a[href^='/login']")
	ana.sendsChat("Too late for this session")
	ana.see(".bubble[data-state=waiting]")
	ana.click(".banner a")
	ana.fill("#email", "ana@example.org")
	ana.fill("#password", password)
	ana.click(`form[action="/login"] button`)
	ana.until(chatted("Too late for this session"), "the message, sent after signing in")
}
