package mailout

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
	Queued    = db.MailStateQueued
	Sending   = db.MailStateSending
	Sent      = db.MailStateSent
	Deferred  = db.MailStateDeferred
	Failed    = db.MailStateFailed
	Cancelled = db.MailStateCancelled
	Skipped   = db.MailStateSkipped

	// Waiting is the state of chat messages that will be in one mail, which is not written yet.
	Waiting State = "waiting"
)

// DeliveryStatus describes a mail: whether it waits, was sent, failed or was withdrawn.
type DeliveryStatus struct {
	ID      int64  // 0 if the state is Waiting
	Addr    string // of the recipient
	State   State
	Paused  bool      // its mailbox is paused
	Doubled bool      // it may have arrived twice
	HasRaw  bool      // its bytes and its mailbox are there, and its link has not expired, so that it can be sent again
	NextAt  time.Time // of the next try, or when the mail is written
	SentAt  *time.Time
	Text    string // why it failed, waits, was withdrawn or skipped
}

// CanWithdraw reports whether the mail can be withdrawn.
func (f DeliveryStatus) CanWithdraw() bool {
	return f.State == Queued || f.State == Deferred || f.State == Waiting
}

// CanRetry reports whether the mail can be sent again, or at once.
func (f DeliveryStatus) CanRetry() bool {
	return f.HasRaw && (f.State == Deferred || f.State == Failed || f.State == Cancelled)
}

// IsFinal reports whether the mail changes only if a user asks for it.
func (f DeliveryStatus) IsFinal() bool { return f.State != Sending && !f.CanWithdraw() }

// DeliveryStatuses returns the delivery status of the mails to the requester about the events of a
// ticket from first to last, by seq. A mail about several chat messages belongs to the newest one.
func (m *Sender) DeliveryStatuses(ctx context.Context, q *db.Queries, ticketID, first, last int64) (map[int64]DeliveryStatus, error) {
	rows, err := q.DeliveryStatuses(ctx, db.DeliveryStatusesParams{TicketID: ticketID, First: first, Last: last})
	if err != nil {
		return nil, fmt.Errorf("read mails of a ticket: %w", err)
	}
	waiting, err := q.WaitingConversation(ctx, db.WaitingConversationParams{TicketID: ticketID, First: first, Last: last})
	if err != nil {
		return nil, fmt.Errorf("read messages that wait for a mail: %w", err)
	}
	out := make(map[int64]DeliveryStatus, len(rows)+len(waiting))
	for _, w := range waiting {
		out[w.Seq] = DeliveryStatus{Addr: w.Email, State: Waiting, NextAt: conversationDue(w.Oldest, w.Newest)}
	}
	for _, r := range rows {
		out[r.Seq] = DeliveryStatus{ID: r.ID, Addr: r.Addr, State: r.State, Paused: r.Paused, Doubled: r.Doubled, HasRaw: r.HasRaw, NextAt: r.NextAt, SentAt: r.SentAt, Text: r.LastText}
	}
	return out, nil
}

// Decision is the choice of a user about a mail: to withdraw it or to send it again.
type Decision string

// Decisions.
const (
	Withdraw Decision = "withdraw"
	Retry    Decision = "retry"
)

// Answer is an event of a ticket that is mailed to the requester.
type Answer struct{ TicketID, RequesterID, Seq int64 }

// DecideOnAnswer withdraws or retries the mail about an answer. It does not check rights. It
// returns [fault.ErrNotFound] if there is none, and [fault.ErrTooLate] as [Sender.decide] does.
func (m *Sender) DecideOnAnswer(ctx context.Context, q *db.Queries, actor account.Actor, a Answer, do Decision) error {
	statuses, err := m.DeliveryStatuses(ctx, q, a.TicketID, a.Seq, a.Seq)
	if err != nil {
		return err
	}
	f, ok := statuses[a.Seq]
	if !ok {
		return fault.ErrNotFound
	}
	if f.State == Waiting && do == Withdraw {
		if f.ID, err = m.writeNow(ctx, q, a.TicketID, a.RequesterID); err != nil {
			return err
		}
	}
	return m.decide(ctx, q, actor, f.ID, do)
}

// writeNow writes the mail about chat messages that wait for it, without a job, and returns its id. It
// returns [fault.ErrTooLate] if there are none.
func (m *Sender) writeNow(ctx context.Context, q *db.Queries, ticketID, requesterID int64) (int64, error) {
	written, err := m.writeConversation(ctx, q, ticketID, requesterID)
	if err == nil && written == (jobs.Mail{}) {
		err = fault.ErrTooLate
	}
	return written.ID, err
}

// decide withdraws or retries a mail. It returns [fault.ErrTooLate] if the state of the mail does not
// allow it. To retry a mail that is queued already is no error, because forms arrive twice after a
// double click.
func (m *Sender) decide(ctx context.Context, q *db.Queries, actor account.Actor, id int64, do Decision) error {
	switch do {
	case Withdraw:
		n, err := q.WithdrawMail(ctx, db.WithdrawMailParams{ID: id, Now: m.Now(), Text: "withdrawn by " + actor.Username})
		switch {
		case err != nil:
			return fmt.Errorf("withdraw a mail: %w", err)
		case n == 0:
			return fault.ErrTooLate
		}
		return nil
	case Retry:
		return m.retry(ctx, q, id)
	}
	return fault.NewInvalid("do", "Choose to withdraw the mail, or to send it again.")
}

// retry makes a mail due, and adds a job for it.
func (m *Sender) retry(ctx context.Context, q *db.Queries, id int64) error {
	row, err := q.RetryMail(ctx, db.RetryMailParams{ID: id, Now: m.Now(), ExpiresAt: m.Now().Add(maxAge)})
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
	case row.State != Queued && row.State != Sending:
		return fault.ErrTooLate
	}
	return nil
}
