package main

import (
	"net/url"
	"testing"

	"frontdesk/internal/limit"
)

// mailed adds a mail to the requester about an entry of the first ticket, in a state.
func (d liveDesk) mailed(t *testing.T, seq int, state string) {
	t.Helper()
	_, err := d.pool.Exec(t.Context(), `with added as (
		insert into mail_out (mailbox_id, kind, ticket_id, seq, user_id, email, message_id, subject, raw, state, job_at, next_at, expires_at, created_at, sent_at, last_text)
		select b.id, 'answer', t.id, $1::bigint, t.requester_id, u.email, 'seq' || $1::bigint || '@example.org', '[#1] ' || t.subject, 'x', ($2::text)::mail_state, now(), now() + interval '9 hours',
			now() + interval '1 day', now(), case when $2::text = 'sent' then now() end, 'the mailbox of the recipient is full'
		from mailboxes b, tickets t join users u on u.id = t.requester_id where t.id = 1 returning id, email)
		insert into mail_rcpt (mail_out_id, addr, updated_at) select id, email, now() from added`, seq, state)
	if err != nil {
		t.Fatal(err)
	}
}

func TestPagesOfMailAreAccessible(t *testing.T) {
	d := startLimitedDesk(t, limit.Limits{SignIn: plenty, Register: plenty, Tickets: plenty, Uploads: plenty, Talk: plenty}, sendsMail)
	ana, priya := newPerson(t, d.base), newPerson(t, d.base)
	ana.registerByAPI("Ana Kovač", "ana@example.org")
	priya.signIn(adminEmail)
	path := ana.ticket("A lamp", "It is dark.")
	// The first reply is entry 3, because it also assigns the ticket.
	for i, state := range []string{"queued", "deferred", "sent", "failed", "cancelled", "skipped"} {
		priya.post(path+"/comments", url.Values{"text": {"An answer whose mail is " + state + "."}})
		d.mailed(t, 3+i, state)
	}
	for range 3 { // entries 9 to 11
		priya.post(path+"/messages", url.Values{"text": {"A message in the chat."}})
	}
	d.mailed(t, 9, "sent")
	d.mailed(t, 10, "failed")
	letter := "From: Lindqvist Bikes <desk@example.org>\r\nTo: Ana <ana@example.org>\r\nSubject: [#1] A lamp\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPriya has answered your ticket.\r\n"
	if _, err := d.pool.Exec(t.Context(), "update mail_out set attempts = 3, message_id = '1.6.c0ffee@example.org', raw = $1 where id = 4", []byte(letter)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.pool.Exec(t.Context(), "insert into mail_waiting (user_id, ticket_id, seq, reason, at, due_at) select requester_id, id, 11, 'message', now(), now() from tickets on conflict do nothing"); err != nil {
		t.Fatal(err)
	}
	b := newTab(t, d.base)
	b.signIn(adminEmail)
	b.show("delivery-status", path)
	b.show("mails", "/admin/mail")
	b.show("mails-failed", "/admin/mail?state=failed")
	b.show("mail", "/admin/mail/4")
	b.show("mails-none", "/admin/mail?q=nobody@example.org")
	b.show("mailboxes", "/admin/mailboxes")
	b.show("mail-preferences", "/account/notifications")
	signsOut(b)
	b.signIn("ana@example.org")
	b.show("mail-preferences-customer", "/account/notifications")
}
