package backup_test

import (
	"bytes"
	"errors"
	"testing"

	"frontdesk/db"
	"frontdesk/internal/backup"
)

func TestARestoreIsMarkedBeforeTheDatabaseIsMigrated(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	pool, failure := unmigrated(t), errors.New("the mark cannot be written")
	_, err := backup.Restore(t.Context(), pool, bytes.NewReader(h.archive()), backup.RestoreOptions{Begin: func() error { return failure }})
	if !errors.Is(err, failure) {
		t.Errorf("got %v, want %v", err, failure)
	}
	if schema, _, err := db.SchemaVersions(t.Context(), pool); err != nil || schema != 0 {
		t.Errorf("the schema is %d (%v), want none", schema, err)
	}
}

func TestADeskWithDataIsNotMarkedAsBeingRestored(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	_, err := h.restore(h.archive(), backup.RestoreOptions{Begin: func() error {
		t.Error("a restore has begun")
		return nil
	}})
	if !errors.Is(err, backup.ErrInUse) {
		t.Errorf("got %v, want %v", err, backup.ErrInUse)
	}
}

func TestMailsThatWereNotSentAreNotSentByARestoredDesk(t *testing.T) {
	t.Parallel()
	h, ticket := newUsed(t)
	h.exec("insert into mailboxes (is_environment, address) values (true, 'help@example.org')")
	for i, state := range []string{"queued", "deferred", "sending", "sent"} {
		h.exec(`with m as (insert into mail_out (mailbox_id, kind, email, message_id, subject, state, job_at, next_at, expires_at, created_at)
			select id, 'invitation', 'ana@example.org', $1::text, $1::text, ($1::text)::mail_state, now(), now(), now() + interval '1 day', now() from mailboxes returning id)
			insert into mail_rcpt (mail_out_id, addr, state, updated_at) select id, 'ana@example.org', ($2::text)::mail_rcpt_state, now() from m`, state, []string{"queued", "queued", "queued", "accepted"}[i])
	}
	h.exec("insert into mail_waiting (user_id, ticket_id, seq, reason, at, due_at) select requester_id, id, 1, 'message', now(), now() from tickets where id = $1", ticket.ID)
	h.exec("insert into outbox_consumers (name, kinds) values ('mail', '{comment}')")
	h.exec("insert into outbox_queue (consumer, stream, id, seq) values ('mail', 'ticket', $1, 1)", ticket.ID)
	to := newFixture(t)
	if _, err := to.restore(h.archive(), backup.RestoreOptions{EndMails: true}); err != nil {
		t.Fatal(err)
	}
	var got string
	const list = `select string_agg(o.message_id || ' ' || o.state || ' ' || r.state || ' ' || (o.last_text like 'restored from a backup%'), ', ' order by o.id)
		|| ', waiting ' || (select count(*) from mail_waiting) || (select count(*) from outbox_queue) from mail_out o join mail_rcpt r on r.mail_out_id = o.id`
	if err := to.pool.QueryRow(t.Context(), list).Scan(&got); err != nil {
		t.Fatal(err)
	}
	if want := "queued failed failed true, deferred failed failed true, sending failed failed true, sent sent accepted false, waiting 00"; got != want {
		t.Errorf("the mails are %q, want %q", got, want)
	}
	to.verified()
}
