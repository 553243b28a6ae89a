package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/mail/mailtest"
)

// The outcome of one attempt, for what the server does at a step.
func TestTheAnswerOfTheServerDecidesTheStateOfAMail(t *testing.T) {
	reply := func(text string) mailtest.Act { return mailtest.Act{Reply: text} }
	drop := mailtest.Act{Drop: true}
	for _, c := range []struct {
		step mailtest.Step
		act  mailtest.Act
		want string // state, whether it may be doubled, the state of the recipient, the state of the mailbox
	}{
		{mailtest.Connect, reply("421 4.3.2 busy"), "deferred queued ok"},
		{mailtest.Connect, reply("554 5.7.1 you are listed"), "deferred queued paused"},
		{mailtest.Connect, drop, "deferred queued ok"},
		{mailtest.Ehlo, reply("451 4.3.0 later"), "deferred queued ok"},
		{mailtest.Ehlo, drop, "deferred queued ok"},
		{mailtest.Mail, reply("450 4.2.0 later"), "deferred queued ok"},
		{mailtest.Mail, reply("550 5.7.60 not your address"), "deferred queued paused"},
		{mailtest.Mail, reply("530 5.7.0 sign in first"), "deferred queued paused"},
		{mailtest.Mail, reply("552 5.3.4 too large"), "failed failed ok"},
		{mailtest.Mail, reply("421 4.4.2 closing"), "deferred queued ok"},
		{mailtest.Mail, drop, "deferred queued ok"},
		{mailtest.Rcpt, reply("450 4.2.1 greylisted"), "deferred queued ok"},
		{mailtest.Rcpt, reply("550 5.1.1 no such user"), "failed failed ok"},
		{mailtest.Rcpt, reply("550 5.7.30 basic authentication is disabled"), "deferred queued paused"},
		{mailtest.Rcpt, drop, "deferred queued ok"},
		{mailtest.Data, reply("451 4.3.0 later"), "deferred queued ok"},
		{mailtest.Data, reply("554 5.5.1 no valid recipients"), "failed failed ok"},
		{mailtest.Data, drop, "deferred queued ok"},
		{mailtest.End, reply("451 4.3.0 later"), "deferred queued ok"},
		{mailtest.End, reply("550 5.7.1 spam"), "failed failed ok"},
		{mailtest.End, reply("552 5.2.3 too large"), "failed failed ok"},
		{mailtest.End, drop, "deferred doubled queued ok"},
		{mailtest.End, mailtest.Act{Drop: true, Lose: true}, "deferred doubled queued ok"},
		{mailtest.End, mailtest.Act{Wait: 3 * time.Second}, "deferred doubled queued ok"},
		{mailtest.Rcpt, mailtest.Act{Wait: 3 * time.Second}, "deferred queued ok"},
	} {
		t.Run(fmt.Sprintf("%s %+v", c.step, c.act), func(t *testing.T) {
			h := newDeskWithMail(t)
			h.smtp.FailAt(c.step, c.act)
			h.enqueue(aMail("ana@example.org"))
			h.send()
			got := h.text(`select concat_ws(' ', o.state, case when o.doubled then 'doubled' end, r.state, b.state)
				from mail_out o join mail_rcpt r on r.mail_out_id = o.id join mailboxes b on b.id = o.mailbox_id`)
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if text := h.text("select last_text from mail_out"); text == "" {
				t.Error("the mail has no reason")
			}
		})
	}
}

func TestAFailedMailIsTriedAfterLongerAndLongerPausesForThreeDays(t *testing.T) {
	h := newDeskWithMail(t)
	h.smtp.FailAt(mailtest.Rcpt, mailtest.Act{Reply: "450 4.2.1 later"})
	h.enqueue(aMail("ana@example.org"))
	for i, want := range []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour, time.Hour} {
		h.send()
		pause := time.Duration(h.number("select round(extract(epoch from next_at - $1))::bigint from mail_out", h.Now())) * time.Second
		diff := want - pause
		if diff < 0 {
			t.Fatalf("attempt %d: the pause is %s, want %s", i+1, pause, want)
		}
		if diff > 30*time.Second {
			t.Errorf("attempt %d: the diff is %s, want at most %s", i+1, diff, 30*time.Second)
		}
		h.clock.later(want)
	}
	h.clock.later(3 * 24 * time.Hour)
	h.send()
	h.wantStates("failed")
	if got := h.text("select last_text from mail_out"); !strings.Contains(got, "450 4.2.1 later") {
		t.Errorf("the reason is %q, want the last answer of the server in it", got)
	}
}

func TestAMailIsSentOnceMoreAfterALostAnswerAndThenFails(t *testing.T) {
	h := newDeskWithMail(t)
	h.smtp.FailAt(mailtest.End, mailtest.Act{Drop: true})
	h.enqueue(aMail("ana@example.org"))
	for range 4 {
		h.send()
		h.clock.later(time.Hour)
	}
	h.wantStates("failed!")
	got := h.smtp.Messages()
	if len(got) != 2 {
		t.Fatalf("%d messages arrived, want 2", len(got))
	}
	if a, b := got[0].Header().Get("Message-Id"), got[1].Header().Get("Message-Id"); a != b {
		t.Errorf("the ids are %s and %s, want the same", a, b)
	}
	if got[0].Data != got[1].Data {
		t.Error("the bytes differ")
	}
}

func TestAPausedMailboxKeepsItsMailsUntilItIsResumed(t *testing.T) {
	h := newDeskWithMail(t)
	h.smtp.FailAt(mailtest.Mail, mailtest.Act{Reply: "535 5.7.8 wrong password"})
	h.enqueue(aMail("ana@example.org"))
	h.enqueue(aMail("bo@example.org"))
	h.send()
	h.smtp.Follow(nil)
	h.clock.later(time.Hour)
	h.send()
	if n := h.smtp.Connections(); n != 1 {
		t.Errorf("the server was called %d times, want 1", n)
	}
	h.wantStates("deferred queued")
	if err := h.Mail.Begin(t.Context()); err != nil { // as after a restart
		t.Fatal(err)
	}
	h.send()
	h.wantStates("sent sent")
	if n := h.number("select count(*) from river_job"); n != 2 {
		t.Errorf("there are %d jobs, want 2", n)
	}
}

func TestAMailThatWaitsForItsServerDoesNotUseUpTheRateOfTheMailbox(t *testing.T) {
	h := newDeskWithMail(t)
	h.exec("update mailboxes set rate_per_minute = 1")
	if err := h.Mail.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.smtp.FailAt(mailtest.Connect, mailtest.Act{Drop: true})
	h.enqueue(aMail("ana@example.org"))
	h.send()
	h.enqueue(aMail("bo@example.org"))
	h.send()
	h.wantStates("deferred queued")
	if wait := h.number("select extract(epoch from max(next_at) filter (where state = 'queued') - $1::timestamptz)::bigint from mail_out", h.Now()); wait > 31 {
		t.Errorf("the second mail waits %d seconds, want at most the pause of the server, 30", wait)
	}
}

func TestAMailboxSendsNoMoreMailsInAMinuteThanItsRate(t *testing.T) {
	for _, rate := range []int64{1, 5, 30} {
		t.Run(fmt.Sprint(rate), func(t *testing.T) {
			h := newDeskWithMail(t)
			h.exec("update mailboxes set rate_per_minute = $1", rate)
			if err := h.Mail.Load(t.Context()); err != nil {
				t.Fatal(err)
			}
			for range 2 * rate {
				h.enqueue(aMail("ana@example.org"))
			}
			for start := h.Now(); h.Now().Sub(start) < 59*time.Second; h.clock.later(time.Second) { // the clock goes on meanwhile
				h.send()
			}
			sent := int64(len(h.smtp.Messages()))
			if sent > rate {
				t.Errorf("sent is %d, want at most %d", sent, rate)
			}
			if sent < rate/2 {
				t.Errorf("sent is %d, want at least %d", sent, rate/2)
			}
		})
	}
}

func TestAMailOfADeletedMailboxFails(t *testing.T) {
	h := newDeskWithMail(t)
	h.enqueue(aMail("ana@example.org"))
	h.exec("update mailboxes set removed_at = now()")
	h.send()
	h.wantStates("failed")
	if got, want := h.text("select last_text from mail_out"), "its mailbox was deleted"; got != want {
		t.Errorf("the reason is %q, want %q", got, want)
	}
}

func TestManyMailsShareAConnection(t *testing.T) {
	h := newDeskWithMail(t)
	for i := range 120 {
		h.enqueue(aMail(fmt.Sprintf("user%d@example.org", i)))
	}
	h.send()
	if n := len(h.smtp.Messages()); n != 120 {
		t.Errorf("%d messages arrived, want 120", n)
	}
	if n := h.smtp.Connections(); n != 3 { // 50 on each
		t.Errorf("there were %d connections, want 3", n)
	}
}

func TestMailsToAServerThatDoesNotAnswerWaitWithoutAttempts(t *testing.T) {
	h := newDeskWithMail(t)
	h.smtp.FailAt(mailtest.Connect, mailtest.Act{Drop: true})
	for i := range 5 {
		h.enqueue(aMail(fmt.Sprintf("user%d@example.org", i)))
	}
	h.send()
	if n := h.smtp.Connections(); n != 1 {
		t.Errorf("the server was called %d times, want 1", n)
	}
	if n := h.number("select sum(attempts) from mail_out"); n != 1 {
		t.Errorf("there were %d attempts, want 1", n)
	}
}

func TestTheBytesOfAMailAreRemovedAWeekAfterItsEnd(t *testing.T) {
	h := newDeskWithMail(t)
	h.enqueue(aMail("ana@example.org"))
	h.send()
	h.enqueue(aMail("bo@example.org")) // waits
	h.clock.later(8 * 24 * time.Hour)
	if err := h.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := h.text("select string_agg((raw is not null)::text, ' ' order by id) from mail_out"), "false true"; got != want {
		t.Errorf("the mails have bytes: %s, want %s", got, want)
	}
}

func TestAMailWithoutTheAddressOfItsAccountIsSentWithoutTheCheck(t *testing.T) {
	h := newDeskWithMail(t)
	ana := h.person("ana", account.RoleCustomer)
	l := aMail("other@example.org")
	l.UserID = ana.ID
	h.enqueue(l)
	h.send()
	h.wantStates("sent")
}

func TestAMailboxThatAnErrorHasPausedIsStoppedUntilItIsResumed(t *testing.T) {
	h := newDeskWithMail(t)
	priya := h.person("priya", account.RoleAdmin)
	box := h.number("select id from mailboxes")
	if err := h.Mailboxes.Pause(t.Context(), priya, box); err != nil {
		t.Fatal(err)
	}
	if err := h.Mail.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.Mail.Stopped(); len(got) != 0 {
		t.Errorf("paused by an admin: %v are stopped, want none", got)
	}
	if err := h.Mailboxes.Resume(t.Context(), priya, box); err != nil {
		t.Fatal(err)
	}
	h.smtp.FailAt(mailtest.Mail, mailtest.Act{Reply: "535 5.7.8 wrong password"})
	h.enqueue(aMail("ana@example.org"))
	h.send()
	got := h.Mail.Stopped()
	if len(got) != 1 {
		t.Fatalf("paused by an error: got %d elements, want 1: %q", len(got), got)
	}
	if got[0] != "help@example.org" {
		t.Errorf(`paused by an error: got[0] is %q, want "help@example.org"`, got[0])
	}
	h.smtp.FailAt(mailtest.Mail, mailtest.Act{Reply: "550 5.7.1 not from here"})
	if _, err := h.Mailboxes.Try(t.Context(), priya, box); err != nil {
		t.Fatal(err)
	}
	if err := h.Mail.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := h.Mail.Stopped(); len(got) != 1 {
		t.Errorf("after a test with another error: %v are stopped, want help@example.org", got)
	}
	if err := h.Mailboxes.Resume(t.Context(), priya, box); err != nil {
		t.Fatal(err)
	}
	if got := h.Mail.Stopped(); len(got) != 0 {
		t.Errorf("resumed: %v are stopped, want none", got)
	}
}
