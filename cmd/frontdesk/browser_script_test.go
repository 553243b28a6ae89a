package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/limit"
)

const sendTicket = `form[action^="/tickets"] button:not([hidden]):not([name]):not([type=button])`

func TestATooLargeFileBlocksSendingUntilItIsRemoved(t *testing.T) {
	eachBrowser(t, func(t *testing.T, br browser) {
		d := startDesk(t)
		newPerson(t, d.base).register("Ana Kovač", "ana@example.org")
		large := filepath.Join(t.TempDir(), "garage-video.mov")
		if err := os.WriteFile(large, make([]byte, d.desk.Files.MaxUpload()+1), 0o600); err != nil {
			t.Fatal(err)
		}
		b := br.newTab(t, d.base)
		b.signIn("ana@example.org")
		b.open("/tickets/new")
		b.fill("#subject", "Too much at once")
		b.fill("#description", "A film of a garage.")
		b.pick("#category", "Technical")
		b.attach("#attachment", large)
		b.see(".upload[data-state=refused]")
		b.click(sendTicket)
		b.until("document.activeElement.matches('.error-summary') && document.activeElement.textContent.includes('garage-video.mov')", "what is wrong, in the focus")
		if here := b.eval("location.pathname"); here != "/tickets/new" {
			t.Fatalf("the form was sent to %s without its file", here)
		}
		b.click(".upload button")
		b.until("document.querySelector('.upload') === null", "the row to go")
		b.click(sendTicket)
		b.until("document.querySelector('h1').textContent.includes('Too much at once')", "the ticket")
	})
}

func TestAFileRefusedByTheRateLimitCanBeTriedAgain(t *testing.T) {
	t.Parallel()
	d := startLimitedDesk(t, limit.Limits{SignIn: plenty, Register: plenty, Tickets: plenty, Uploads: limit.Limit{N: 1, Per: time.Hour}})
	newPerson(t, d.base).register("Ana Kovač", "ana@example.org")
	var files []string
	for _, name := range []string{"one.txt", "two.txt"} {
		files = append(files, filepath.Join(t.TempDir(), name))
		if err := os.WriteFile(files[len(files)-1], []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := newTab(t, d.base)
	b.allow("status of 429")
	b.signIn("ana@example.org")
	b.open("/tickets/new")
	b.attach("#attachment", files...)
	b.see(".upload[data-state=failed]")
	b.until(`/try again in \d+ seconds/.test(document.querySelector(".upload[data-state=failed]").textContent)`, "when to try again")
	b.until("document.querySelectorAll('.upload[data-state=done]').length === 1", "the first file")
	if _, err := d.pool.Exec(t.Context(), "delete from rate_limits"); err != nil { // as if the time had passed
		t.Fatal(err)
	}
	b.press("Try again")
	b.until("document.querySelectorAll('.upload[data-state=done]').length === 2", "the second file")
}

// answerUploads replaces the answer to every upload of the page by a status and a body.
const answerUploads = `XMLHttpRequest.prototype.send = function () {
	Object.defineProperty(this, 'status', { value: %d });
	Object.defineProperty(this, 'responseText', { value: %q });
	setTimeout(() => this.dispatchEvent(new Event('loadend')));
}`

func TestAFileThatTheServerCannotStoreOrReadShowsTheReason(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	newPerson(t, d.base).register("Ana Kovač", "ana@example.org")
	path := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(path, []byte("notes"), 0o600); err != nil {
		t.Fatal(err)
	}
	b := newTab(t, d.base)
	b.signIn("ana@example.org")
	for _, c := range []struct {
		status            int
		body, state, want string
	}{
		{507, `{"error":"The disk is full."}`, "failed", "The server has no space left for files."},
		{400, `{"name":"broken_file","error":"Broken."}`, "refused", "The server could not read this file"},
		{500, ``, "failed", "The server could not save it."},
	} {
		b.open("/tickets/new")
		b.run(fmt.Sprintf(answerUploads, c.status, c.body))
		b.attach("#attachment", path)
		b.see(fmt.Sprintf(".upload[data-state=%s]", c.state))
		if got := b.eval("document.querySelector('.upload .hint').textContent"); !strings.Contains(got, c.want) {
			t.Errorf("after status %d the page shows %q, want %q", c.status, got, c.want)
		}
	}
}

func TestALostConnectionShowsABannerAndTheCommentIsSentLater(t *testing.T) {
	eachBrowser(t, func(t *testing.T, br browser) {
		d := startDesk(t)
		ana := newPerson(t, d.base)
		ana.register("Ana Kovač", "ana@example.org")
		path := ana.ticket("A lamp", "It is dark.")
		b := br.newTab(t, d.base)
		b.allow("ERR_INTERNET_DISCONNECTED")
		b.allow("WebSocket connection to")
		b.allow("Failed to fetch")
		b.signIn("ana@example.org")
		b.open(path)
		b.must(b.page.connected(false))
		b.see(".banner")
		b.fill(".composer textarea", "Written in a tunnel.")
		b.click(sendComment)
		b.see(".toast")
		b.must(b.page.connected(true))
		b.until("document.querySelector('.banner') === null", "the banner to go")
		b.until(inTimeline("Written in a tunnel."), "the comment")
		if n := ana.get(path).Find(".timeline .prose").Length(); n != 1 {
			t.Errorf("the comment is stored %d times", n)
		}
	})
}

func TestADraftSurvivesReloadAndBackAndIsDeletedWithTheSession(t *testing.T) {
	eachBrowser(t, func(t *testing.T, br browser) {
		d := startDesk(t)
		b := br.newTab(t, d.base)
		b.signIn(adminEmail)
		b.open("/tickets/new")
		b.fill("#subject", "Half a thought")
		b.click("[name=waiting]")
		b.reload()
		b.until("document.querySelector('#subject').value === 'Half a thought'", "the draft after a reload")
		b.until("document.querySelector('[name=waiting]').checked", "the tick of the draft")
		b.click(".btn-row a[href='/tickets']")
		b.until("location.pathname === '/tickets'", "another page")
		b.back()
		b.until("document.querySelector('#subject')?.value === 'Half a thought'", "the draft after Back")
		signsOut(b)
		b.enter(adminEmail)
		b.open("/tickets/new")
		b.until("document.querySelector('#subject').value === ''", "an empty form")
	})
}

func TestPressingTwiceSendsOneComment(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	ana := newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	path := ana.ticket("A lamp", "It is dark.")
	b := newTab(t, d.base)
	b.signIn("ana@example.org")
	b.open(path)
	b.fill(".composer textarea", "Only once.")
	b.run("const b = document.querySelector(`" + sendComment + "`); b.click(); b.click();")
	b.until(inTimeline("Only once."), "the comment")
	if n := ana.get(path).Find(".timeline .prose").Length(); n != 1 {
		t.Errorf("the comment is stored %d times", n)
	}
}
