package mailout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/jobs"
	"frontdesk/internal/limit"
	"frontdesk/internal/mail"
)

// errClaimLost is returned if another replica has taken over the mail, or if the database did not
// answer for as long as the claim lasts.
var errClaimLost = errors.New("the claim on the mail has run out")

// Send sends a mail that is due. A mail that has to wait is due later, and gets another job then. It
// returns an error only if the database fails; what servers answer is stored.
func (m *Sender) Send(ctx context.Context, job jobs.Mail) error {
	box, err := m.ready(ctx, job.ID)
	if err != nil || box.ID == 0 {
		return err
	}
	connections := m.connections(box.ID)
	if !connections.take(ctx) {
		return m.postpone(ctx, job.ID, time.Second)
	}
	defer connections.leave()
	wait := connections.wait() // the server did not answer a moment ago
	if wait == 0 {
		wait, err = m.overRate(ctx, box)
	}
	switch {
	case err != nil:
		return err
	case wait > 0:
		return m.postpone(ctx, job.ID, wait)
	}
	claim, err := m.q.ClaimMail(ctx, db.ClaimMailParams{ID: job.ID, Now: m.Now(), LeaseSeconds: m.lease()})
	switch {
	case errors.Is(err, pgx.ErrNoRows): // another job has claimed it, or a right has ended in this moment
		return m.postpone(ctx, job.ID, time.Second)
	case err != nil:
		return fmt.Errorf("claim a mail: %w", err)
	case claim.State != db.MailStateSending:
		return nil
	}
	a := &attempt{m: m, id: job.ID, box: box, connections: connections, claim: claim}
	a.result, a.err = a.deliver(ctx)
	return a.record(context.WithoutCancel(ctx))
}

// ready returns the mailbox of a mail that can be sent now, or the zero value.
func (m *Sender) ready(ctx context.Context, id int64) (box Mailbox, err error) {
	row, err := m.q.PeekMail(ctx, id)
	switch now := m.Now(); {
	case errors.Is(err, pgx.ErrNoRows):
		return box, nil
	case err != nil:
		return box, fmt.Errorf("read a mail: %w", err)
	case row.State != db.MailStateQueued && row.State != db.MailStateDeferred:
		return box, nil
	case row.Removed:
		return box, m.giveUp(ctx, id, "its mailbox was deleted")
	case row.MailboxState != db.MailboxStateOk, row.NextAt.After(now):
		return box, nil // [Sender.Run] adds another job when it is due and the mailbox works
	case !row.ExpiresAt.After(now):
		text := "no attempt was successful in time"
		if row.LastText != "" {
			text += "; the last one: " + row.LastText
		}
		return box, m.giveUp(ctx, id, text)
	}
	box, known := m.box(row.MailboxID)
	if !known || box.problem != nil {
		return Mailbox{}, nil
	}
	return box, m.refresh(ctx, id, row)
}

// refresh writes a mail again if its reader has changed their address since it was written, or if
// some of its events must not or need not be mailed any more.
func (m *Sender) refresh(ctx context.Context, id int64, row db.PeekMailRow) error {
	if row.Moved {
		if err := m.readdress(ctx, id); err != nil {
			return err
		}
	}
	if row.HasEvents {
		return m.renewNotice(ctx, id)
	}
	return nil
}

// overRate counts a mail for the rate of a mailbox, and returns how long it must wait.
func (m *Sender) overRate(ctx context.Context, box Mailbox) (wait time.Duration, err error) {
	if box.rate == 0 {
		return 0, nil
	}
	err = m.limiter.AllowAlone(ctx, limit.Key(fmt.Sprintf("mail/mailbox/%d", box.ID)), rateLimit(box.rate), 1)
	var limited *fault.Limited
	if errors.As(err, &limited) {
		return limited.RetryAfter, nil
	}
	return 0, err
}

// rateLimit returns a limit that allows at most n mails in any minute: a tenth of them at once, and the others one after
// another. A limit of n for a minute would allow nearly twice as many in the first minute.
func rateLimit(n int) limit.Limit {
	atOnce := max(1, n/10)
	if n == 1 {
		return limit.Limit{N: 1, Per: time.Minute}
	}
	return limit.Limit{N: atOnce, Per: time.Duration(atOnce) * time.Minute / time.Duration(n-atOnce)}
}

func (m *Sender) lease() float64 { return m.opts.Lease.Seconds() }

// postpone makes a mail that is due wait without counting an attempt.
func (m *Sender) postpone(ctx context.Context, id int64, wait time.Duration) error {
	at := m.Now().Add(wait)
	if err := m.q.PostponeMail(ctx, db.PostponeMailParams{ID: id, Now: m.Now(), NextAt: at}); err != nil {
		return fmt.Errorf("postpone a mail: %w", err)
	}
	m.dueSoon(at)
	return nil
}

// giveUp ends the attempts for a mail, for a reason.
func (m *Sender) giveUp(ctx context.Context, id int64, text string) error {
	if err := m.q.GiveUpMail(ctx, db.GiveUpMailParams{ID: id, Now: m.Now(), Text: text}); err != nil {
		return fmt.Errorf("give up a mail: %w", err)
	}
	return nil
}

// attempt is one attempt to send a mail.
type attempt struct {
	m           *Sender
	id          int64
	box         Mailbox
	connections *connections
	claim       db.ClaimMailRow
	result      mail.Result
	err         error
}

// deliver sends the bytes, and holds the claim on the mail meanwhile.
func (a *attempt) deliver(ctx context.Context) (mail.Result, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go a.hold(ctx, stop)
	return a.connections.send(ctx, a.box.server, a.m.opts.Timeouts, mail.Envelope{From: a.box.From.Addr, To: a.claim.Recipients, Data: a.claim.Raw,
		BeforeEnd: func() error { return a.markEnd(ctx) }})
}

// hold extends the claim until ctx ends.
func (a *attempt) hold(ctx context.Context, lost func()) {
	tick := time.NewTicker(a.m.opts.Lease / 3)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		held, err := a.m.q.HoldMail(ctx, db.HoldMailParams{ID: a.id, Attempts: a.claim.Attempts, LeaseSeconds: a.m.lease()})
		if err == nil && held == 0 {
			lost()
			return
		}
	}
}

// markEnd records that the server may have the message from now on.
func (a *attempt) markEnd(ctx context.Context) error {
	n, err := a.m.q.MarkMailEnd(ctx, db.MarkMailEndParams{ID: a.id, Attempts: a.claim.Attempts, LeaseSeconds: a.m.lease()})
	switch {
	case err != nil:
		return fmt.Errorf("mark the end of a mail: %w", err)
	case n == 0:
		return errClaimLost
	}
	return nil
}
