package desk_test

import (
	"context"
	"sync"
	"testing"
	"time"
)

// runs runs what a serving process does for mails, except the work of jobs, until the test ends.
func (h deskWithMail) runs() {
	ctx, stop := context.WithCancel(h.t.Context())
	var running sync.WaitGroup
	running.Go(func() { h.Mail.Run(ctx) })
	h.t.Cleanup(func() { stop(); running.Wait() })
}

// latest returns how much later than it is due the mail that is due last has got its job, in milliseconds.
func (h deskWithMail) latest(jobs int64) int64 {
	h.t.Helper()
	for begun := time.Now(); h.number("select count(*) from river_job") < jobs; time.Sleep(20 * time.Millisecond) {
		if time.Since(begun) > 20*time.Second {
			h.t.Fatalf("there are %d jobs, want %d", h.number("select count(*) from river_job"), jobs)
		}
	}
	return h.number("select (1000 * max(extract(epoch from job_at - next_at)))::bigint from mail_out where job > 1 or job_at > created_at")
}

func TestAReplicaWithoutDueMailsChangesNothing(t *testing.T) {
	h := newDeskWithMail(t)
	h.exec("create table updates ()")
	h.exec("create function count_updates() returns trigger language plpgsql as 'begin insert into updates default values; return null; end'")
	h.exec("create trigger count_updates after update on mail_out for each statement execute function count_updates()")
	h.runs()
	time.Sleep(2 * time.Second)
	if n := h.number("select count(*) from updates"); n > 2 {
		t.Errorf("%d updates in two seconds, want at most the two that come every five seconds", n)
	}
}

func TestAMailThatAnotherReplicaHasWrittenGetsItsJobWhenItIsDue(t *testing.T) {
	h := newDeskWithMail(t)
	h.runs()
	time.Sleep(100 * time.Millisecond)
	h.enqueue(aMail("ana@example.org"))
	h.exec("delete from river_job")
	h.exec("update mail_out set job = 0, job_at = now(), next_at = now() + interval '2.5 seconds'")
	if late := h.latest(1); late > 2000 {
		t.Errorf("the job comes %d ms after the mail is due, want 2000 at most", late)
	}
}

func TestAMailThatWaitsForTheRateOfItsMailboxGetsItsJobWhenItIsDue(t *testing.T) {
	h := newDeskWithMail(t)
	h.exec("update mailboxes set rate_per_minute = 60")
	if err := h.Mail.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	for range 6 {
		h.enqueue(aMail("ana@example.org"))
	}
	h.send()
	h.runs()
	time.Sleep(200 * time.Millisecond) // it has looked for mails
	h.enqueue(aMail("ana@example.org"))
	h.send() // it waits about a second
	if late := h.latest(8); late > 2000 {
		t.Errorf("the job comes %d ms after the mail is due, want 2000 at most", late)
	}
}
