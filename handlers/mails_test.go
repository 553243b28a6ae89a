package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestAdminsSeeOutgoingMailAndSendItAgain(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	failed, sent := app.opensTicket(ana, "A lamp"), app.opensTicket(ana, "A bell")
	app.mailed(failed, 2, "failed")
	app.mailed(sent, 2, "sent")
	page := priya.get("/admin/mail")
	if got := page.doc.Find("tbody tr").Length(); got != 2 {
		t.Fatalf("the list has %d mails, want 2", got)
	}
	got := priya.get("/admin/mail?state=failed").text("tbody")
	if !strings.Contains(got, "A lamp") {
		t.Errorf(`got %q, want it with "A lamp"`, got)
	}
	if strings.Contains(got, "A bell") {
		t.Errorf(`got %q, want it without "A bell"`, got)
	}
	if got := priya.get("/admin/mail?q=nobody@example.org").doc.Find("tbody tr").Length(); got != 0 {
		t.Errorf("another address has %d mails, want 0", got)
	}
	if got := priya.get("/admin/mail?q=ANA@example.org").doc.Find("tbody tr").Length(); got != 2 {
		t.Errorf("the address has %d mails, want 2", got)
	}
	action := page.doc.Find("tbody form").AttrOr("action", "")
	priya.follow(priya.post(action, url.Values{"do": {"retry"}})).wants(t, http.StatusOK, "The mail is sent again.")
	if n := app.count("select count(*) from mail_out where state = 'queued'"); n != 1 {
		t.Errorf("%d mails are queued, want 1", n)
	}
	priya.follow(priya.post(action, url.Values{"do": {"retry"}})).wants(t, http.StatusOK, "The mail is sent again.") // a double click
	app.exec("update mail_out set state = 'sent'")
	priya.post(action, url.Values{"do": {"withdraw"}}).wants(t, http.StatusConflict, "Too late for this mail")
	priya.post(action, url.Values{"do": {"retry"}}).wants(t, http.StatusConflict, "Too late for this mail")
}

func TestTheListOfMailsKeepsItsFilterAfterARetry(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.admin("Priya")
	app.mailed(app.opensTicket(ana, "A lamp"), 2, "failed")
	app.mailed(app.opensTicket(ana, "A bell"), 2, "failed")
	const list = "/admin/mail?q=ana%40example.org&state=failed"
	action := priya.get(list).doc.Find("tbody form").AttrOr("action", "")
	if got := priya.post(action, url.Values{"do": {"retry"}}).Header.Get("Location"); got != list {
		t.Errorf("the answer leads to %q, want %q", got, list)
	}
}

func TestMailsAboutTicketsOfPrivateTeamsAreNotInTheListOfOthers(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, boss := app.customer("Ana"), app.admin("Boss")
	id := app.opensTicket(ana, "A secret")
	app.exec("update tickets set team_id = $2 where id = $1", id, app.team("Board", true))
	app.mailed(id, 2, "failed")
	boss.post("/admin/roles", url.Values{"name": {"Postmaster"}, "see_all": {"true"}, "manage_desk": {"true"}}).wants(t, http.StatusSeeOther)
	pat := app.customer("Pat")
	boss.post(userURL(pat)+"/role", url.Values{"role": {"Postmaster"}}).wants(t, http.StatusSeeOther)
	pat.signIn()
	if got := pat.get("/admin/mail").wants(t, http.StatusOK); strings.Contains(got.body, "A secret") {
		t.Error("the list shows the mail about a ticket of a private team")
	}
	mail := app.count("select max(id) from mail_out")
	pat.post(fmt.Sprintf("/admin/mail/%d", mail), url.Values{"do": {"retry"}}).wants(t, http.StatusNotFound)
	if !strings.Contains(boss.get("/admin/mail").body, "A secret") {
		t.Error("the list of an admin misses the mail")
	}
}

func TestNoLinkIsPromisedToAnAddressOfTheDeskItself(t *testing.T) {
	app := newApp(t, sendsMail)
	ana := app.customer("Ana")
	app.exec("update users set email = 'help@example.org', email_key = 'help@example.org' where id = $1", ana.id)
	got := ana.post("/account/email", url.Values{"do": {"confirm"}}).wants(t, http.StatusUnprocessableEntity, "No mail can be sent to this address")
	got.lacks(t, "We have mailed")
	if n := app.count("select count(*) from mail_out"); n != 0 {
		t.Errorf("%d mails are written, want none", n)
	}
}
