package main

import (
	"net/url"
	"testing"
)

// The update about a colleague who took the ticket may come just before the press, or after it.
func TestAPressThatIsMeantToTakeATicketNeverTakesItOver(t *testing.T) {
	eachBrowser(t, func(t *testing.T, br browser) {
		d, path, priya := openTicket(t, br, adminEmail)
		priya.allow("status of 409")
		alf := newPerson(t, d.base)
		alf.register("Alf", "alf@example.org")
		if err := d.desk.Accounts.Operator.SetRole(t.Context(), "alf@example.org", "admin"); err != nil {
			t.Fatal(err)
		}
		alf.signIn("alf@example.org")
		assign := func(assignee string) {
			t.Helper()
			if _, err := d.pool.Exec(t.Context(), "update tickets set assignee_id = "+assignee); err != nil {
				t.Fatal(err)
			}
		}
		const folded, shown = "document.activeElement.matches('#assignee-now details:not([open]) > summary')", "document.activeElement.matches('#assignee-now [open] > summary')"

		assign("null")
		alf.post(path+"/notes", url.Values{"text": {"I have a look."}})
		priya.until("document.querySelector('#assignee-now').textContent.includes('Unassigned')", "the ticket without an assignee")
		assign("(select id from users where username = 'Alf')") // without an update
		priya.keys("t")
		priya.until("document.querySelector('#assignment [role=alert]')?.textContent.includes('Alf has it now.')", "the answer to the late press")
		priya.until(folded, "the focus on the folded button after the answer")

		assign("null")
		priya.reload()
		priya.focus("#assignee-now button")
		alf.post(path+"/assignment", url.Values{"assignee": {"me"}})
		priya.until(folded, "the focus on the folded button after the update")
		priya.keys("t", "t")
		priya.until(shown, "the button that takes the ticket over after t")

		alf.post(path+"/assignment", url.Values{"assignee": {"none"}})
		priya.until("document.querySelector('#assignee-now').textContent.includes('Unassigned')", "the ticket without an assignee")
		alf.post(path+"/assignment", url.Values{"assignee": {"me"}})
		priya.see("#assignee-now details:not([open])")
		priya.click("#assignee-now summary")
		priya.click("#assignee-now [open] button")
		priya.until("document.querySelector('#assignee-now').textContent.includes('(you)')", "the ticket that was taken over")
	})
}
