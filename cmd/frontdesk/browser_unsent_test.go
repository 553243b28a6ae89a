package main

import (
	"testing"
	"time"
)

func TestAMessageWithASlowAnswerIsShownOnce(t *testing.T) {
	t.Parallel()
	_, _, path, ana, priya := talk(t, chromium)
	ana.open(path)
	ana.run(`const real = fetch; window.free = null;
		window.fetch = async (...of) => { const answer = await real(...of);
			if (/messages$/.test(of[0])) await new Promise(done => { window.free = done; });
			return answer; }`)
	ana.sendsChat("See\nhttps://example.org/a")
	priya.until("document.querySelectorAll('.bubble').length === 1", "the message")
	ana.until("document.querySelector('.bubble[id]') !== null", "its entry, before the answer")
	const visible = "[...document.querySelectorAll('.bubble')].filter(b => b.checkVisibility()).length"
	if n := ana.eval(visible); n != "1" {
		t.Errorf("the message is shown %s times", n)
	}
	ana.run("window.free()")
	ana.until("document.querySelectorAll('.bubble').length === 1", "the one that waited gone")
}

func TestAWaitingMessageIsNotSentForAnotherUser(t *testing.T) {
	t.Parallel()
	d, _, path, ana, priya := talk(t, chromium)
	ana.allow("WebSocket connection to")
	ana.open(path)
	priya.until("document.querySelector('#presence').textContent.includes('Ana')", "Ana on the ticket")
	admin := newPerson(t, d.base)
	admin.signIn(adminEmail)
	admin.post("/admin/users/"+ana.eval("document.querySelector('.menu').dataset.user")+"/sessions", nil)
	ana.see(".banner a[href^='/login']")
	ana.signsInElsewhere(adminEmail)
	ana.sendsChat("Whose message is this?")
	ana.see(".bubble[data-state=waiting]")
	if n := admin.get(path).Find(".bubble").Length(); n != 0 {
		t.Error("a message of Ana was sent as a message of the admin")
	}
}

// another opens a second tab of the same browser. It returns the tab and a function that closes
// it.
func (b *tab) another() (*tab, func()) {
	b.t.Helper()
	second, err := b.chromium().another()
	b.must(err)
	return &tab{t: b.t, page: second, base: b.base}, second.close
}

// cutMessages makes every request of the page that sends a chat message fail.
const cutMessages = "const real = fetch; window.fetch = (...of) => /messages$/.test(of[0]) ? Promise.reject(new Error('cut')) : real(...of);"

// storedMessages is an expression for the number of chat messages that wait in the browser.
const storedMessages = "Object.keys(localStorage).filter(name => name.includes(':line:')).length"

func TestAMessageOfAClosedTabIsShownAgainAndSentOnceOnRequest(t *testing.T) {
	t.Parallel()
	d, _, path, ana, priya := talk(t, chromium)
	ana.open(path)
	second, closeTab := ana.another()
	second.open(path)
	second.run(cutMessages)
	second.sendsChat("Out of the tunnel")
	second.see(".bubble[data-state=waiting]")
	ana.reload()
	ana.until(storedMessages+" === 1 && document.querySelector('#presence') !== null && document.querySelectorAll('.bubble').length === 0", "nothing of what another tab sends")
	closeTab()
	for ana.eval("navigator.locks.query().then(all => all.held.length)") != "0" {
		time.Sleep(25 * time.Millisecond) // until the tab is closed
	}
	ana.reload()
	ana.read("Not sent yet.")
	someone := newPerson(t, d.base)
	someone.signIn("ana@example.org")
	if n := someone.get(path).Find(".bubble").Length(); n != 0 {
		t.Error("the message was sent without a request of the user")
	}
	ana.press("Send now")
	priya.until(chatted("Out of the tunnel"), "Ana's message")
	ana.until(chatted("Out of the tunnel"), "her own message")
	ana.until(storedMessages+" === 0", "nothing kept")
}

func TestSigningOutDiscardsWaitingMessages(t *testing.T) {
	t.Parallel()
	_, path, ana := openTicket(t, chromium, "ana@example.org")
	ana.run(cutMessages + `
		localStorage.setItem('draft:999:/tickets/1/chat:line:x', JSON.stringify({ id: 'x', text: 'Of somebody else', at: Date.now() }));`)
	ana.sendsChat("Never mind")
	ana.until(storedMessages+" === 2", "both messages kept")
	signsOut(ana)
	ana.until(storedMessages+" === 1", "the other's message kept alone")
	ana.enter("ana@example.org")
	ana.open(path)
	ana.until(chatted(), "no message, not of hers and not of somebody else's")
}

func TestAMessageSentBeforeTheScriptHasLoadedIsStoredOnce(t *testing.T) {
	t.Parallel()
	_, w, path, ana, priya := talk(t, chromium)
	for _, text := range []string{"WebSocket connection to", "Failed to fetch", "Failed to load resource", "net::ERR"} {
		ana.allow(text)
	}
	ana.open(path)
	if got := ana.eval("document.querySelectorAll('script[src*=\"/chat.\"]').length"); got != "0" {
		t.Errorf("%s scripts for the chat are loaded before the user uses it, want 0", got)
	}
	w.cut(true)
	ana.see(".banner")
	ana.sendsChat("Typed without a connection")
	if got := ana.eval("location.pathname + ' ' + document.getElementById('message').value"); got != path+" Typed without a connection" {
		t.Errorf("the page and its field are %q", got)
	}
	w.cut(false)
	for _, b := range []*tab{ana, priya} {
		b.until(chatted("Typed without a connection"), "the message, once")
	}
}

func TestAnOldMessageIsRemovedFromTheBrowserAndADraftStays(t *testing.T) {
	t.Parallel()
	_, _, ana := openTicket(t, chromium, "ana@example.org")
	ana.run(`localStorage.setItem('draft:999:/tickets/1/chat:line:x', JSON.stringify({ id: 'x', text: 'Long ago', at: 1 }));
		localStorage.setItem('draft:999:/tickets/1:comment', 'Not sent yet')`)
	ana.sendsChat("Hello")
	ana.until(storedMessages+" === 0", "no stored message")
	ana.until("localStorage.getItem('draft:999:/tickets/1:comment') === 'Not sent yet'", "the draft of a comment")
}
