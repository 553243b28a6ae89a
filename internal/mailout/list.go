package mailout

import (
	"context"
	"fmt"
	"math"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// Listing is a mail in the list of outgoing mail.
type Listing struct {
	DeliveryStatus
	Kind      Kind
	TicketID  int64 // 0 for none
	Subject   string
	CreatedAt time.Time
}

// Filter selects mails of the list. The zero value selects the newest ones.
type Filter struct {
	State  State  // "" for all
	Email  string // the whole address of a recipient; "" for all
	Before int64  // the id of the mail after which the page begins; 0 for the newest
}

// Counts are the numbers of outgoing mail, each up to 100,000.
type Counts struct {
	Queued, Deferred int64         // mails that wait; Deferred for another try
	Failed           int64         // in the last day
	Oldest           time.Duration // how long the oldest one has waited
	Paused           int64         // mailboxes
}

// Counts returns the numbers of outgoing mail, about all tickets.
func (s *Service) Counts(ctx context.Context, actor account.Actor) (Counts, error) {
	if !actor.Can(account.ManageSettings) {
		return Counts{}, fault.ErrForbidden
	}
	c, err := s.q.DoctorMail(ctx, s.Now().Add(-24*time.Hour))
	if err != nil {
		return Counts{}, fmt.Errorf("count mails: %w", err)
	}
	return Counts{Queued: c.Queued, Deferred: c.Deferred, Failed: c.Failed, Oldest: time.Duration(c.Seconds * float64(time.Second)), Paused: c.Paused}, nil
}

// mayList returns [fault.ErrForbidden] if the actor may not see outgoing mail, and
// [fault.ErrNotFound] on a desk without mail.
func (s *Service) mayList(actor account.Actor) error {
	switch {
	case !actor.Can(account.ManageSettings):
		return fault.ErrForbidden
	case !s.Enabled():
		return fault.ErrNotFound
	}
	return nil
}

// PageMails is the maximum number of mails on a page.
const PageMails = 50

// List returns outgoing mails, the newest first, and whether there are more. Mails about tickets that
// the actor may not read are left out. A desk without mail has no list ([fault.ErrNotFound]).
func (s *Service) List(ctx context.Context, actor account.Actor, f Filter) (all []Listing, more bool, err error) {
	if err := s.mayList(actor); err != nil {
		return nil, false, err
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
		all, err = s.find(ctx, actor, db.FindMailParams{Email: f.Email, Before: before, State: string(state), Max: PageMails + 1})
	} else {
		all, err = s.list(ctx, s.q, actor, db.ListMailParams{Before: before, State: string(state), Max: PageMails + 1})
	}
	if len(all) > PageMails {
		return all[:PageMails], true, err
	}
	return all, false, err
}

func (s *Service) list(ctx context.Context, q *db.Queries, actor account.Actor, in db.ListMailParams) ([]Listing, error) {
	in.Reach, in.Viewer = actor.Scope()
	rows, err := q.ListMail(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("list mails: %w", err)
	}
	all := make([]Listing, len(rows))
	for i, r := range rows {
		all[i] = listingOf(r)
	}
	return all, nil
}

// find returns the mails to an address.
func (s *Service) find(ctx context.Context, actor account.Actor, in db.FindMailParams) ([]Listing, error) {
	in.Reach, in.Viewer = actor.Scope()
	rows, err := s.q.FindMail(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("find mails: %w", err)
	}
	all := make([]Listing, len(rows))
	for i, r := range rows {
		all[i] = listingOf(db.ListMailRow(r))
	}
	return all, nil
}

func listingOf(r db.ListMailRow) Listing {
	return Listing{Kind: r.Kind, TicketID: r.TicketID, Subject: r.Subject, CreatedAt: r.CreatedAt,
		DeliveryStatus: DeliveryStatus{ID: r.ID, Addr: r.Addr, State: r.State, Paused: r.Paused, Doubled: r.Doubled, HasRaw: r.HasRaw, NextAt: r.NextAt, SentAt: r.SentAt, Text: r.LastText}}
}

// Decide withdraws or retries a mail of the list. It returns [fault.ErrNotFound] for a mail that is not in the actor's list, and
// [fault.ErrTooLate] as [Sender.decide] does.
func (s *Service) Decide(ctx context.Context, actor account.Actor, id int64, do Decision) error {
	if err := s.mayList(actor); err != nil {
		return err
	}
	return s.accounts.ActAs(ctx, actor, func(q *db.Queries) error {
		found, err := s.list(ctx, q, actor, db.ListMailParams{Before: id + 1, After: id - 1, Max: 1})
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return fault.ErrNotFound
		}
		return s.decide(ctx, q, actor, id, do)
	})
}
