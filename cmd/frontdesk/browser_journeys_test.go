package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const sendComment = ".composer form button:not([hidden]):not([name]):not([type=button])"

// inTimeline returns an expression that is true when an entry of the page contains the words.
func inTimeline(words string) string {
	return fmt.Sprintf("[...document.querySelectorAll('.timeline li .prose')].some(p => p.textContent.includes(%q))", words)
}

// eachBrowser runs a test in every browser. It is for behaviour that depends on the browser, such as
// Back, sockets, input methods and the focus. Other tests run only in Chromium.
func eachBrowser(t *testing.T, test func(t *testing.T, br browser)) {
	inEach(t, browsers, test)
}

// inEach runs a test in each of the browsers, in parallel.
func inEach(t *testing.T, browsers []browser, test func(t *testing.T, br browser)) {
	t.Parallel()
	for _, br := range browsers {
		t.Run(br.name, func(t *testing.T) {
			t.Parallel()
			test(t, br)
		})
	}
}

// eachWay runs a journey in a browser, with script and without. The steps are the same; with
// script they are only faster.
func eachWay(t *testing.T, br browser, journey func(t *testing.T, d liveDesk, b *tab, script bool)) {
	for name, script := range map[string]bool{"with script": true, "without script": false} {
		t.Run(name, func(t *testing.T) {
			d := startDesk(t)
			b := br.newTab(t, d.base)
			if !script {
				b.withoutScript()
			}
			journey(t, d, b, script)
		})
	}
}

func TestACustomerRegistersOpensATicketAndReadsAnAnswer(t *testing.T) {
	eachBrowser(t, func(t *testing.T, br browser) { eachWay(t, br, customersJourney) })
}

// customersJourney uses only the address of the desk.
func customersJourney(t *testing.T, d liveDesk, b *tab, script bool) {
	t.Helper()
	b.open("/")
	b.click(`main a[href^="/register"]`)
	registers(b, "Ana Kovač", "ana@example.org")
	b.read("No tickets yet")
	filesATicket(t, b, script)
	comments(b, script)

	b.open("/tickets")
	b.read("The rear light went out")
	finds(b, script)
	b.open("/tickets") // the driver has no access to a page that Back restored from memory
	signsOut(b)
	b.open("/tickets")
	b.see(`form[action="/login"]`)
}

// registers fills in and sends the form of a new account.
func registers(b *tab, name, email string) {
	b.t.Helper()
	b.fill("#username", name)
	b.fill("#email", email)
	b.fill("#password", password)
	b.click(`form[action="/register"] button`)
}

// filesATicket sends the form without a subject first. The refused form must keep the typed text
// and the choices.
func filesATicket(t *testing.T, b *tab, script bool) {
	t.Helper()
	photo := filepath.Join(t.TempDir(), "rear-light.txt")
	if err := os.WriteFile(photo, []byte("a drawing of a lamp\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	b.allow("status of 422")
	b.open("/tickets/new")
	b.fill("#description", "It never charged.")
	b.attach("#attachment", photo)
	if script {
		b.see(".upload[data-state=done]")
	}
	b.click(sendTicket)
	b.see(".error-summary")
	if got := b.eval("document.querySelector('#description').value"); got != "It never charged." {
		t.Errorf("after a refused form the description is %q", got)
	}
	if script {
		b.until("document.activeElement.matches('.error-summary')", "focus on the summary")
	}
	b.read("rear-light.txt")
	b.fill("#subject", "The rear light went out")
	b.pick("#category", "Technical")
	b.click(sendTicket)
	b.until("/^.tickets.\\d+/.test(location.pathname)", "the ticket's page")
	b.read("The rear light went out")
	b.see(".file, .files a")
	b.read("rear-light.txt")
}

// comments adds a comment to the ticket of the page, and waits until it is in the
// timeline.
func comments(b *tab, script bool) {
	b.t.Helper()
	b.fill(".composer textarea", "It is the one that came with the Tuva 3.")
	b.click(sendComment)
	b.until(inTimeline("came with the Tuva 3"), "the comment in the timeline")
	b.until("document.querySelector('.composer textarea').value === ''", "an empty form once the comment is sent")
	if script {
		b.until("document.activeElement.matches('.timeline > li')", "focus on the new entry")
	}
}

// finds searches the list of tickets twice, and returns to the first search with Back.
func finds(b *tab, script bool) {
	b.t.Helper()
	b.fill("#q", "submarine")
	if !script {
		b.click(".filters button")
	}
	b.until("location.search.includes('q=submarine') && !document.querySelector('main').textContent.includes('The rear light')", "an empty result")
	b.fill("#q", "light")
	if !script {
		b.click(".filters button")
	}
	b.until("location.search.includes('q=light')", "the search in the address bar")
	b.read("The rear light went out")
	b.back()
	b.until("location.search.includes('q=submarine')", "the search before, by Back")
	b.until("!document.querySelector('main').textContent.includes('The rear light')", "its empty result")
}

// signsOut signs out by the menu, and waits until that is done.
func signsOut(b *tab) {
	b.t.Helper()
	b.click("details.menu summary")
	b.click(`form[action="/logout"] button`)
	b.until("document.querySelector('form[action=\"/logout\"]') === null", "being signed out")
}

func TestAnAdminTriagesAnswersAndRestoresATicket(t *testing.T) {
	t.Parallel()
	eachWay(t, chromium, adminsJourney)
}

// adminsJourney uses only the address of the desk, whose admin is adminEmail.
func adminsJourney(t *testing.T, d liveDesk, b *tab, script bool) {
	t.Helper()
	ana := newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	path := ana.ticket("Invoice 2207 shows our old address", "We moved in September.")

	b.open("/login")
	b.fill("#email", adminEmail)
	b.fill("#password", password)
	b.click(`form[action="/login"] button`)
	b.until("location.pathname === '/dashboard'", "the dashboard")
	b.read("Invoice 2207 shows our old address")

	b.open(path)
	b.choose("#triage [name=status]", "IN_PROGRESS")
	b.click("#triage button")
	b.until("document.querySelector('.ticket-head .badge').dataset.status === 'in_progress'", "the ticket in progress")
	b.fill(".composer textarea", "A new invoice is on its way.")
	b.click(".split-btn summary")
	b.click(".composer button[name=then][value=resolved]")
	b.until("document.querySelector('.ticket-head .badge').dataset.status === 'resolved'", "the ticket resolved")
	b.read("A new invoice is on its way.")
	if answered := ana.get(path).Find("main").Text(); !strings.Contains(answered, "A new invoice is on its way.") {
		t.Error("the requester does not see the answer")
	}

	b.open(path + "/delete")
	b.press("Delete ticket")
	b.until("location.pathname !== '"+path+"/delete'", "leaving the confirmation")
	b.open("/admin/trash")
	b.read("Invoice 2207 shows our old address")
	b.press("Restore")
	b.until("location.pathname === '"+path+"'", "the ticket again")
	b.read("Invoice 2207 shows our old address")

	b.open("/admin/categories")
	b.fill(`form[action="/admin/categories"] [name=name]`, "Spare parts")
	b.click(`form[action="/admin/categories"] button`)
	b.read("Spare parts")
	b.open("/admin/users?q=ana")
	b.read("ana@example.org")
}
