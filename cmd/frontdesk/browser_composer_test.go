package main

import (
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/cdproto/emulation"
)

// onePixel is a PNG of one pixel in Base64.
const onePixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

func TestAComposerAcceptsDroppedAndPastedFilesAndShowsPictures(t *testing.T) {
	t.Parallel()
	_, _, ana := openTicket(t, chromium, "ana@example.org")
	ana.focus("#text")
	ana.until("document.querySelector('script[src*=composer]') !== null", "what sends files")
	ana.run(`window.file = (name, type) => new File([Uint8Array.from(atob('` + onePixel + `'), c => c.charCodeAt(0))], name, { type });
		window.holding = (...files) => { const data = new DataTransfer(); for (const f of files) data.items.add(f); return data; };
		window.at = document.querySelector('.composer .hint');
		window.over = () => at.dispatchEvent(new DragEvent('dragover', { bubbles: true, cancelable: true, dataTransfer: holding(file('over.png', 'image/png')) }));`)
	ana.until("over() === false && document.querySelector('.composer form').hasAttribute('data-over')", "the composer, marked as where one may drop")
	ana.run("document.querySelector('.composer .hint').dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: holding(file('lamp.png', 'image/png')) }))")
	ana.until("document.querySelector('.upload[data-state=done] canvas') !== null", "the dropped file with its picture")
	ana.run("document.getElementById('text').dispatchEvent(new ClipboardEvent('paste', { bubbles: true, cancelable: true, clipboardData: holding(file('pasted.png', 'image/png')) }))")
	ana.until("document.querySelectorAll('.upload[data-state=done]').length === 2", "the pasted file")
	ana.fill("#text", "Both are here.")
	ana.click(sendComment)
	ana.until("document.querySelectorAll('.timeline .file').length === 2", "the comment with both files")
}

func TestAFileThatCannotBeReadIsNotReportedAsALostConnection(t *testing.T) {
	t.Parallel()
	_, _, ana := openTicket(t, chromium, "ana@example.org")
	folder := filepath.Join(t.TempDir(), "holiday")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	ana.attach("#attachment", folder)
	ana.until("document.querySelector('.upload[data-state=refused] .hint')?.textContent.includes('cannot be read. It is a folder')", "why it is not sent")
	if got := ana.eval("[...document.querySelectorAll('.upload button')].map(b => b.textContent.split(' ')[0]).join()"); got != "Remove" {
		t.Errorf("the button is %q, want Remove", got)
	}
}

func TestANewCommentOfAColleagueIsMarkedAndStopsSendingOnce(t *testing.T) {
	t.Parallel()
	d, path, priya := openTicket(t, chromium, adminEmail)
	priya.allow("status of 409")
	tom := newPerson(t, d.base)
	tom.register("Tom", "tom@example.org")
	if err := d.desk.Accounts.Operator.SetRole(t.Context(), "tom@example.org", "admin"); err != nil {
		t.Fatal(err)
	}
	tom.signIn("tom@example.org")
	priya.fill("#text", "A new lamp is on its way.")
	tom.post(path+"/comments", url.Values{"text": {"I have sent a new lamp."}, "submission_id": {"a-key-of-the-test"}})
	priya.until("document.querySelector('.timeline .comment.is-new .unread')?.textContent === 'New'", "the colleague's comment, marked")
	priya.click(sendComment)
	priya.until("document.activeElement.matches('.composer .notice') && document.activeElement.textContent.includes('Tom answered while you were writing')", "the warning")
	if got := priya.eval("document.getElementById('text').value"); got != "A new lamp is on its way." {
		t.Errorf("the form has %q", got)
	}
	priya.press("Send all the same")
	priya.until(inTimeline("A new lamp is on its way."), "the reply")
}

func TestCtrlEnterInAStoppedReplyDoesWhatWasChosen(t *testing.T) {
	t.Parallel()
	_, _, path, ana, priya := talk(t, chromium)
	priya.allow("status of 409")
	priya.fill("#text", "The lamp is mended.")
	ana.open(path)
	ana.fill("#text", "It is still dark.")
	ana.click(sendComment)
	priya.until(inTimeline("It is still dark."), "the customer's comment")
	priya.click(".split-btn summary")
	priya.click(`.composer button[value="resolved"]`)
	priya.until("document.querySelector('.split-btn > button').textContent === 'Send and resolve all the same'", "the stopped reply")
	priya.width(360)
	if got := priya.eval("document.querySelector('.composer .split-btn').getBoundingClientRect().right <= document.querySelector('.composer').getBoundingClientRect().right"); got != "true" {
		t.Error("on a phone the button is wider than the composer")
	}
	priya.width(1280)
	priya.run("document.getElementById('text').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', ctrlKey: true, bubbles: true, cancelable: true }))")
	priya.until("document.querySelector('.ticket-head .badge').dataset.status === 'resolved'", "the resolved ticket")
}

func TestEnterThatConfirmsAnIMECompositionSendsNothing(t *testing.T) {
	t.Parallel()
	_, _, ana := openTicket(t, chromium, "ana@example.org")
	ana.fill("#message", "にほ")
	press := func(details string) string {
		return ana.eval("document.getElementById('message').dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, " + details + " }))")
	}
	for _, details := range []string{"keyCode: 229", "isComposing: true"} {
		if got := press(details); got != "true" {
			t.Errorf("the Enter with %s sends the message", details)
		}
	}
	if got := ana.eval("document.querySelectorAll('.bubble').length"); got != "0" {
		t.Errorf("%s messages were sent", got)
	}
	press("keyCode: 13")
	ana.until("document.querySelectorAll('.bubble').length === 1", "the message")
}

func TestTimesAreShownInTheTimeZoneOfTheReader(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	newPerson(t, d.base).register("Ana Kovač", "ana@example.org")
	b := newTab(t, d.base)
	b.must(send(b.chromium(), emulation.SetTimezoneOverride, emulation.SetTimezoneOverrideParams{TimezoneID: "Asia/Kathmandu"}))
	b.signIn("ana@example.org")
	b.open("/account")
	b.run(`const made = document.createElement('div');
		made.innerHTML = ['08:15', 'today, 08:15', '2 Jan', '31 Dec 2024', '31 Dec 2024, 20:30', '3 hours ago'].map((words, i) => '<time datetime="' + ['2025-01-02T08:15:00Z', '2025-01-02T08:15:00Z', '2025-01-02T23:00:00Z', '2024-12-31T20:30:00Z', '2024-12-31T20:30:00Z', '2024-12-31T20:30:00Z'][i] + '">' + words + '</time>').join('');
		document.dispatchEvent(new CustomEvent('htmx:before:swap', { detail: { ctx: {}, tasks: [{ fragment: made }] } }));
		window.times = [...made.children].map(time => time.textContent).join('|') + '|' + made.lastChild.title;`)
	if got, want := b.eval("times"), "14:00|2 Jan 2025, 14:00|3 Jan 2025|1 Jan 2025|1 Jan 2025, 02:15|3 hours ago|1 Jan 2025, 02:15"; got != want {
		t.Errorf("the times are %q, want %q", got, want)
	}
	if got, want := b.eval("document.getElementById('zone').textContent"), "Times are in Asia/Kathmandu."; got != want && got != "Times are in Asia/Katmandu." {
		t.Errorf("the zone is %q, want %q", got, want)
	}
}

func TestResolvingATicketIsAnnouncedAndKeepsTheFocus(t *testing.T) {
	t.Parallel()
	_, _, ana := openTicket(t, chromium, "ana@example.org")
	ana.press("This is solved")
	ana.until("[...document.getElementById('live').children].some(p => p.textContent.startsWith('Ticket #1 is resolved.'))", "the announcement")
	ana.until("document.activeElement.id === 'facts'", "the focus where the button was")
}

func TestATicketThatCannotBeSentKeepsItsForm(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	newPerson(t, d.base).register("Ana Kovač", "ana@example.org")
	b := newTab(t, d.base)
	b.signIn("ana@example.org")
	b.open("/tickets/new")
	b.fill("#subject", "In a tunnel")
	b.fill("#description", "It is dark.")
	b.pick("#category", "Technical")
	b.must(b.page.connected(false))
	b.click(sendTicket)
	b.until("document.querySelector('.toast')?.textContent.includes('What you wrote is kept here')", "what became of it")
	if got := b.eval("location.pathname + ' ' + document.getElementById('subject').value"); got != "/tickets/new In a tunnel" {
		t.Errorf("the page is %q", got)
	}
	b.must(b.page.connected(true))
	b.click(sendTicket)
	b.until("document.querySelector('h1').textContent === 'In a tunnel'", "the ticket")
	b.open("/tickets/new")
	if got := b.eval("document.getElementById('subject').value"); got != "" {
		t.Errorf("the sent text is still a draft: %q", got)
	}
}
