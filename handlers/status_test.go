package handlers

import (
	"net/url"
	"strings"
	"testing"
)

func TestTriageIsSavedAndAStaleOneKeepsTheChoice(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana"), a.admin("Priya"), a.admin("Tom")
	id := a.asked(ana, "Mine")
	form := priya.get(ticketURL(id)).wants(t, 200)
	choice := url.Values{"status": {"CLOSED"}, "priority": {"Urgent"}, "category": {"2"}, "version": {form.value("#triage [name=version]")}}
	part := tom.post(ticketURL(id)+"/triage", url.Values{"status": {"IN_PROGRESS"}, "priority": {"Low"}, "category": {"1"}, "version": {"1"}}, htmx...).wants(t, 200)
	if part.value("#triage [name=version]") != "2" {
		t.Errorf("the fragment is %s", part.body)
	}
	if news := ana.get(ticketURL(id)+"/events?after=1", htmx...).wants(t, 200); news.text("hx-partial #ticket-head .badge") != "In progress" || !news.has("hx-partial[hx-target='#timeline'] #s3") {
		t.Errorf("the news is %s", news.body)
	}
	for _, headers := range [][]string{nil, htmx} {
		got := priya.post(ticketURL(id)+"/triage", choice, headers...).wants(t, 409, "Nothing was saved", "It is now")
		if got.value("#status option[selected]") != "CLOSED" || got.value("#priority option[selected]") != "Urgent" || got.value("#category option[selected]") != "2" || got.value("#triage [name=version]") != "2" {
			t.Error("the choice is lost")
		}
	}
	choice.Set("version", "2")
	priya.post(ticketURL(id)+"/triage", choice).leadsTo(t, ticketURL(id))
	got := ana.get(ticketURL(id)).wants(t, 200)
	if got.text(".ticket-head .badge") != "Closed" || !strings.Contains(got.text("#s6"), "changed the category from Billing to Technical") {
		t.Errorf("the page shows %q and %q", got.text(".ticket-head .badge"), got.text("#s6"))
	}
}

func TestATriageKeptOverTheEndOfASessionSaysWhatChangedMeanwhile(t *testing.T) {
	a := newApp(t)
	priya, tom := a.admin("Priya"), a.admin("Tom")
	at := ticketURL(a.asked(a.customer("Ana"), "Mine"))
	choose := func(status, version string) url.Values {
		return url.Values{"status": {status}, "priority": {"Urgent"}, "category": {"2"}, "version": {version}}
	}
	tom.post(at+"/triage", choose("IN_PROGRESS", "1")).leadsTo(t, at)
	for version, changed := range map[string]bool{"1": true, "2": false} {
		a.exec("update sessions set revoked_at = now()")
		priya.post(at+"/triage", choose("CLOSED", version)).wants(t, 303)
		priya.signIn()
		got := priya.get(at).wants(t, 200)
		if got.has("#triage .notice") != changed || got.value("#status option[selected]") != "CLOSED" || got.value("#triage [name=version]") != "2" {
			t.Errorf("version %s: %s", version, got.text("#triage"))
		}
	}
}

func TestATriageThatIsNoneIsToldBesideItsField(t *testing.T) {
	a := newApp(t)
	priya := a.admin("Priya")
	id := a.asked(a.customer("Ana"), "Mine")
	got := priya.post(ticketURL(id)+"/triage", url.Values{"status": {"GONE"}, "priority": {"Low"}, "category": {"nowhere"}, "version": {"1"}}).wants(t, 422)
	if got.text("#status-error") == "" || !got.has(".error-summary a[href='#status']") {
		t.Error("the status has no error")
	}
	got = priya.post(ticketURL(id)+"/triage", url.Values{"status": {"OPEN"}, "priority": {"Low"}, "category": {"nowhere"}, "version": {"1"}}).wants(t, 422)
	if got.text("#category-error") == "" {
		t.Error("the category has no error")
	}
}

func TestTheRequesterSaysThatItIsSolvedAndNothingElse(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.asked(ana, "Mine")
	ana.post(ticketURL(id)+"/status", url.Values{"status": {"CLOSED"}}).wants(t, 403)
	ana.post(ticketURL(id)+"/triage", url.Values{"status": {"CLOSED"}}).wants(t, 403)
	got := ana.post(ticketURL(id)+"/status", url.Values{"status": {"RESOLVED"}}, htmx...).wants(t, 200)
	if news := ana.get(ticketURL(id)+"/events?after=1", htmx...); got.has("#facts button") || news.text("hx-partial #ticket-head .badge") != "Resolved" || !strings.Contains(news.text("#s2"), "marked this as solved") {
		t.Errorf("the fragment is %s, the news %s", got.body, news.body)
	}
	ana.post(ticketURL(id)+"/status", url.Values{"status": {"RESOLVED"}}).leadsTo(t, ticketURL(id))
}

func TestWhatMovesATicketBringsTriageItsNewVersion(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.asked(ana, "Mine")
	shows := func(got page, version, status string) {
		t.Helper()
		if got.value("hx-partial #triage [name=version]") != version || got.value("hx-partial #status option[selected]") != status {
			t.Errorf("triage is at version %q, %q", got.value("hx-partial #triage [name=version]"), got.value("hx-partial #status option[selected]"))
		}
	}
	priya.post(ticketURL(id)+"/comments", url.Values{"text": {"Done"}, "then": {"resolved"}}, htmx...).wants(t, 200)
	shows(priya.get(ticketURL(id)+"/events?after=1", htmx...).wants(t, 200), "2", "RESOLVED")
	ana.post(ticketURL(id)+"/messages", url.Values{"text": {"It is not"}}, htmx...).wants(t, 200)
	ana.get(ticketURL(id)+"/events?after=3", htmx...).wants(t, 200, "It is not").lacks(t, "triage")
	shows(priya.get(ticketURL(id)+"/events?after=3", htmx...).wants(t, 200), "3", "OPEN")
}

func TestATriageSavesWhatWasChangedAndNothingThatOthersChangedSince(t *testing.T) {
	a := newApp(t)
	priya, tom := a.admin("Priya"), a.admin("Tom")
	at := ticketURL(a.asked(a.customer("Ana"), "Mine"))
	old := priya.get(at).wants(t, 200)
	choice := url.Values{}
	for _, name := range []string{"version", "was_status", "was_priority", "was_category"} {
		choice.Set(name, old.value("#triage [name="+name+"]"))
	}
	for _, name := range []string{"status", "priority", "category"} {
		choice.Set(name, choice.Get("was_"+name))
	}
	tom.post(at+"/triage", url.Values{"status": {"IN_PROGRESS"}, "priority": {"Low"}, "category": {"1"}, "version": {"1"}}).leadsTo(t, at)
	choice.Set("category", "2")
	priya.post(at+"/triage", choice).leadsTo(t, at)
	got := priya.get(at).wants(t, 200)
	if got.value("#status option[selected]") != "IN_PROGRESS" || got.value("#priority option[selected]") != "Low" || got.value("#category option[selected]") != "2" {
		t.Errorf("the ticket is %s", got.text(".ticket-head"))
	}
	choice.Set("category", "3") // which has been changed since, too
	got = priya.post(at+"/triage", choice).wants(t, 409, "Nothing was saved")
	if got.value("#status option[selected]") != "IN_PROGRESS" || got.value("#priority option[selected]") != "Low" || got.value("#category option[selected]") != "3" {
		t.Error("the form would take back what others have changed")
	}
}
