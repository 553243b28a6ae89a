package handlers

import (
	"net/http"
	"net/url"
	"testing"
)

func TestUsersChooseTheEventsOfWhichTheyGetMails(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.agent("Priya")
	ana.get("/account/notifications").wants(t, http.StatusOK).lacksElements(t, "#assigned").wantsElements(t, "#answer[checked]")
	ana.follow(ana.post("/account/notifications", url.Values{"status": {"true"}, "assigned": {"false"}})).wants(t, http.StatusOK, "Your choice is saved.")
	ana.get("/account/notifications").lacksElements(t, "#answer[checked]").wantsElements(t, "#status[checked]")
	if n := app.count("select count(*) from users where username = 'Ana' and mail_prefs @> '{\"assigned\": true, \"answer\": false}'"); n != 1 {
		t.Error("a customer has changed what only staff choose")
	}
	priya.post("/account/notifications", url.Values{"opened": {"true"}}).wants(t, http.StatusSeeOther)
	priya.get("/account/notifications").wantsElements(t, "#opened[checked]").lacksElements(t, "#assigned[checked]")
	if !priya.get("/account").has("a[href='/account/notifications']") {
		t.Error("the account does not link the page")
	}
}

func TestADeskWithoutMailHasOnlyThePreferencesOfItsPages(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	page := ana.get("/account/notifications").wants(t, http.StatusOK).lacks(t, "mail")
	for selector, want := range map[string]bool{"#answer": false, "#page_answer[checked]": true, "#page_assigned": false} {
		if page.has(selector) != want {
			t.Errorf("a customer has %s: %t, want %t", selector, !want, want)
		}
	}
	ana.post("/account/notifications", url.Values{"page": {"true"}, "page_answer": {"true"}, "page_assigned": {"false"}, "status": {"false"}}).wants(t, http.StatusSeeOther)
	ana.get("/account/notifications").wantsElements(t, "#page_answer[checked]").lacksElements(t, "#page_status[checked]")
	if n := app.count("select count(*) from users where username = 'Ana' and mail_prefs = '{}' and page_prefs @> '{\"assigned\": true, \"status\": false}'"); n != 1 {
		t.Error("a customer has changed what only staff choose, or what is mailed")
	}
	ana.post("/account/notifications", nil).wants(t, http.StatusSeeOther) // the form of a previous version
	if page := ana.get("/account/notifications"); !page.has("#page_answer[checked]") {
		t.Error("a form without the preferences of pages has changed them")
	}
}

func TestPreferencesFromAnEndedSessionAreInTheFormAfterSignIn(t *testing.T) {
	app := newApp(t, sendsMail)
	ana := app.customer("Ana")
	app.exec("update sessions set revoked_at = now() where user_id = $1", ana.id)
	ana.post("/account/notifications", url.Values{"status": {"true"}})
	ana.signIn()
	ana.get("/account/notifications").lacksElements(t, "#answer[checked]").wantsElements(t, "#status[checked]")
}
