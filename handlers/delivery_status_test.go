package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/handlers/web"
)

// mailed adds a mail to the requester about an entry, in a state.
func (a *app) mailed(ticketID, seq int64, state string) {
	a.t.Helper()
	a.exec(`with added as (
		insert into mail_out (mailbox_id, kind, ticket_id, seq, user_id, email, message_id, subject, raw, state, job_at, next_at, expires_at, created_at, sent_at, last_text)
		select b.id, 'answer', t.id, $2, t.requester_id, u.email, gen_random_uuid()::text, t.subject, 'x', $3::text::mail_state, now(), now() + interval '10 seconds', now() + interval '1 day', now(),
			case when $3 = 'sent' then now() end, 'mailbox full'
		from mailboxes b, tickets t join users u on u.id = t.requester_id where t.id = $1 returning id, email)
		insert into mail_rcpt (mail_out_id, addr, updated_at) select id, email, now() from added`, ticketID, seq, state)
}

func TestStaffSeeWhatBecomesOfTheMailAboutAnAnswerAndWithdrawIt(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.agent("Priya")
	id := app.opensTicket(ana, "A lamp")
	path := web.TicketURL(id)
	priya.post(path+"/comments", url.Values{"text": {"It is on its way."}}).wants(t, http.StatusSeeOther)
	page := priya.get(path)
	if got := page.doc.Find("#delivery2").AttrOr("hx-trigger", ""); got != "load delay:1s" {
		t.Errorf("before the mail is written the page asks again with %q, want a second later", got)
	}
	if got := page.text("#delivery2 noscript"); !strings.Contains(got, "refresh the page") {
		t.Errorf("without scripts the page says %q about the mail, want how to see it", got)
	}
	app.mailed(id, 2, "queued")
	if got := priya.get(path).text("#delivery2 .mail-status"); got != "Waits to be mailed to ana@example.org" {
		t.Errorf("queued: got %q", got)
	}
	if ana.get(path).has(".delivery") {
		t.Error("the requester sees the delivery status of the mail")
	}
	back := priya.follow(priya.post(path+"/mails/2", url.Values{"do": {"withdraw"}}))
	if got := back.text("#delivery2 .mail-status"); got != "Mail withdrawn: not sent to ana@example.org (withdrawn by Priya)" {
		t.Errorf("withdrawn: got %q", got)
	}
	if !strings.Contains(back.text(".timeline"), "It is on its way.") {
		t.Error("the comment is gone with its mail")
	}
	priya.post(path+"/mails/2", url.Values{"do": {"withdraw"}}).wants(t, http.StatusConflict)
	sent := priya.post(path+"/mails/2", url.Values{"do": {"retry"}}, htmx...).wants(t, http.StatusSeeOther)
	part := priya.get(sent.Header.Get("Location"), htmx...)
	if got := part.text(".mail-status"); got != "Waits to be mailed to ana@example.org" {
		t.Errorf("sent again, for htmx: got %q", got)
	}
	if n := app.count("select count(*) from river_job where (args->>'job')::int = 1 and state = 'available'"); n != 1 {
		t.Errorf("%d jobs send the mail again at once, want 1", n)
	}
}

func TestEachDeliveryStatusIsShown(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.agent("Priya")
	id := app.opensTicket(ana, "A lamp")
	path := web.TicketURL(id)
	for i, want := range []struct{ state, text, button string }{
		{"sent", "Mailed to ana@example.org", ""},
		{"failed", "Not mailed to ana@example.org: mailbox full", "Retry the mail"},
		{"deferred", "Not mailed yet to ana@example.org: mailbox full", "Retry the mail"},
		{"cancelled", "Mail withdrawn: not sent to ana@example.org (mailbox full)", "Send the mail"},
		{"skipped", "Not mailed to ana@example.org: mailbox full", ""},
	} {
		seq := int64(i + 2)
		priya.post(path+"/comments", url.Values{"text": {fmt.Sprint("Answer ", i)}}).wants(t, http.StatusSeeOther)
		app.mailed(id, seq, want.state)
		slot := priya.get(path).doc.Find(fmt.Sprintf("#delivery%d", seq))
		if got := strings.Join(strings.Fields(slot.Find(".mail-status").Text()), " "); !strings.HasPrefix(got, want.text) {
			t.Errorf("%s: got %q, want %q", want.state, got, want.text)
		}
		if got := slot.Find("button[value=retry]").Text(); got != want.button {
			t.Errorf("%s: the button is %q, want %q", want.state, got, want.button)
		}
	}
}

func TestStaffSeeWhatBecomesOfTheMailAboutATicketThatTheyOpenedForACustomer(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.agent("Priya")
	priya.post("/tickets", url.Values{"subject": {"A lamp"}, "description": {"It is dark."}, "category": {"Technical"}, "priority": {"Low"}, "requester": {"ana@example.org"}}).wants(t, http.StatusSeeOther)
	id := int64(app.count("select max(id) from tickets"))
	path := web.TicketURL(id)
	if got := priya.get(path).doc.Find("#delivery1").AttrOr("hx-trigger", ""); got != "load delay:1s" {
		t.Errorf("before the mail is written the page asks again with %q, want a second later", got)
	}
	app.mailed(id, 1, "failed")
	for name, page := range map[string]page{"page": priya.get(path), "part": priya.get(path+"/mails/1", htmx...)} {
		if got := page.text("#delivery1 .mail-status"); got != "Not mailed to ana@example.org: mailbox full" {
			t.Errorf("%s: got %q", name, got)
		}
		if !page.has("#delivery1 button[value=retry]") {
			t.Errorf("%s: the mail cannot be sent again", name)
		}
	}
	if ana.get(path).has(".delivery") {
		t.Error("the requester sees the delivery status of the mail")
	}
	own := app.opensTicket(ana, "A bell")
	if priya.get(web.TicketURL(own)).has(".delivery") {
		t.Error("a ticket that its requester opened has the delivery status of a mail")
	}
}

// An open page replaces the delivery status of a mail that waits. The button that has the focus must keep it.
func TestTheButtonsOfAMailHaveIDsSoThatTheyKeepTheFocus(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.agent("Priya")
	id := app.opensTicket(ana, "A lamp")
	priya.post(web.TicketURL(id)+"/comments", url.Values{"text": {"An answer"}}).wants(t, http.StatusSeeOther)
	app.mailed(id, 2, "deferred")
	slot := priya.get(web.TicketURL(id)).doc.Find("#delivery2")
	if got := slot.Find("button#delivery2-withdraw, button#delivery2-retry").Length(); got != 2 {
		t.Errorf("%d of the buttons have an id, want 2", got)
	}
}

func TestTheTimeOfTheNextTryIsShownAlsoIfItIsSoon(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.agent("Priya")
	id := app.opensTicket(ana, "A lamp")
	priya.post(web.TicketURL(id)+"/comments", url.Values{"text": {"An answer"}}).wants(t, http.StatusSeeOther)
	app.mailed(id, 2, "deferred") // the next try is in 10 seconds
	app.exec("update mail_out set next_at = date_trunc('minute', next_at)")
	var at time.Time
	if err := app.pool.QueryRow(t.Context(), "select next_at from mail_out").Scan(&at); err != nil {
		t.Fatal(err)
	}
	want := "· Next try at " + at.UTC().Format("15:04")
	if got := priya.get(web.TicketURL(id)).text("#delivery2 .mail-status"); !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want %q at its end", got, want)
	}
}

func TestADeskWithoutMailShowsNoDeliveryStatus(t *testing.T) {
	app := newApp(t)
	ana, priya := app.customer("Ana"), app.agent("Priya")
	path := web.TicketURL(app.opensTicket(ana, "A lamp"))
	priya.post(path+"/comments", url.Values{"text": {"An answer"}}).wants(t, http.StatusSeeOther)
	if priya.get(path).has(".delivery") {
		t.Error("the page has a delivery status")
	}
}

func TestTheReplyFormSaysWhetherTheRequesterGetsTheAnswerByMail(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.agent("Priya")
	path := web.TicketURL(app.opensTicket(ana, "A lamp"))
	const mailed = "they see it on this page, and get it by mail"
	if got := priya.get(path).text(".composer summary"); !strings.Contains(got, mailed) {
		t.Errorf("with mail the form says %q", got)
	}
	ana.post("/account/notifications", url.Values{"status": {"true"}}).wants(t, http.StatusSeeOther)
	if got := priya.get(path).text(".composer summary"); strings.Contains(got, mailed) {
		t.Errorf("to a requester without mails the form says %q", got)
	}
}

func TestStaffSeeWhatBecomesOfTheMailAboutChatMessages(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.agent("Priya")
	id := app.opensTicket(ana, "A lamp")
	path := web.TicketURL(id)
	for range 2 {
		priya.post(path+"/messages", url.Values{"text": {"Hello"}}).wants(t, http.StatusSeeOther)
	}
	first := priya.get(path)
	got := first.doc.Find(".bubble .delivery").Length()
	if got != 1 {
		t.Errorf("%d messages ask for their mail, want only the newest", got)
	}
	if got := first.doc.Find("#s3 #delivery3").AttrOr("hx-trigger", ""); got != "load delay:1s" {
		t.Errorf(`hx-trigger of #s3 #delivery3 is %q, want "load delay:1s"`, got)
	}
	if got := first.text("#delivery3 noscript"); !strings.Contains(got, "2 minutes") {
		t.Errorf("without scripts the page says %q, want how long the mail can be withdrawn", got)
	}
	live := priya.get(path+"/events?after=1", htmx...)
	if !strings.Contains(live.body, `id="delivery3"`) {
		t.Errorf("the body is %s, want it with %q", live.body, `id="delivery3"`)
	}
	if strings.Contains(live.body, `id="delivery2"`) {
		t.Errorf("the body is %s, want it without %q", live.body, `id="delivery2"`)
	}
	app.exec("insert into mail_waiting (user_id, ticket_id, seq, reason, at, due_at) select requester_id, id, 3, 'message', now(), now() + interval '2 minutes' from tickets where id = $1", id)
	for name, page := range map[string]page{"page": priya.get(path), "part": priya.get(path+"/mails/3", htmx...)} {
		got := page.text("#delivery3 .mail-status")
		if !strings.HasPrefix(got, "Waits to be mailed to ana@example.org at ") {
			t.Errorf(`%s: got %q, want the prefix "Waits to be mailed to ana@example.org at "`, name, got)
		}
		if !strings.HasSuffix(got, "unless it is read before") {
			t.Errorf(`%s: got %q, want the end "unless it is read before"`, name, got)
		}
	}
	back := priya.follow(priya.post(path+"/mails/3", url.Values{"do": {"withdraw"}}))
	if got := back.text("#delivery3 .mail-status"); got != "Mail withdrawn: not sent to ana@example.org (withdrawn by Priya)" {
		t.Errorf("withdrawn: got %q", got)
	}
	ana.get(path).lacksElements(t, ".delivery")
	if got := ana.get(path+"/events?after=1", htmx...).body; strings.Contains(got, "delivery\"") {
		t.Errorf("the requester sees the delivery status of the mail: the body is %s, want it without %q", got, "delivery\"")
	}
}

func TestAMailWhoseMailboxWasDeletedCannotBeSentAgain(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.agent("Priya")
	id := app.opensTicket(ana, "A lamp")
	path := web.TicketURL(id)
	priya.post(path+"/comments", url.Values{"text": {"An answer"}}).wants(t, http.StatusSeeOther)
	app.mailed(id, 2, "failed")
	if !priya.get(path).has("#delivery2 button[value=retry]") {
		t.Error("the mail cannot be sent again")
	}
	app.exec("update mailboxes set removed_at = now()")
	if priya.get(path).has("#delivery2 button[value=retry]") {
		t.Error("without its mailbox there is a button to send the mail again")
	}
	priya.post(path+"/mails/2", url.Values{"do": {"retry"}}).wants(t, http.StatusConflict)
}

func TestAWithdrawnMailSaysThatItMayHaveArrivedBefore(t *testing.T) {
	app := newApp(t, sendsMail)
	ana, priya := app.customer("Ana"), app.agent("Priya")
	id := app.opensTicket(ana, "A lamp")
	path := web.TicketURL(id)
	priya.post(path+"/comments", url.Values{"text": {"An answer"}}).wants(t, http.StatusSeeOther)
	app.mailed(id, 2, "deferred")
	app.exec("update mail_out set doubled = true")
	if got := priya.get(path).text("#delivery2 .mail-status"); !strings.Contains(got, "It may arrive twice") {
		t.Errorf("waiting: got %q", got)
	}
	back := priya.follow(priya.post(path+"/mails/2", url.Values{"do": {"withdraw"}}))
	if got := back.text("#delivery2 .mail-status"); !strings.HasSuffix(got, "(withdrawn by Priya). It may have arrived before") {
		t.Errorf("withdrawn: got %q", got)
	}
}
