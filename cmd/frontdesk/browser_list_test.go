package main

import (
	"fmt"
	"net/url"
	"path"
	"testing"
)

// positions is an expression for the positions of the rows of the list and of the controls above.
const positions = `[...document.querySelectorAll('tbody > tr, .ticket-list > li, .filters, h1, h2')].map(e => e.id + Math.round(e.getBoundingClientRect().top)).join(' ')`

func TestAQueueAnnouncesNewTicketsWithoutMovingRows(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	ana, tom := newPerson(t, d.base), newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	tom.signIn(adminEmail)
	lamp, bell := ana.ticket("A lamp", "It is dark."), ana.ticket("A bell", "It is quiet.")
	row := func(ticket string) string { return "#row-" + path.Base(ticket) }
	status := func(ticket string) string {
		return fmt.Sprintf("document.querySelector('%s [data-status]')?.dataset.status", row(ticket))
	}
	choice := func(ticket string) string { return row(ticket) + " [name=status]" }

	b := newTab(t, d.base)
	b.signIn(adminEmail)
	b.open("/dashboard")
	b.until("document.title.startsWith('(2) Waiting longest')", "two unread in the title")
	before := b.eval(positions)
	brake := ana.ticket("A brake", "It squeaks.")
	b.until("document.querySelector('.pill')?.textContent.trim() === '1 new ticket'", "the new ticket")
	b.until("document.querySelector('#live').lastElementChild?.textContent === '1 new ticket'", "the same in the ears")
	b.until("document.title.startsWith('(3) Waiting longest')", "the title")
	if after := b.eval(positions); after != before {
		t.Errorf("the page moved:\n%s\n%s", before, after)
	}

	// One row is open for changes and is not updated. The other one is updated at once.
	b.click(row(lamp) + " .change a")
	b.until("document.activeElement.matches('.change select')", "the focus on the first choice")
	b.focus(choice(lamp))
	before = b.eval(positions)
	for _, ticket := range []string{lamp, bell} {
		tom.post(ticket+"/status", url.Values{"status": {"IN_PROGRESS"}})
	}
	b.until(status(bell)+" === 'in_progress'", "the other row's status")
	if after := b.eval(positions); after != before {
		t.Errorf("the page moved under an open row:\n%s\n%s", before, after)
	}
	if got := b.eval(fmt.Sprintf("document.querySelector(%q).value + ' ' + document.activeElement.name", choice(lamp))); got != "OPEN status" {
		t.Errorf("the unsaved choice became %q", got)
	}
	b.click(row(lamp) + " .change summary")
	b.run("document.activeElement.blur()")
	b.until(status(lamp)+" === 'in_progress'", "the row as it is by now")
	before = b.eval(positions)
	tom.post(bell+"/delete", url.Values{})
	b.until(fmt.Sprintf("document.querySelector(%q)?.matches('.is-deleted')", row(bell)), "the deleted ticket's row")
	if after := b.eval(positions); after != before {
		t.Errorf("the page moved:\n%s\n%s", before, after)
	}

	b.click(".pill")
	b.see(row(brake))
	b.until("document.querySelector('.pill') === null", "the link to go")
	if here := b.eval("location.pathname + ' ' + (document.activeElement !== document.body)"); here != "/dashboard true" {
		t.Errorf("the first page is at %s", here)
	}
	// Arrow keys select, and only the button saves.
	b.click(row(brake) + " .change a")
	b.see(choice(brake))
	b.focus(choice(brake))
	b.must(b.page.key("ArrowDown"))
	if got := b.eval(fmt.Sprintf("document.querySelector(%q).value", choice(brake))); got != "IN_PROGRESS" {
		t.Errorf("an arrow key chose %q", got)
	}
	if got := tom.get(brake).Find(".ticket-head .badge").AttrOr("data-status", ""); got != "open" {
		t.Errorf("an arrow key made the ticket %q", got)
	}
	b.click(row(brake) + " .change form button")
	b.until("document.querySelector('.toast')?.textContent.includes('is in progress')", "what was saved")
	b.until("document.activeElement.matches('.change a')", "the focus on the row's menu")
	tom.post(brake+"/status", url.Values{"status": {"RESOLVED"}})
	b.until(status(brake)+" === 'resolved'", "the status that another chose")
}

func TestTheListOfACustomerShowsThatStaffAnswered(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	ana, tom := newPerson(t, d.base), newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	tom.signIn(adminEmail)
	lamp := ana.ticket("A lamp", "It is dark.")
	ana.ticket("A bell", "It is quiet.")
	b := newTab(t, d.base)
	b.signIn("ana@example.org")
	b.open("/tickets")
	before := b.eval(positions)
	tom.post(lamp+"/comments", url.Values{"text": {"One is on its way."}, "submission_id": {"a-key-of-the-test"}})
	row := "#ticket-" + path.Base(lamp)
	b.until(fmt.Sprintf("document.querySelector('%s .unread')?.textContent === '1 new'", row), "the answer in its row")
	b.until("document.title.startsWith('(1) My tickets')", "the answer in the title")
	ana.ticket("A brake", "It squeaks.")
	b.until("document.querySelector('.pill')?.textContent.trim() === '1 new ticket'", "what was sent from elsewhere")
	b.until("document.querySelector('.tabs [aria-current] small').textContent === '3'", "the tab's count")
	if after := b.eval(positions); after != before {
		t.Errorf("the page moved:\n%s\n%s", before, after)
	}
	b.click(".pill")
	b.until("document.querySelectorAll('.ticket-list > li').length === 3 && !document.querySelector('.pill')", "all three")

	// A click whose request is prevented does not focus a list that is loaded later.
	ana.ticket("A saddle", "It is hard.")
	b.until("document.querySelector('.pill') !== null", "the link to one more")
	b.run("document.activeElement.blur()")
	b.run(`document.addEventListener('htmx:before:request', event => event.preventDefault(), { once: true });
		document.querySelector('.pill').click();
		htmx.ajax('GET', '/tickets', { target: '#results', swap: 'innerMorph' })`)
	b.until("document.querySelector('#live').lastElementChild?.textContent === '4 tickets shown'", "all four")
	if got := b.eval("document.activeElement.tagName"); got != "BODY" {
		t.Errorf("the focus is on %s, want the body", got)
	}
}

func TestASignInFromAListReturnsToTheList(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	newPerson(t, d.base).register("Ana Kovač", "ana@example.org")
	admin := newPerson(t, d.base)
	admin.signIn(adminEmail)
	b := newTab(t, d.base)
	b.allow("WebSocket connection to")
	b.allow("status of 401")
	b.signIn("ana@example.org")
	b.open("/tickets?status=OPEN")
	admin.post("/admin/users/"+b.eval("document.querySelector('.menu').dataset.user")+"/sessions", nil)
	b.click(".banner a")
	b.fill("#email", "ana@example.org")
	b.fill("#password", password)
	b.click(`form[action="/login"] button`)
	b.until("location.pathname + location.search === '/tickets?status=OPEN'", "the list again")
}

func TestTheRowAfterATicketThatLeavesTheListGetsTheFocus(t *testing.T) {
	t.Parallel()
	d := startDesk(t)
	ana := newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	for range 30 {
		ana.ticket("A lamp", "It is dark.")
	}
	b := newTab(t, d.base)
	b.signIn(adminEmail)
	b.open("/tickets?status=OPEN&sort=oldest")
	b.click("#row-25 .change a")
	b.choose("#row-25 [name=status]", "RESOLVED")
	before := b.eval("scrollY > 0")
	b.click("#row-25 .change form button")
	b.until("document.activeElement.closest('tr')?.id === 'row-26'", "the focus on the row that took its place")
	if after := b.eval("scrollY > 0"); before != "true" || after != "true" {
		t.Errorf("the page was scrolled: %s before, %s after", before, after)
	}
}
