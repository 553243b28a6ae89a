package desk_test

import (
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/internal/mail/mailtest"
)

func TestMailsWithoutAJobGetOne(t *testing.T) {
	h := newDeskWithMail(t)
	h.enqueue(aMail("ana@example.org"))
	h.exec("delete from river_job")
	h.clock.later(2 * time.Minute)
	if err := h.Mail.RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.text("select args ->> 'job' from river_job"); got != "2" {
		t.Errorf("the number of the job is %s, want 2", got)
	}
}

func TestAMailGetsAJobEachTimeItIsDue(t *testing.T) {
	h := newDeskWithMail(t)
	jobs := func(want int64, when string) {
		t.Helper()
		if err := h.Mail.RunOnce(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := h.number("select count(*) from river_job where state = 'available'"); n != want {
			t.Errorf("there are %d jobs %s, want %d", n, when, want)
		}
		if n := h.number("select count(*) from river_job where state <> 'available'"); n != 0 {
			t.Errorf("there are %d scheduled jobs %s; many of them take too long", n, when)
		}
	}
	h.smtp.FailAt(mailtest.Mail, mailtest.Act{Reply: "451 4.3.0 try again"})
	h.enqueue(aMail("ana@example.org"))
	jobs(1, "at once")
	h.send()
	h.wantStates("deferred")
	jobs(1, "before the second attempt")
	h.clock.later(61 * time.Second)
	jobs(2, "after a minute")
	jobs(2, "later")
	h.send()
	jobs(2, "before the third attempt")
	h.clock.later(5*time.Minute + time.Second)
	jobs(3, "after five minutes")
}

func TestAMailWhoseMailboxWasDeletedWhileItWasSentFails(t *testing.T) {
	h := newDeskWithMail(t)
	h.smtp.FailAt(mailtest.Mail, mailtest.Act{Reply: "451 4.3.0 try again"})
	h.enqueue(aMail("ana@example.org"))
	h.send()
	h.exec("insert into mailboxes (address, outbound, removed_at) values ('old@example.org', 'x', now())")
	h.exec("update mail_out set mailbox_id = (select max(id) from mailboxes)")
	h.exec("delete from river_job")
	h.clock.later(61 * time.Second)
	if err := h.Mail.RunOnce(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.number("select count(*) from river_job"); n != 1 {
		t.Errorf("there are %d jobs, want the one in which the mail fails", n)
	}
	h.send()
	h.wantStates("failed")
}

func TestAJobThatComesTooLateDoesNotShortenThePauseOfAMail(t *testing.T) {
	h := newDeskWithMail(t)
	h.smtp.FailAt(mailtest.Mail, mailtest.Act{Reply: "451 4.3.0 try again"})
	h.enqueue(aMail("ana@example.org"))
	h.send() // another job has deferred the mail in the meantime
	if err := db.New(h.pool).PostponeMail(t.Context(), db.PostponeMailParams{ID: 1, Now: h.Now(), NextAt: h.Now().Add(time.Second)}); err != nil {
		t.Fatal(err)
	}
	if wait := h.number("select extract(epoch from next_at - $1::timestamptz)::bigint from mail_out", h.Now()); wait < 30 {
		t.Errorf("the next attempt is in %d seconds, want in a minute", wait)
	}
}
