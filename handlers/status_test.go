package handlers

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"frontdesk/handlers/web"
)

func TestTriageIsSavedAndAStaleOneKeepsTheChoice(t *testing.T) {
	a := newApp(t)
	ana, priya, tom := a.customer("Ana"), a.admin("Priya"), a.admin("Tom")
	id := a.opensTicket(ana, "Mine")
	form := priya.get(web.TicketURL(id)).wants(t, 200)
	choice := url.Values{"status": {"CLOSED"}, "priority": {"Urgent"}, "category": {"2"}, "version": {form.value("#triage [name=version]")}}
	part := tom.post(web.TicketURL(id)+"/triage", url.Values{"status": {"IN_PROGRESS"}, "priority": {"Low"}, "category": {"1"}, "version": {"1"}}, htmx...).wants(t, 200)
	if part.value("#triage [name=version]") != "2" {
		t.Errorf("the fragment is %s", part.body)
	}
	ana.get(web.TicketURL(id)+"/events?after=1", htmx...).wants(t, 200).wantsText(t, "hx-partial #ticket-head .badge", "In progress").wantsElements(t, "hx-partial[hx-target='#timeline'] #s3")
	for _, headers := range [][]string{nil, htmx} {
		got := priya.post(web.TicketURL(id)+"/triage", choice, headers...).wants(t, 409, "Nothing was saved", "It is now")
		got.wantsValues(t, map[string]string{"#status option[selected]": "CLOSED", "#priority option[selected]": "Urgent", "#category option[selected]": "2", "#triage [name=version]": "2"})
	}
	choice.Set("version", "2")
	priya.post(web.TicketURL(id)+"/triage", choice).leadsTo(t, web.TicketURL(id))
	got := ana.get(web.TicketURL(id)).wants(t, 200)
	got.wantsText(t, ".ticket-head .badge", "Closed")
	if text := got.text("#s6"); !strings.Contains(text, "changed the category from Billing to Technical") {
		t.Errorf(`the text of #s6 is %q, want it with "changed the category from Billing to Technical"`, text)
	}
}

func TestAKeptTriageFormShowsLaterChanges(t *testing.T) {
	a := newApp(t)
	priya, tom := a.admin("Priya"), a.admin("Tom")
	at := web.TicketURL(a.opensTicket(a.customer("Ana"), "Mine"))
	choose := func(status, version string) url.Values {
		return url.Values{"status": {status}, "priority": {"Urgent"}, "category": {"2"}, "version": {version}}
	}
	tom.post(at+"/triage", choose("IN_PROGRESS", "1")).leadsTo(t, at)
	for version, changed := range map[string]bool{"1": true, "2": false} {
		a.exec("update sessions set revoked_at = now()")
		priya.post(at+"/triage", choose("CLOSED", version)).wants(t, 303)
		priya.signIn()
		got := priya.get(at).wants(t, 200)
		if value := strings.Contains(got.text("#triage"), "The ticket changed while you were choosing."); value != changed {
			t.Errorf("version %s: got %t, want %t", version, value, changed)
		}
		got.wantsValues(t, map[string]string{"#status option[selected]": "CLOSED", "#triage [name=version]": "2"})
	}
}

func TestATriageErrorIsShownAtItsField(t *testing.T) {
	a := newApp(t)
	priya := a.admin("Priya")
	id := a.opensTicket(a.customer("Ana"), "Mine")
	got := priya.post(web.TicketURL(id)+"/triage", url.Values{"status": {"GONE"}, "priority": {"Low"}, "category": {"nowhere"}, "version": {"1"}}).wants(t, 422)
	if text := got.text("#status-error"); text == "" {
		t.Error("the status has no error: the text of #status-error is empty")
	}
	got.wantsElements(t, ".error-summary a[href='#status']")
	got = priya.post(web.TicketURL(id)+"/triage", url.Values{"status": {"OPEN"}, "priority": {"Low"}, "category": {"nowhere"}, "version": {"1"}}).wants(t, 422)
	if got.text("#category-error") == "" {
		t.Error("the category has no error")
	}
}

func TestTheRequesterMayOnlyResolve(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	id := a.opensTicket(ana, "Mine")
	ana.post(web.TicketURL(id)+"/status", url.Values{"status": {"CLOSED"}}).wants(t, 403)
	ana.post(web.TicketURL(id)+"/triage", url.Values{"status": {"CLOSED"}}).wants(t, 403)
	got := ana.post(web.TicketURL(id)+"/status", url.Values{"status": {"RESOLVED"}}, htmx...).wants(t, 200)
	updates := ana.get(web.TicketURL(id)+"/events?after=1", htmx...)
	got.lacksElements(t, "#facts button")
	updates.wantsText(t, "hx-partial #ticket-head .badge", "Resolved")
	if got := updates.text("#s2"); !strings.Contains(got, "marked this as solved") {
		t.Errorf(`the text of #s2 is %q, want it with "marked this as solved"`, got)
	}
	ana.post(web.TicketURL(id)+"/status", url.Values{"status": {"RESOLVED"}}).leadsTo(t, web.TicketURL(id))
}

func TestEveryChangeOfATicketUpdatesTheVersionOfTheTriageForm(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	id := a.opensTicket(ana, "Mine")
	shows := func(got page, version, status string) {
		t.Helper()
		got.wantsValues(t, map[string]string{"hx-partial #triage [name=version]": version, "hx-partial #status option[selected]": status})
	}
	priya.post(web.TicketURL(id)+"/comments", url.Values{"text": {"Done"}, "then": {"resolved"}}, htmx...).wants(t, 200)
	shows(priya.get(web.TicketURL(id)+"/events?after=1", htmx...).wants(t, 200), "2", "RESOLVED")
	ana.post(web.TicketURL(id)+"/messages", url.Values{"text": {"It is not"}}, htmx...).wants(t, 200)
	ana.get(web.TicketURL(id)+"/events?after=3", htmx...).wants(t, 200, "It is not").lacks(t, "triage")
	shows(priya.get(web.TicketURL(id)+"/events?after=3", htmx...).wants(t, 200), "3", "OPEN")
}

func TestTriageSavesOnlyTheChangedFields(t *testing.T) {
	a := newApp(t)
	priya, tom := a.admin("Priya"), a.admin("Tom")
	at := web.TicketURL(a.opensTicket(a.customer("Ana"), "Mine"))
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
	if value := got.value("#status option[selected]"); value != "IN_PROGRESS" {
		t.Errorf("the value of #status option[selected] is %q, want %q", value, "IN_PROGRESS")
	}
	if value := got.value("#priority option[selected]"); value != "Low" {
		t.Errorf("the value of #priority option[selected] is %q, want %q", value, "Low")
	}
	if value := got.value("#category option[selected]"); value != "2" {
		t.Errorf("the value of #category option[selected] is %q, want %q", value, "2")
	}
	choice.Set("category", "3") // another user has changed it since
	got = priya.post(at+"/triage", choice).wants(t, 409, "Nothing was saved")
	if value := got.value("#status option[selected]"); value != "IN_PROGRESS" {
		t.Errorf("the form would overwrite the change of another user: the value of #status option[selected] is %q, want %q", value, "IN_PROGRESS")
	}
	if value := got.value("#priority option[selected]"); value != "Low" {
		t.Errorf("the form would overwrite the change of another user: the value of #priority option[selected] is %q, want %q", value, "Low")
	}
	if value := got.value("#category option[selected]"); value != "3" {
		t.Errorf("the form would overwrite the change of another user: the value of #category option[selected] is %q, want %q", value, "3")
	}
}

// fieldsOf returns the hidden fields of a form.
func fieldsOf(form *goquery.Selection) url.Values {
	out := url.Values{}
	form.Find("input[type=hidden]").Each(func(_ int, s *goquery.Selection) {
		out.Set(s.AttrOr("name", ""), s.AttrOr("value", ""))
	})
	return out
}

func TestTheMessageAfterTriageNamesTheChangeAndOffersUndo(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	at := web.TicketURL(a.opensTicket(ana, "Mine"))
	choice := func(page page, status, priority string) url.Values {
		form := fieldsOf(page.doc.Find("#triage form"))
		form.Set("status", status)
		form.Set("priority", priority)
		form.Set("category", form.Get("was_category"))
		return form
	}
	got := priya.follow(priya.post(at+"/triage", choice(priya.get(at), "RESOLVED", "Urgent")))
	if word := got.text("#flash p"); word != "Ticket #1 is resolved and has priority Urgent." {
		t.Errorf("the message is %q", word)
	}
	undo := got.doc.Find("#flash form")
	back := priya.follow(priya.post(undo.AttrOr("action", ""), fieldsOf(undo)))
	if word := back.text("#flash p"); word != "Ticket #1 is open and has priority Medium." {
		t.Errorf("after Undo the message is %q", word)
	}
	if badge := priya.get(at).text(".ticket-head .badge"); badge != "Open" {
		t.Errorf("after Undo the ticket is %q", badge)
	}
	part := priya.post(at+"/triage", choice(priya.get(at), "CLOSED", "Medium"), htmx...).wants(t, 200)
	if word := part.text("[hx-target='.toasts'] .toast p"); word != "Ticket #1 is closed." {
		t.Errorf("the message to htmx is %q", word)
	}
	text := part.text("[hx-target='#live']")
	if text != "Ticket #1 is closed." {
		t.Errorf(`the text is %q, want "Ticket #1 is closed."`, text)
	}
	part.wantsElements(t, "[hx-target='.toasts'] form[hx-target='#triage']")
	if same := priya.follow(priya.post(at+"/triage", choice(priya.get(at), "CLOSED", "Medium"))); same.has("#flash form") {
		t.Error("Undo is offered although nothing was changed")
	}
}

func TestResolvingIsAnnouncedWithAHintHowToReopen(t *testing.T) {
	a := newApp(t)
	ana := a.customer("Ana")
	at := web.TicketURL(a.opensTicket(ana, "Mine"))
	got := ana.post(at+"/status", url.Values{"status": {"RESOLVED"}}, htmx...).wants(t, 200)
	const word = "Ticket #1 is resolved. If it is not solved after all, write a comment and it opens again."
	text := got.text("[hx-target='#live']")
	if text != word {
		t.Errorf("the text is %q, want %q", text, word)
	}
	got.wantsElements(t, "#facts")
	if got.has("[hx-target='.toasts'] form") {
		t.Error("a customer is offered to set a status")
	}
}

func TestADeletionOffersUndoToThoseWhoMayRestore(t *testing.T) {
	a := newApp(t)
	ana, priya := a.customer("Ana"), a.admin("Priya")
	first, second := web.TicketURL(a.opensTicket(ana, "One")), web.TicketURL(a.opensTicket(ana, "Two"))
	if got := ana.follow(ana.post(first+"/delete", nil)); got.has("#flash form") {
		t.Error("a customer is offered to restore")
	}
	undo := priya.follow(priya.post(second+"/delete", nil)).doc.Find("#flash form")
	priya.post(undo.AttrOr("action", ""), fieldsOf(undo)).leadsTo(t, second)
	ana.get(second).wants(t, 200)
}
