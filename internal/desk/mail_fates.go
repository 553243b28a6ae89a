package desk

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/jobs"
)

// States of a mail.
const (
	MailQueued    = db.MailStateQueued
	MailSending   = db.MailStateSending
	MailSent      = db.MailStateSent
	MailDeferred  = db.MailStateDeferred
	MailFailed    = db.MailStateFailed
	MailCancelled = db.MailStateCancelled
	MailSkipped   = db.MailStateSkipped

	// MailWaiting is the state of chat messages that will be in one mail, which is not written yet.
	MailWaiting MailState = "waiting"
)

// MailFate is what has become of a mail.
type MailFate struct {
	ID      int64  // 0 if the state is MailWaiting
	Addr    string // of the recipient
	State   MailState
	Paused  bool      // its mailbox is paused
	Doubled bool      // it may have arrived twice
	HasRaw  bool      // its bytes and its mailbox are there, and its link has not expired, so that it can be sent again
	NextAt  time.Time // of the next try, or when the mail is written
	SentAt  *time.Time
	Text    string // why it failed, waits, was withdrawn or skipped
}

// CanWithdraw reports whether the mail can be withdrawn.
func (f MailFate) CanWithdraw() bool {
	return f.State == MailQueued || f.State == MailDeferred || f.State == MailWaiting
}

// CanRetry reports whether the mail can be sent again, or at once.
func (f MailFate) CanRetry() bool {
	return f.HasRaw && (f.State == MailDeferred || f.State == MailFailed || f.State == MailCancelled)
}

// IsFinal reports whether the mail changes only if a user asks for it.
func (f MailFate) IsFinal() bool { return f.State != MailSending && !f.CanWithdraw() }

// Fates returns the mails to the requester about the events of a ticket from first to last, by seq.
// A mail about several chat messages is that of the newest one. Only the staff side sees them; others get none.
func (m *Mail) Fates(ctx context.Context, actor account.Actor, t Ticket, first, last int64) (map[int64]MailFate, error) {
	if !m.Enabled() || !SeesInternal(actor, t) {
		return nil, nil
	}
	return m.fates(ctx, m.q, t.ID, first, last)
}

func (m *Mail) fates(ctx context.Context, q *db.Queries, ticketID, first, last int64) (map[int64]MailFate, error) {
	rows, err := q.MailFates(ctx, db.MailFatesParams{TicketID: ticketID, First: first, Last: last})
	if err != nil {
		return nil, fmt.Errorf("read mails of a ticket: %w", err)
	}
	waiting, err := q.WaitingConversation(ctx, db.WaitingConversationParams{TicketID: ticketID, First: first, Last: last})
	if err != nil {
		return nil, fmt.Errorf("read messages that wait for a mail: %w", err)
	}
	out := make(map[int64]MailFate, len(rows)+len(waiting))
	for _, w := range waiting {
		out[w.Seq] = MailFate{Addr: w.Email, State: MailWaiting, NextAt: conversationDue(w.Oldest, w.Newest)}
	}
	for _, r := range rows {
		out[r.Seq] = MailFate{ID: r.ID, Addr: r.Addr, State: r.State, Paused: r.Paused, Doubled: r.Doubled, HasRaw: r.HasRaw, NextAt: r.NextAt, SentAt: r.SentAt, Text: r.LastText}
	}
	return out, nil
}

// AddFates adds the mails to the entries of a timeline, as [Mail.Fates] returns them, and that about a
// ticket which was opened for its requester.
func (m *Mail) AddFates(ctx context.Context, actor account.Actor, t *Timeline) error {
	if t.Entered != "" {
		opening, err := m.Fates(ctx, actor, t.Ticket, 1, 1)
		if err != nil {
			return err
		}
		if f, ok := opening[1]; ok {
			t.Mail = &f
		}
	}
	if len(t.Entries) == 0 {
		return nil
	}
	fates, err := m.Fates(ctx, actor, t.Ticket, t.Entries[0].Seq, t.Last())
	if err != nil {
		return err
	}
	for i := range t.Entries {
		if f, ok := fates[t.Entries[i].Seq]; ok {
			t.Entries[i].Mail = &f
		}
	}
	return nil
}

// MailDecision is what a user decides about a mail.
type MailDecision string

// Decisions.
const (
	WithdrawMail MailDecision = "withdraw"
	RetryMail    MailDecision = "retry"
)

// DecideOnEvent withdraws or retries the mail to the requester about an event. It returns
// [fault.ErrNotFound] if there is none, [fault.ErrForbidden] for users who may not answer the ticket
// as staff, and [fault.ErrTooLate] as [Mail.decide] does.
func (m *Mail) DecideOnEvent(ctx context.Context, actor account.Actor, ticketID, seq int64, do MailDecision) error {
	return m.act(ctx, actor, func(q *db.Queries) error {
		t, err := m.ticket(ctx, q, actor, ticketID)
		switch {
		case err != nil:
			return err
		case !SeesInternal(actor, t) || !May(actor, ToReply, t):
			return fault.ErrForbidden
		}
		fates, err := m.fates(ctx, q, ticketID, seq, seq)
		if err != nil {
			return err
		}
		f, ok := fates[seq]
		if !ok {
			return fault.ErrNotFound
		}
		if f.State == MailWaiting && do == WithdrawMail {
			if f.ID, err = m.writeNow(ctx, q, t); err != nil {
				return err
			}
		}
		return m.decide(ctx, q, actor, f.ID, do)
	})
}

// writeNow writes the mail about chat messages that wait for it, without a job, and returns its id. It
// returns [fault.ErrTooLate] if there are none.
func (m *Mail) writeNow(ctx context.Context, q *db.Queries, t Ticket) (int64, error) {
	written, err := m.writeConversation(ctx, q, t.ID, t.RequesterID)
	if err == nil && written == (jobs.Mail{}) {
		err = fault.ErrTooLate
	}
	return written.ID, err
}

// decide withdraws or retries a mail. It returns [fault.ErrTooLate] if the state of the mail does not
// allow it. To retry a mail that is queued already is no error, because forms arrive twice after a
// double click.
func (m *Mail) decide(ctx context.Context, q *db.Queries, actor account.Actor, id int64, do MailDecision) error {
	switch do {
	case WithdrawMail:
		n, err := q.WithdrawMail(ctx, db.WithdrawMailParams{ID: id, Now: m.Now(), Text: "withdrawn by " + actor.Username})
		switch {
		case err != nil:
			return fmt.Errorf("withdraw a mail: %w", err)
		case n == 0:
			return fault.ErrTooLate
		}
		return nil
	case RetryMail:
		return m.retry(ctx, q, id)
	}
	return fault.NewInvalid("do", "Choose to withdraw the mail, or to send it again.")
}

// retry makes a mail due, and adds a job for it.
func (m *Mail) retry(ctx context.Context, q *db.Queries, id int64) error {
	row, err := q.RetryMail(ctx, db.RetryMailParams{ID: id, Now: m.Now(), ExpiresAt: m.Now().Add(mailTries)})
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return isQueued(ctx, q, id)
	case err != nil:
		return fmt.Errorf("retry a mail: %w", err)
	case !m.Enabled():
		return nil
	}
	return m.adder.AddMails(ctx, q.Transaction(), []jobs.Mail{{ID: row.ID, Job: row.Job}})
}

// isQueued returns [fault.ErrTooLate] unless a mail is queued or being sent.
func isQueued(ctx context.Context, q *db.Queries, id int64) error {
	row, err := q.PeekMail(ctx, id)
	switch {
	case err != nil:
		return db.Found(err, "read a mail")
	case row.State != MailQueued && row.State != MailSending:
		return fault.ErrTooLate
	}
	return nil
}

// ReachesRequester reports whether the requester of a ticket gets answers by mail, too.
func (m *Mail) ReachesRequester(ctx context.Context, t Ticket) (bool, error) {
	if !m.Enabled() {
		return false, nil
	}
	wants, err := m.q.WantsAnswers(ctx, t.RequesterID)
	if err != nil {
		return false, db.Found(err, "read the mail preferences of a requester")
	}
	return wants, nil
}
