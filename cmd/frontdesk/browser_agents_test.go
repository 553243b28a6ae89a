package main

import (
	"fmt"
	"net/url"
	"path"
	"strings"
	"testing"
)

// place is an expression for the place of a ticket that its page shows, such as "#2 2 of 4".
const place = `document.querySelector('.ticket-head .ticket-no').textContent + ' ' + (document.querySelector('.ticket-nav .num')?.textContent ?? '')`

func TestTwoAgentsWorkAQueue(t *testing.T) {
	t.Parallel()
	eachWay(t, chromium, func(t *testing.T, d liveDesk, b *tab, script bool) {
		b.allow("status of 409")
		ana, tom := newPerson(t, d.base), newPerson(t, d.base)
		ana.register("Ana Kovač", "ana@example.org")
		var tickets []string
		for _, subject := range []string{"A lamp", "A bell", "A brake", "A chain"} {
			tickets = append(tickets, ana.ticket(subject, "It does not work."))
		}
		tom.register("Tom", "tom@example.org")
		if err := d.desk.Accounts.Operator.SetRole(t.Context(), "tom@example.org", "admin"); err != nil {
			t.Fatal(err)
		}
		tom.signIn("tom@example.org")

		b.open("/login")
		b.fill("#email", adminEmail)
		b.fill("#password", password)
		b.click(`form[action="/login"] button`)
		b.until("location.pathname === '/dashboard' && document.querySelectorAll('#queue tbody tr').length === 4", "the queue")

		// A row is changed where it is.
		row := "#row-" + path.Base(tickets[3])
		b.click(row + " .change a")
		b.see(row + " [name=priority]")
		b.choose(row+" [name=priority]", "Urgent")
		b.click(row + " .change form button")
		b.until(fmt.Sprintf("document.querySelector('%s .prio').dataset.priority === 'urgent'", row), "the changed row")

		// The first ticket is opened from the queue, and the others follow.
		b.click("#row-" + path.Base(tickets[0]) + " .subject-line > a")
		b.until(place+" === '#1 1 of 4'", "the place of the first ticket")
		b.click(".ticket-nav [rel=next]")
		b.until(place+" === '#2 2 of 4'", "the next ticket")
		tom.post(tickets[2]+"/status", url.Values{"status": {"RESOLVED"}})
		b.fill("#text", "The bell rings again.")
		b.click(".split-btn summary")
		b.click(`.composer button[value="resolved next"]`)
		b.until(place+" === '#4 2 of 2'", "the next ticket that is not resolved")
		b.read("ticket #2 is resolved")
		if got := tom.get(tickets[1]).Find(".ticket-head .badge").AttrOr("data-status", ""); got != "resolved" {
			t.Errorf("the answered ticket is %q", got)
		}

		// A colleague answers at the same time.
		if script {
			b.until("document.getElementById('colleagues') !== null", "the page to follow the ticket")
		}
		b.fill("#text", "A new chain is on its way.")
		tom.post(tickets[3]+"/comments", url.Values{"text": {"I send a chain."}, "submission_id": {"a-key-of-the-test"}})
		b.click(".composer .split-btn > button")
		b.until("document.querySelector('#reply .notice')?.textContent.includes('Tom answered while you were writing')", "the warning")
		if got := b.eval("document.getElementById('text').value"); got != "A new chain is on its way." {
			t.Errorf("the form has %q", got)
		}
		b.press("Send all the same")
		b.until("document.querySelector('#timeline').textContent.includes('A new chain is on its way.')", "the answer")
		b.until("document.querySelector('.ticket-head .badge').dataset.status === 'in_progress'", "the ticket in progress")

		b.click(".ticket-nav .crumb")
		b.until("document.querySelectorAll('#queue tbody tr').length === 2", "the view without resolved tickets")
		b.click(".views a[href='/tickets']")
		b.until("document.querySelectorAll('#queue tbody tr').length === 4 && document.querySelector('h1').textContent === 'All tickets'", "all tickets")
		b.click(".views a[href='/reports']")
		b.until("document.querySelector('h1').textContent === 'Reports'", "the reports")
	})
}

func TestATextBrowserAnswersATicketAndOpensTheNext(t *testing.T) {
	t.Parallel()
	lynx := lynxPath(t)
	d := startDesk(t)
	ana, scout := newPerson(t, d.base), newPerson(t, d.base)
	ana.register("Ana Kovač", "ana@example.org")
	first, second := ana.ticket("A lamp", "It is dark."), ana.ticket("A bell", "It is quiet.")
	signIn := scout.get("/login")
	scout.signIn(adminEmail)
	at := scout.get("/dashboard").Find("#queue .subject-line > a").First().AttrOr("href", "")
	page := scout.get(at)
	next := page.Find(".ticket-nav [rel=next]").AttrOr("href", "")
	nextPage := scout.get(next)

	var k keys
	k.tabTo(signIn, "#email")
	k.write(adminEmail)
	k.press("<tab>")
	k.write(password)
	k.tabFrom(signIn, "#password", `form[action="/login"] button`)
	k.press("^J")
	k.visit(d.base + at)
	for _, p := range []struct {
		text string
		of   int
	}{{"It shines again", 0}, {"It rings again", 1}} {
		on := page
		if p.of == 1 {
			on = nextPage
		}
		k.tabTo(on, "#text")
		k.write(p.text)
		k.tabFrom(on, "#text", `#reply button[value="resolved next"]`)
		k.press("^J")
	}
	k.press("Q", "y")
	browse(t, lynx, d.base+"/login", k)
	for ticket, want := range map[string]string{first: "It shines again", second: "It rings again"} {
		got := scout.get(ticket)
		if text := got.Find("#timeline").Text(); !strings.Contains(text, want) {
			t.Errorf("%s has no reply %q: %s", ticket, want, text)
		}
		if status := got.Find(".ticket-head .badge").AttrOr("data-status", ""); status != "resolved" {
			t.Errorf("%s is %q, want resolved", ticket, status)
		}
	}
}
