package main

import (
	"fmt"
	"net/url"
	"testing"
)

// signsInElsewhere signs in another user as a second tab of the same browser does.
func (b *tab) signsInElsewhere(email string) {
	b.t.Helper()
	b.run(fmt.Sprintf(`window.entered = false;
		fetch('/login', {method: 'POST', body: new URLSearchParams({email: %q, password: %q})}).then(() => { window.entered = true; })`, email, password))
	b.until("window.entered", "somebody else signed in, in another tab")
}

func TestAnOldTabDoesNotSendAsAnotherUserWhoSignedInLater(t *testing.T) {
	t.Parallel()
	eachWay(t, chromium, func(t *testing.T, d liveDesk, b *tab, script bool) {
		ana := newPerson(t, d.base)
		ana.register("Ana Kovač", "ana@example.org")
		path := ana.ticket("A lamp", "It is dark.")
		b.allow("status of 409")
		b.allow("WebSocket connection to")
		b.signIn("ana@example.org")
		b.open(path)
		b.signsInElsewhere(adminEmail)
		b.fill(".composer textarea", "Whose comment is this?")
		b.click(sendComment)
		b.read("opened from another account")
		words := "document.querySelector('textarea[readonly]').value"
		if script {
			words = "document.querySelector('#text').value"
		}
		if got := b.eval(words); got != "Whose comment is this?" {
			t.Errorf("the typed text is now %q", got)
		}
		if script { // a form can also be sent without the script
			b.run("document.querySelector('.composer form').submit()")
			b.see("textarea[readonly]")
			b.inspect("a form of another account's page")
		}
		if n := ana.get(path).Find(".timeline .prose").Length(); n != 0 {
			t.Error("a comment of Ana was sent as a comment of the admin")
		}
	})
}

func TestAFormInAnUpdateHasTheSenderOfItsPage(t *testing.T) {
	t.Parallel()
	d, path, priya := openTicket(t, chromium, adminEmail)
	newPerson(t, d.base).register("Tom Lee", "tom@example.org")
	admin := newPerson(t, d.base)
	admin.signIn(adminEmail)
	admin.post(admin.get("/admin/users?q=tom").Find(`#users a[href^="/admin/users/"]`).AttrOr("href", "")+"/role", url.Values{"role": {"admin"}})
	tom := newTab(t, d.base)
	tom.signIn("tom@example.org")
	tom.open(path)
	priya.until("document.querySelector('#colleagues').textContent.includes('Tom')", "Tom on the ticket")
	ana := newPerson(t, d.base)
	ana.signIn("ana@example.org")
	ana.post(path+"/status", url.Values{"status": {"RESOLVED"}})
	for _, b := range []*tab{priya, tom} {
		b.until("document.querySelector('#triage [name=status]').value === 'RESOLVED'", "the form as updates")
		if output := b.eval("new FormData(document.querySelector('#triage form')).get('sender') === document.querySelector('.menu').dataset.user"); output != "true" {
			t.Error("the form has the sender of a colleague")
		}
	}
	tom.choose("#triage [name=priority]", "Low")
	tom.click("#triage button")
	tom.until("document.querySelector('.ticket-head').textContent.includes('Low')", "the choice saved")
}

func TestTheTextOfACommentOnATicketThatWasDeletedMeanwhileIsNotLost(t *testing.T) {
	t.Parallel()
	eachWay(t, chromium, func(t *testing.T, d liveDesk, b *tab, script bool) {
		ana, admin := newPerson(t, d.base), newPerson(t, d.base)
		ana.register("Ana Kovač", "ana@example.org")
		path := ana.ticket("A lamp", "It is dark.")
		admin.signIn(adminEmail)
		b.allow("status of 404")
		b.allow("WebSocket connection to")
		b.signIn("ana@example.org")
		b.open(path)
		b.fill(".composer textarea", "It is still dark.")
		admin.post(path+"/delete", nil)
		b.click(sendComment)
		words := "document.querySelector('textarea[readonly]').value"
		if script {
			b.read("This is no longer here. It may have been deleted, or your account may not see it any more. Copy what you need, then reload the page. What you wrote is still here.")
			words = "document.querySelector('#text').value"
		} else {
			b.see("textarea[readonly]")
		}
		if got := b.eval(words); got != "It is still dark." {
			t.Errorf("the typed text is now %q", got)
		}
		if script { // a form can also be sent without the script
			b.run("document.querySelector('.composer form').submit()")
			b.see("textarea[readonly]")
			b.inspect("a form on a deleted ticket")
		}
	})
}
