package doctor

import (
	"context"
	"fmt"
	"time"
)

// failedFor is how long a failed mail is counted after its last attempt.
const failedFor = 24 * time.Hour

// mail checks outgoing mail. A desk that has never had a mailbox has no finding.
func (e *examination) mail(ctx context.Context) error {
	m, err := e.q.DoctorMail(ctx, e.Now().Add(-failedFor))
	if err != nil {
		return err
	}
	paused, err := e.q.DoctorMailboxes(ctx)
	if err != nil {
		return err
	}
	for _, b := range paused {
		if b.ByError {
			e.add("mail", Problem, "the mailbox %s is paused (waiting mails: %d): %s; correct it on /admin/mailboxes (or SMTP_URL) and resume it there", b.Address, b.Waiting, b.PausedReason)
		} else {
			e.add("mail", Warning, "the mailbox %s is %s (waiting mails: %d): resume it on /admin/mailboxes when it is to send again", b.Address, b.PausedReason, b.Waiting)
		}
	}
	waiting := fmt.Sprintf("waiting mails: %d, of them for another try: %d", m.Queued+m.Deferred, m.Deferred)
	switch age := since(m.Seconds); {
	case age > e.limits.mail && len(paused) == 0:
		e.add("mail", Warning, "%s; the oldest waits for %v: read what the server says on /admin/mail?state=deferred", waiting, age)
	case m.Failed > 0:
		e.add("mail", Warning, "failed mails of the last day: %d; read why on /admin/mail?state=failed, and send them again", m.Failed)
	case m.Mailboxes > 0 && len(paused) == 0:
		e.add("mail", OK, "%s; none has failed in the last day", waiting)
	}
	return nil
}
