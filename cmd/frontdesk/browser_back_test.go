package main

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// A form that the browser shows again after Back has a new key. It must not contain text that
// was sent, and must contain text that was not sent.
func TestWithoutScriptBackRestoresOnlyTextThatWasNotSent(t *testing.T) {
	inEach(t, []browser{chromiumWithWindows, firefox}, func(t *testing.T, br browser) {
		d := startDesk(t)
		ana := newPerson(t, d.base)
		ana.register("Ana Kovač", "ana@example.org")
		path := ana.ticket("A lamp", "It is dark.")
		b := br.newTab(t, d.base)
		b.withoutScript()
		b.signIn("ana@example.org")
		for i, form := range []struct{ page, field, button string }{
			{path, "#message", "#chat-form button"},
			{path, "#text", sendComment},
			{"/tickets/new", "#subject", `form[action="/tickets"] .btn-row button`},
		} {
			for _, words := range []string{fmt.Sprintf("First %d", i), fmt.Sprintf("Second %d", i)} {
				b.open(form.page)
				b.fill(form.field, words)
				if strings.HasSuffix(form.page, "new") {
					b.fill("#description", "It is dark.")
					b.pick("#category", "Technical")
				}
				if br.restoresFields {
					b.click(".topnav a[href='/tickets']")
					b.until("location.pathname === '/tickets'", "another page")
					b.back()
					b.until(fmt.Sprintf("document.querySelector(%q)?.value === %q", form.field, words), "what was not sent")
				}
				b.click(form.button)
				b.until(fmt.Sprintf("location.pathname + location.hash !== %q && document.body.textContent.includes(%q)", form.page, words), "what was sent")
				b.back()
				b.until(fmt.Sprintf("location.pathname + location.hash === %q && document.querySelector(%q) !== null", form.page, form.field), "the page before")
				if got := b.eval("document.querySelector('" + form.field + "').value"); got != "" {
					t.Errorf("%s: %q was sent and is in a form that would store it again", form.page, got)
				}
			}
		}
	})
}

// The version on a page that is loaded again is new. Choices from before would be saved over the changes of colleagues.
func TestBackShowsTheTicketAsItIsNow(t *testing.T) {
	inEach(t, []browser{chromiumWithWindows, firefox}, func(t *testing.T, br browser) {
		d := startDesk(t)
		ana, colleague := newPerson(t, d.base), newPerson(t, d.base)
		ana.register("Ana Kovač", "ana@example.org")
		path := ana.ticket("A lamp", "It is dark.")
		colleague.signIn(adminEmail)
		b := br.newTab(t, d.base)
		b.signIn(adminEmail)
		b.open(path)
		b.until("document.getElementById('colleagues') !== null", "the page to follow the ticket")
		b.choose("#priority", "Urgent")
		b.click("#triage button")
		// The entry may arrive before the answer with the saved form. Until then, the page asks before it is left.
		b.until("document.querySelector('#triage [name=was_priority]').value === 'Urgent'", "the saved priority")
		b.click(".views a[href='/tickets']")
		b.until("location.pathname === '/tickets'", "another page")
		colleague.post(path+"/status", url.Values{"status": {"RESOLVED"}})
		colleague.post(path+"/assignment", url.Values{"assignee": {"me"}})
		b.back()
		b.until("document.querySelector('.ticket-head .badge')?.dataset.status === 'resolved'", "the ticket as it is now")
		if got := b.eval("document.querySelector('#status').value + ' ' + document.querySelector('#assignee').selectedOptions[0].text"); got != "RESOLVED Me (priya)" {
			t.Errorf("the forms show %q, want the values of the colleague", got)
		}
		b.click(".views a[href='/tickets']")
		b.until("location.pathname === '/tickets'", "another page, without a question")
	})
}
