package main

import (
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestANoteOfAColleagueAppearsAtOnceAndTheCustomerGetsNothing(t *testing.T) {
	t.Parallel()
	d, _, path, ana, priya := talk(t, chromium)
	tom := newPerson(t, d.base)
	tom.register("Tom Becker", "tom@example.org")
	if err := d.desk.Accounts.Operator.SetRole(t.Context(), "tom@example.org", "admin"); err != nil {
		t.Fatal(err)
	}
	tom.signIn("tom@example.org")
	ana.open(path)
	priya.fill("#text", "Half a reply")
	priya.enterKey(".note-strip")
	priya.fill("#note-text", "Half a note")
	tom.post(path+"/notes", url.Values{"text": {"Accounts can only re-issue until the 25th."}, "submission_id": {"a-key-of-the-test"}})
	priya.until(inTimeline("Accounts can only re-issue"), "the colleague's note")
	priya.until("document.querySelector('#live').textContent.includes('Internal note of Tom Becker: ')", "the note in the live region, named as one")
	priya.fill("#note-text", "@Tom thank you, @Ana waits")
	priya.press("Save internal note")
	priya.until(inTimeline("thank you"), "the own note")
	priya.until("document.querySelector('#note .notice')?.textContent.includes('Ana was not notified')", "the hint about the name of the customer")
	priya.until("document.getElementById('note-text').value === '' && document.getElementById('text').value === 'Half a reply'", "an empty note, and the reply that is being written")
	priya.inspect("a ticket with notes")
	priya.run("document.querySelector('#text').value = ''")
	tom.post(path+"/comments", url.Values{"text": {"The lamp is on its way."}, "submission_id": {"another-key"}})
	ana.until(inTimeline("The lamp is on its way."), "the public answer")
	if got := ana.eval("document.documentElement.outerHTML"); strings.Contains(got, "25th") || strings.Contains(got, "thank you") || strings.Contains(got, "nternal note") {
		t.Error("the page of the customer shows that there is a note")
	}
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		priya.draw(folder, "note", path+"?compose=note")
		priya.draw(folder, "notes-reply", path)
		priya.draw(folder, "notifications", "/notifications")
	}
}

func TestTheEditorOfNotesOffersColleaguesWhileANameIsTyped(t *testing.T) {
	t.Parallel()
	d, path, priya := openTicket(t, chromium, adminEmail)
	_, err := d.pool.Exec(t.Context(), "insert into users (username, email, password_hash, role) values ('Tom Becker', 'tom@example.org', '-', 'agent'), ('Tomas Nowak', 'tomas@example.org', '-', 'agent')")
	if err != nil {
		t.Fatal(err)
	}
	priya.open(path + "?compose=note")
	priya.fill("#note-text", "Look, @to")
	priya.until("document.querySelectorAll('#mentions [role=option]').length === 2", "two colleagues")
	chosen := func() string {
		return priya.eval("document.getElementById(document.activeElement.getAttribute('aria-activedescendant'))?.textContent ?? ''")
	}
	if got := chosen(); got != "Tom Becker" {
		t.Errorf("%q is chosen at first, want Tom Becker", got)
	}
	priya.inspect("the editor of notes with colleagues")
	priya.keys("ArrowDown")
	if got := chosen(); got != "Tomas Nowak" {
		t.Errorf("%q is chosen after the arrow key, want Tomas Nowak", got)
	}
	priya.keys("Enter")
	priya.until("document.getElementById('note-text').value === 'Look, @Tomas Nowak ' && !document.getElementById('mentions')", "the whole name in the text, and no list")
	priya.fill("#note-text", "@tom")
	priya.until("!!document.getElementById('mentions')", "the list again")
	priya.keys("Escape")
	priya.until("!document.getElementById('mentions') && document.activeElement.value === '@tom'", "no list, and the text as it was")
	priya.fill("#note-text", "9 m²@tom")
	priya.until("!!document.getElementById('mentions')", "the list after a sign that no address has")
	priya.keys("Escape")
	for _, text := range []string{"see http://x/a @tom", "see http://x/a, @tom", "see http://x/a\n@tom"} {
		priya.fill("#note-text", text)
		priya.until("!!document.getElementById('mentions')", "the list after a URL and "+text)
		priya.fill("#note-text", "@tom https://@tom")
		priya.until("!document.getElementById('mentions')", "no list inside a URL")
	}
	priya.fill("#note-text", "Ask @Tom Be")
	priya.until("!!document.getElementById('mentions')", "the list a third time")
	x, y := priya.point("document.querySelector('#note button[type=submit]')", "the button of the note")
	priya.must(priya.page.tap(x, y)) // once: the list must not move the button away between press and release
	priya.until(inTimeline("Ask @Tom Be"), "the note")
	priya.fill("#note-text", "Half a note")
	priya.open(path)
	priya.until("document.getElementById('note-text').value === 'Half a note' && document.getElementById('note-text').checkVisibility()", "the half note in an open composer")
}

func TestANoteRefusedByAProxyStaysInItsForm(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	ana := newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	path, w := ana.ticket("A lamp", "It is dark."), newWire(t, d.base)
	priya := newTab(t, w.base)
	priya.allow("status of 503")
	priya.signIn(adminEmail)
	priya.open(path + "?compose=note")
	w.busy(true)
	priya.fill("#note-text", "In a busy minute")
	priya.click("#note button[type=submit]")
	priya.read("The desk cannot answer right now. Try again in a moment. What you wrote is still here.")
	if got := priya.eval("document.getElementById('note-text').value"); got != "In a busy minute" {
		t.Errorf("the form has the text %q", got)
	}
	w.busy(false)
	priya.click("#note button[type=submit]")
	priya.until(inTimeline("In a busy minute"), "the note")
}

func TestANoteIsUnmistakableInATextBrowser(t *testing.T) {
	t.Parallel()
	lynx, err := exec.LookPath("lynx")
	if err != nil {
		t.Skip("lynx is not installed")
	}
	d := startDesk(t)
	ana, priya := newPerson(t, d.base), newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	path := ana.ticket("A lamp", "It is dark.")
	priya.signIn(adminEmail)
	priya.post(path+"/notes", url.Values{"text": {"Accounts can only re-issue until the 25th."}})
	html, err := priya.get(path + "?compose=note").Html()
	if err != nil {
		t.Fatal(err)
	}
	dump := exec.CommandContext(t.Context(), lynx, "-dump", "-stdin", "-width=100", "-assume_charset=utf-8", "-display_charset=utf-8")
	dump.Stdin, dump.Env = strings.NewReader(html), append(os.Environ(), "HOME="+t.TempDir())
	out, err := dump.Output()
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(string(out)), " ")
	for _, part := range []string{"Internal note, hidden from Ana", "Reply to Ana Kovač", "Internal note only staff read it; Ana never sees it", "Save internal note"} {
		if !strings.Contains(text, part) {
			t.Errorf("%q is missing in lynx: %s", part, text)
		}
	}
	if os.Getenv("SCREENSHOTS") != "" {
		t.Log(string(out))
	}
}
