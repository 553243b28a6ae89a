package desk

import (
	"context"
	"fmt"
	"math"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// MailListing is a mail in the list of outgoing mail.
type MailListing struct {
	MailFate
	Kind      MailKind
	TicketID  int64 // 0 for none
	Subject   string
	CreatedAt time.Time
}

// MailFilter selects mails of the list. The zero value selects the newest ones.
type MailFilter struct {
	State  MailState // "" for all
	Email  string    // the whole address of a recipient; "" for all
	Before int64     // the id of the mail after which the page begins; 0 for the newest
}

// MailCounts are the numbers of outgoing mail, each up to 100,000.
type MailCounts struct {
	Queued, Deferred int64         // mails that wait; Deferred for another try
	Failed           int64         // in the last day
	Oldest           time.Duration // how long the oldest one has waited
	Paused           int64         // mailboxes
}

// Counts returns the numbers of outgoing mail, about all tickets. It returns [fault.ErrForbidden]
// without [account.ManageSettings].
func (m *Mail) Counts(ctx context.Context, actor account.Actor) (MailCounts, error) {
	if !actor.Can(account.ManageSettings) {
		return MailCounts{}, fault.ErrForbidden
	}
	c, err := m.q.DoctorMail(ctx, m.Now().Add(-24*time.Hour))
	if err != nil {
		return MailCounts{}, fmt.Errorf("count mails: %w", err)
	}
	return MailCounts{Queued: c.Queued, Deferred: c.Deferred, Failed: c.Failed, Oldest: time.Duration(c.Seconds * float64(time.Second)), Paused: c.Paused}, nil
}

// PageMails is the maximum number of mails on a page.
const PageMails = 50

// List returns outgoing mails, the newest first, and whether there are more. Mails about tickets that
// the actor may not read are left out. It returns [fault.ErrForbidden] without
// [account.ManageSettings].
func (m *Mail) List(ctx context.Context, actor account.Actor, f MailFilter) (all []MailListing, more bool, err error) {
	if !actor.Can(account.ManageSettings) {
		return nil, false, fault.ErrForbidden
	}
	before := f.Before
	if before <= 0 {
		before = math.MaxInt64
	}
	state := f.State
	if !state.Valid() {
		state = ""
	}
	if f.Email != "" {
		all, err = m.find(ctx, actor, db.FindMailParams{Email: f.Email, Before: before, State: string(state), Max: PageMails + 1})
	} else {
		all, err = m.list(ctx, m.q, actor, db.ListMailParams{Before: before, State: string(state), Max: PageMails + 1})
	}
	if len(all) > PageMails {
		return all[:PageMails], true, err
	}
	return all, false, err
}

func (m *Mail) list(ctx context.Context, q *db.Queries, actor account.Actor, in db.ListMailParams) ([]MailListing, error) {
	in.Reach, in.Viewer = actor.Scope()
	rows, err := q.ListMail(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("list mails: %w", err)
	}
	all := make([]MailListing, len(rows))
	for i, r := range rows {
		all[i] = mailListing(r)
	}
	return all, nil
}

// find returns the mails to an address.
func (m *Mail) find(ctx context.Context, actor account.Actor, in db.FindMailParams) ([]MailListing, error) {
	in.Reach, in.Viewer = actor.Scope()
	rows, err := m.q.FindMail(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("find mails: %w", err)
	}
	all := make([]MailListing, len(rows))
	for i, r := range rows {
		all[i] = mailListing(db.ListMailRow(r))
	}
	return all, nil
}

func mailListing(r db.ListMailRow) MailListing {
	return MailListing{Kind: r.Kind, TicketID: r.TicketID, Subject: r.Subject, CreatedAt: r.CreatedAt,
		MailFate: MailFate{ID: r.ID, Addr: r.Addr, State: r.State, Paused: r.Paused, Doubled: r.Doubled, HasRaw: r.HasRaw, NextAt: r.NextAt, SentAt: r.SentAt, Text: r.LastText}}
}

// Decide withdraws or retries a mail of the list. It returns [fault.ErrForbidden] without
// [account.ManageSettings], [fault.ErrNotFound] for a mail that is not in the actor's list, and
// [fault.ErrTooLate] as [Mail.decide] does.
func (m *Mail) Decide(ctx context.Context, actor account.Actor, id int64, do MailDecision) error {
	if !actor.Can(account.ManageSettings) {
		return fault.ErrForbidden
	}
	return m.act(ctx, actor, func(q *db.Queries) error {
		found, err := m.list(ctx, q, actor, db.ListMailParams{Before: id + 1, After: id - 1, Max: 1})
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return fault.ErrNotFound
		}
		return m.decide(ctx, q, actor, id, do)
	})
}
