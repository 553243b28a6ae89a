package main

import (
	"fmt"
	"net/url"
	"strings"
	"syscall"
	"testing"
)

// sendsChat sends a chat message with the form.
func (b *tab) sendsChat(message string) {
	b.t.Helper()
	b.fill("#message", message)
	b.click("#chat-form button")
}

// chatted returns an expression that is true when the chat of the page shows exactly these
// messages, each once and in this order, and no message waits to be sent.
func chatted(messages ...string) string {
	return fmt.Sprintf(`[...document.querySelectorAll('#chat-log .bubble')].every(b => !b.dataset.state) &&
		[...document.querySelectorAll('#chat-log .bubble > p')].map(p => p.textContent.trim()).join('|') === %q`, strings.Join(messages, "|"))
}

// startLampDesk starts a desk with Ana and a ticket of hers, whose path it returns.
func startLampDesk(t *testing.T) (d liveDesk, path string) {
	t.Helper()
	d = startDesk(t)
	someone := newPerson(t, d.base)
	someone.register("Ana Kovač", "ana@example.org")
	path = someone.ticket("A lamp", "It is dark.")
	// Otherwise the first answer would assign the ticket, and that entry would divide the chat for staff.
	if _, err := d.pool.Exec(t.Context(), "update tickets set assignee_id = (select min(id) from users where role = 'admin')"); err != nil {
		t.Fatal(err)
	}
	return d, path
}

// openTicket opens a ticket of Ana in a browser of one user.
func openTicket(t *testing.T, br browser, email string) (d liveDesk, path string, b *tab) {
	t.Helper()
	d, path = startLampDesk(t)
	b = br.newTab(t, d.base)
	b.signIn(email)
	b.open(path)
	return d, path, b
}

// talk opens a ticket of Ana in a browser of Priya, and signs in Ana in another, which is connected
// through the wire.
func talk(t *testing.T, br browser) (d liveDesk, w *wire, path string, ana, priya *tab) {
	t.Helper()
	d, path = startLampDesk(t)
	w = newWire(t, d.base)
	ana, priya = br.newTab(t, w.base), br.newTab(t, d.base)
	ana.signIn("ana@example.org")
	priya.signIn(adminEmail)
	priya.open(path)
	return d, w, path, ana, priya
}

func TestTwoUsersChatAndSeeEachMessageOnceAndInOrder(t *testing.T) {
	eachBrowser(t, func(t *testing.T, br browser) {
		_, _, path, ana, priya := talk(t, br)
		ana.open(path)
		ana.run("document.querySelector('#more-facts').open = true")
		var all []string
		for i := range 4 {
			ana.sendsChat(fmt.Sprintf("Ana %d", i))
			priya.until(fmt.Sprintf("document.querySelector('#chat-log').textContent.includes('Ana %d')", i), "Ana's message")
			priya.sendsChat(fmt.Sprintf("Priya %d", i))
			ana.until(fmt.Sprintf("document.querySelector('#chat-log').textContent.includes('Priya %d')", i), "Priya's message")
			all = append(all, fmt.Sprintf("Ana %d", i), fmt.Sprintf("Priya %d", i))
		}
		priya.until("!document.querySelector('#facts').textContent.includes('Waiting for us')", "the facts after the talk")
		ana.until("document.querySelector('#last-answer').textContent.includes('Last answer')", "when she was answered")
		ana.until("document.querySelector('#more-facts').open", "the details as she left them, after an update of them")
		for _, b := range []*tab{ana, priya} {
			b.until(chatted(all...), "the whole talk")
			b.until("document.querySelectorAll('#timeline > [data-messages]').length === 1 && document.querySelector('#timeline > [data-messages]').dataset.messages === '8'", "one row for the talk")
			b.reload()
			b.until(chatted(all...), "the same after a reload")
		}
		ana.fill("#text", "Half a sentence, not sent")
		priya.fill(".composer textarea", "A lamp is on its way.")
		priya.click(sendComment)
		ana.until(inTimeline("A lamp is on its way."), "the comment")
		ana.until("document.querySelector('#live').textContent.includes('A lamp is on its way.')", "the comment in the ears")
		if got := ana.eval("document.activeElement.id + ': ' + document.activeElement.value"); got != "text: Half a sentence, not sent" {
			t.Errorf("a new comment moved the field in which she types: %s", got)
		}
		priya.until("document.activeElement.matches('.timeline > li')", "focus on the own comment")
	})
}

func TestAUserWithoutScriptChatsWithAUserWithScript(t *testing.T) {
	t.Parallel()
	_, _, path, ana, priya := talk(t, chromium)
	ana.withoutScript()
	ana.open(path)
	ana.sendsChat("Is somebody there?")
	ana.until(chatted("Is somebody there?"), "her own message, on the page that follows the form")
	priya.until(chatted("Is somebody there?"), "Ana's message")
	priya.sendsChat("I am.")
	priya.until(chatted("Is somebody there?", "I am."), "her own message")
	ana.press("Refresh")
	ana.read("1 new since you were here")
	ana.until(chatted("Is somebody there?", "I am."), "Priya's message")
}

func TestThePagePollsIfSocketsAreBlocked(t *testing.T) {
	t.Parallel()
	_, w, path, ana, priya := talk(t, chromium)
	ana.allow("WebSocket connection to")
	w.plainOnly()
	ana.open(path)
	ana.sendsChat("Through the needle's eye")
	priya.until(chatted("Through the needle's eye"), "Ana's message")
	priya.sendsChat("It came")
	ana.until(chatted("Through the needle's eye", "It came"), "Priya's message")
	if banner := ana.eval("document.querySelectorAll('.banner').length"); banner != "0" {
		t.Error("the banner for a lost connection is shown although polling works")
	}
}

func TestAMessageWrittenOfflineIsStoredOnce(t *testing.T) {
	eachBrowser(t, func(t *testing.T, br browser) {
		d, w, path, ana, priya := talk(t, br)
		for _, text := range []string{"WebSocket connection to", "Failed to fetch", "Failed to load resource"} {
			ana.allow(text)
		}
		ana.open(path)
		ana.sendsChat("Before the tunnel")
		priya.until(chatted("Before the tunnel"), "Ana's message")
		ana.until(chatted("Before the tunnel"), "the answer to her message") // a cut before the answer would leave the message waiting too
		w.cut(true)
		ana.sendsChat("In the tunnel")
		ana.sendsChat("Still in it")
		ana.see(".banner")
		ana.until("document.querySelectorAll('.bubble[data-state=waiting]').length === 2", "both messages waiting")
		ana.inspect("a ticket without connection")
		ana.fill("#text", "A comment from the tunnel")
		ana.click(sendComment)
		ana.see(".toast")
		priya.sendsChat("Where are you?")
		w.cut(false)
		ana.until("document.querySelector('.banner') === null", "the banner to go")
		all := chatted("Before the tunnel", "Where are you?", "In the tunnel", "Still in it")
		ana.until(all, "the whole talk")
		priya.until(all, "the whole talk")
		priya.until(inTimeline("A comment from the tunnel"), "the comment")
		ana.until(inTimeline("A comment from the tunnel"), "her own comment")
		reader := newPerson(t, d.base)
		reader.signIn(adminEmail)
		page := reader.get(path)
		if messages, comments := page.Find(".bubble").Length(), page.Find(".timeline .comment").Length(); messages != 4 || comments != 1 {
			t.Errorf("%d messages and %d comments are stored", messages, comments)
		}
	})
}

func TestACommentRefusedByABusyServerIsSentAgainLater(t *testing.T) {
	t.Parallel()
	_, w, path, ana, priya := talk(t, chromium)
	ana.allow("status of 503")
	ana.open(path)
	w.busy(true)
	ana.fill("#text", "In a busy minute")
	ana.click(sendComment)
	ana.see(".toast")
	if words := ana.eval("document.querySelector('.toast p').textContent"); !strings.Contains(words, "sent once") {
		t.Errorf("the page shows %q", words)
	}
	w.busy(false)
	priya.until(inTimeline("In a busy minute"), "the comment, unasked")
	ana.until(inTimeline("In a busy minute"), "her own comment")
	ana.until("!document.querySelector('.toast') && !document.querySelector('#text').value", "no word of waiting left")
}

func TestAWaitingMessageSurvivesAReloadAndIsSentOnce(t *testing.T) {
	t.Parallel()
	_, w, path, ana, priya := talk(t, chromium)
	for _, text := range []string{"WebSocket connection to", "Failed to fetch", "Failed to load resource"} {
		ana.allow(text)
	}
	ana.open(path)
	ana.sendsChat("The first")
	priya.until(chatted("The first"), "Ana's message")
	w.cut(true)
	ana.sendsChat("Written in the dark")
	ana.see(".bubble[data-state=waiting]")
	w.cut(false)
	ana.reload()
	for _, b := range []*tab{ana, priya} {
		b.until(chatted("The first", "Written in the dark"), "the message, once")
	}
}

func TestARestartOfTheServerLosesNoChatMessage(t *testing.T) {
	t.Parallel()
	settings := []string{"DATA_DIR=" + migratedDir(t), "ADMIN_EMAIL=" + adminEmail, "ADMIN_PASSWORD=" + password}
	first := serve(t, settings...)
	someone := newPerson(t, first.url)
	someone.register("Ana Kovač", "ana@example.org")
	path := someone.ticket("A lamp", "It is dark.")
	w := newWire(t, first.url)
	ana, priya := newTab(t, w.base), newTab(t, w.base)
	for b, email := range map[*tab]string{ana: "ana@example.org", priya: adminEmail} {
		for _, text := range []string{"WebSocket connection to", "Failed to load resource"} {
			b.allow(text)
		}
		b.signIn(email)
		b.open(path)
	}
	ana.sendsChat("Before")
	priya.until(chatted("Before"), "Ana's message")
	first.end(t, syscall.SIGTERM)
	ana.sendsChat("While it is away")
	ana.see(".bubble[data-state=waiting]")
	priya.see(".banner")
	if got := priya.eval("(box => `${box.top < 200} ${box.width > 800}`)(document.getElementById('main').getBoundingClientRect())"); got != "true true" {
		t.Error("the banner moves the page of staff out of its place")
	}
	second := serve(t, settings...)
	w.leadTo(second.url)
	priya.until(chatted("Before", "While it is away"), "the message that waited")
	priya.sendsChat("After")
	for _, b := range []*tab{ana, priya} {
		b.until(chatted("Before", "While it is away", "After"), "the whole talk")
		b.until("document.querySelector('.banner') === null", "the banner to go")
	}
	second.end(t, syscall.SIGTERM)
}

func TestTheScrollPositionStaysWhileMessagesArrive(t *testing.T) {
	t.Parallel()
	d, path := startLampDesk(t)
	someone := newPerson(t, d.base)
	someone.signIn("ana@example.org")
	for i := range 30 {
		postMessage(someone, path, fmt.Sprintf("Line %d", i))
	}
	ana := newTab(t, d.base)
	ana.signIn("ana@example.org")
	ana.open(path)
	ana.run("document.querySelector('.chat-log').scrollTop = -500")
	const where = "Math.round([...document.querySelectorAll('.bubble')].find(b => b.textContent.includes('Line 10')).getBoundingClientRect().top)"
	before := ana.eval(where)
	priya := newPerson(t, d.base)
	priya.signIn(adminEmail)
	postMessage(priya, path, "News")
	postMessage(priya, path, "More news")
	ana.until("document.querySelector('.chat-jump')?.textContent.startsWith('2 new messages')", "the way down")
	if after := ana.eval(where); after != before {
		t.Errorf("the text that she reads was at %s and is at %s", before, after)
	}
	ana.click(".chat-jump button")
	ana.until("document.querySelector('.chat-log').scrollTop === 0 && !document.querySelector('.chat-jump')", "the newest message")
}

// postMessage posts a chat message with the form of the page.
func postMessage(p *person, path, text string) {
	p.t.Helper()
	key := p.get(path).Find("#chat-form [name=submission_id]").AttrOr("value", "")
	p.post(path+"/messages", url.Values{"text": {text}, "submission_id": {key}})
}

// The Enter that ends a composition of an input method does not send the message.
func TestEnterSendsAMessageUnlessAWordIsBeingComposed(t *testing.T) {
	eachBrowser(t, func(t *testing.T, br browser) {
		_, _, path, ana, priya := talk(t, br)
		ana.open(path)
		ana.compose("#message", "日本語")
		ana.until("document.querySelector('#message').value === '日本語'", "the word in the field")
		ana.enterKey("#message")
		ana.until("document.querySelector('#message').value === ''", "an empty field")
		priya.until(chatted("日本語"), "the message, once")
	})
}

func TestTheDayOfAPageThatIsOpenOverMidnightBecomesItsDate(t *testing.T) {
	t.Parallel()
	d, _, path, ana, priya := talk(t, chromium)
	ana.open(path)
	priya.sendsChat("Before midnight")
	ana.until(chatted("Before midnight"), "the first message")
	ana.run("for (const time of document.querySelectorAll('#chat-log .bubble time')) time.dateTime = '2026-01-02T23:59:00Z'")
	want := ana.eval("document.querySelector('#chat-log .day[data-date]').dataset.date")
	admin := newPerson(t, d.base)
	admin.signIn(adminEmail)
	admin.post(path+"/comments", url.Values{"text": {"An answer between the messages"}})
	priya.sendsChat("After midnight")
	ana.until(chatted("Before midnight", "After midnight"), "the second message")
	if got := ana.eval("[...document.querySelectorAll('#chat-log .day[data-date]')].map(day => day.textContent.trim()).join()"); got != want+",Today" {
		t.Errorf("the days are %q, want %q and Today", got, want)
	}
}
