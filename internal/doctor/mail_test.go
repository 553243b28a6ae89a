package doctor

import (
	"testing"

	"frontdesk/db/dbtest"
)

func TestMailThatDoesNotLeaveIsFound(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewOwn(t, nil).Migrate())
	e.run(t.Context())
	for _, f := range e.found {
		if f.Check == "mail" {
			t.Errorf("a desk without mail has %v", f)
		}
	}
	e.exec(t, "insert into mailboxes (address) values ('help@example.org')")
	e.finds(t, "mail", OK, "waiting mails: 0, of them for another try: 0; none has failed")
	mail := func(state, at string) string {
		return "insert into mail_out (mailbox_id, kind, email, message_id, subject, state, job_at, next_at, expires_at, created_at, finished_at) select id, 'test', '', gen_random_uuid()::text, '', '" +
			state + "', now(), now(), now(), " + at + ", case when '" + state + "' = 'failed' then " + at + " end from mailboxes"
	}
	e.exec(t, mail("failed", "now() - interval '25 hours'"))
	e.finds(t, "mail", OK, "none has failed")
	e.exec(t, mail("failed", "now() - interval '23 hours'"))
	e.finds(t, "mail", Warning, "failed mails of the last day: 1")
	e.exec(t, mail("queued", "now() - interval '10 minutes'"))
	e.finds(t, "mail", Warning, "failed mails of the last day: 1")
	e.exec(t, mail("deferred", "now() - interval '2 hours'"))
	e.finds(t, "mail", Warning, "waiting mails: 2, of them for another try: 1; the oldest waits for 2h0m")
	e.exec(t, "update mailboxes set state = 'paused', paused_reason = 'auth: 535', last_error = 'auth: 535'")
	e.finds(t, "mail", Problem, "help@example.org is paused (waiting mails: 2): auth: 535")
	e.exec(t, "update mailboxes set paused_reason = 'paused by Priya'")
	e.finds(t, "mail", Warning, "help@example.org is paused by Priya")
}
