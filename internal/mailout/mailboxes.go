package mailout

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/jobs"
	"frontdesk/internal/mail"
)

// Mailboxes lists, adds, changes and tests the mailboxes from which the desk sends. All of its
// methods return [fault.ErrForbidden] without [account.ManageMailboxes].
type Mailboxes struct {
	mail     *Sender
	accounts *account.Service
}

// NewMailboxes returns the mailboxes of a sender.
func NewMailboxes(m *Sender, accounts *account.Service) *Mailboxes { return &Mailboxes{m, accounts} }

// SavedMailbox is a mailbox as pages show it, without its password.
type SavedMailbox struct {
	ID int64
	MailboxInput
	Environment  bool // that of SMTP_URL
	HasPassword  bool
	Problem      string // why its server cannot be used, or ""
	Paused       bool
	PausedReason string
	LastOK       *time.Time // when it sent a mail
	LastError    string
	LastErrorAt  *time.Time
	Waiting      int64 // mails that wait in it, at most 1,000
}

// StaleMailbox is returned if a mailbox has changed since its form was loaded.
type StaleMailbox struct{ Current SavedMailbox }

// Error implements error.
func (e *StaleMailbox) Error() string {
	return fmt.Sprintf("the mailbox %s has changed since, to version %d", e.Current.Address, e.Current.Version)
}

// List returns the mailboxes, the default one first.
func (s *Mailboxes) List(ctx context.Context, actor account.Actor) ([]SavedMailbox, error) {
	if !actor.Can(account.ManageMailboxes) {
		return nil, fault.ErrForbidden
	}
	rows, err := s.mail.q.ListMailboxes(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("list mailboxes: %w", err)
	}
	out := make([]SavedMailbox, len(rows))
	for i, r := range rows {
		out[i] = s.saved(r)
	}
	return out, nil
}

// Get returns a mailbox, or [fault.ErrNotFound].
func (s *Mailboxes) Get(ctx context.Context, actor account.Actor, id int64) (SavedMailbox, error) {
	if !actor.Can(account.ManageMailboxes) {
		return SavedMailbox{}, fault.ErrForbidden
	}
	row, err := s.row(ctx, s.mail.q, id)
	if err != nil {
		return SavedMailbox{}, err
	}
	return s.saved(row), nil
}

func (s *Mailboxes) row(ctx context.Context, q *db.Queries, id int64) (db.ListMailboxesRow, error) {
	rows, err := q.ListMailboxes(ctx, &id)
	switch {
	case err != nil:
		return db.ListMailboxesRow{}, fmt.Errorf("read a mailbox: %w", err)
	case len(rows) == 0:
		return db.ListMailboxesRow{}, fault.ErrNotFound
	}
	return rows[0], nil
}

// saved returns a mailbox without its password.
func (s *Mailboxes) saved(r db.ListMailboxesRow) SavedMailbox {
	server, err := s.server(r)
	b := SavedMailbox{ID: r.ID, Environment: r.IsEnvironment, HasPassword: server.Password != "", Paused: r.State == db.MailboxStatePaused,
		PausedReason: r.PausedReason, LastOK: r.LastOkAt, LastError: r.LastError, LastErrorAt: r.LastErrorAt, Waiting: r.Waiting,
		MailboxInput: MailboxInput{Address: r.Address, FromName: r.FromName, Host: server.Host, Port: server.Port, Security: string(server.Security),
			User: server.User, Signature: r.Signature, Rate: int(r.RatePerMinute), Default: r.IsDefault, Version: int(r.Version)}}
	if err != nil {
		b.Problem = err.Error()
	}
	return b
}

// errNoEnvironment is the problem of the mailbox of SMTP_URL on a replica without it.
var errNoEnvironment = errors.New("SMTP_URL is not set on this replica")

// server returns the server of a mailbox, with its password.
func (s *Mailboxes) server(r db.ListMailboxesRow) (mail.Server, error) {
	switch o := s.mail.opts; {
	case r.IsEnvironment && o.Server == nil:
		return mail.Server{}, errNoEnvironment
	case r.IsEnvironment:
		return *o.Server, nil
	}
	return mail.Open(s.mail.sealKeys(), r.Outbound)
}

// Add adds a mailbox and returns its id. It returns [*fault.Invalid] for input that cannot be used.
func (s *Mailboxes) Add(ctx context.Context, actor account.Actor, in MailboxInput) (id int64, err error) {
	if !actor.Can(account.ManageMailboxes) {
		return 0, fault.ErrForbidden
	}
	sealed, err := s.check(&in, mail.Server{})
	if err != nil {
		return 0, err
	}
	err = s.accounts.ActAs(ctx, actor, func(q *db.Queries) (err error) {
		id, err = q.AddMailbox(ctx, db.AddMailboxParams{Address: in.Address, FromName: in.FromName, Signature: in.Signature, Outbound: sealed, Rate: int32(in.Rate)})
		if err != nil {
			return mailboxError(err)
		}
		return setDefaultMailbox(ctx, q, id, in.Default)
	})
	if err != nil {
		return 0, err
	}
	return id, s.mail.Load(ctx)
}

// Change changes a mailbox. An empty password leaves the password as it is if the server and the
// user are the same. Only the signature, the rate and the default of the mailbox of SMTP_URL can be
// changed. Change returns [*StaleMailbox] if the mailbox has another version than in.Version, and
// [*fault.Invalid] for input that cannot be used.
func (s *Mailboxes) Change(ctx context.Context, actor account.Actor, id int64, in MailboxInput) error {
	if !actor.Can(account.ManageMailboxes) {
		return fault.ErrForbidden
	}
	err := s.accounts.ActAs(ctx, actor, func(q *db.Queries) error {
		was, err := s.row(ctx, q, id)
		if err != nil {
			return err
		}
		out := db.UpdateMailboxParams{ID: id, Version: int32(in.Version)}
		if was.IsEnvironment {
			in.Address, in.FromName, err = was.Address, was.FromName, s.checkEnvironment(&in)
		} else {
			server, _ := s.server(was) // one that cannot be opened is replaced
			out.Outbound, err = s.check(&in, server)
		}
		if err != nil {
			return err
		}
		out.Address, out.FromName, out.Signature, out.Rate = in.Address, in.FromName, in.Signature, int32(in.Rate)
		n, err := q.UpdateMailbox(ctx, out)
		switch {
		case err != nil:
			return mailboxError(err)
		case n == 0:
			return &StaleMailbox{s.saved(was)}
		}
		return setDefaultMailbox(ctx, q, id, in.Default)
	})
	if err != nil {
		return err
	}
	return s.mail.Load(ctx)
}

// setDefaultMailbox makes a mailbox the default one if yes is true. Otherwise it ensures that there
// is a default one.
func setDefaultMailbox(ctx context.Context, q *db.Queries, id int64, yes bool) error {
	if !yes {
		id = 0
	} else if err := q.ClearDefaultMailbox(ctx, id); err != nil {
		return fmt.Errorf("choose the default mailbox: %w", err)
	}
	if err := q.SetDefaultMailbox(ctx, id); err != nil {
		return fmt.Errorf("choose the default mailbox: %w", err)
	}
	return nil
}

// Remove removes a mailbox with its password. Mails that wait in it fail. It returns
// [fault.ErrNotFound] for one that does not exist, and [fault.ErrInUse] for that of SMTP_URL.
func (s *Mailboxes) Remove(ctx context.Context, actor account.Actor, id int64) error {
	if !actor.Can(account.ManageMailboxes) {
		return fault.ErrForbidden
	}
	err := s.accounts.ActAs(ctx, actor, func(q *db.Queries) error {
		was, err := s.row(ctx, q, id)
		switch {
		case err != nil:
			return err
		case was.IsEnvironment:
			return fault.ErrInUse
		}
		if _, err := q.RemoveMailbox(ctx, db.RemoveMailboxParams{ID: id, Now: s.mail.Now()}); err != nil {
			return fmt.Errorf("remove a mailbox: %w", err)
		}
		return setDefaultMailbox(ctx, q, id, false)
	})
	if err != nil {
		return err
	}
	return s.mail.Load(ctx)
}

// Pause stops sending from a mailbox until it is resumed. Its mails wait.
func (s *Mailboxes) Pause(ctx context.Context, actor account.Actor, id int64) error {
	if !actor.Can(account.ManageMailboxes) {
		return fault.ErrForbidden
	}
	return s.accounts.ActAs(ctx, actor, func(q *db.Queries) error {
		if _, err := s.row(ctx, q, id); err != nil {
			return err
		}
		if err := q.PauseMailboxByHand(ctx, db.PauseMailboxByHandParams{ID: id, Reason: "paused by " + actor.Username}); err != nil {
			return fmt.Errorf("pause a mailbox: %w", err)
		}
		return nil
	})
}

// maxResumed is the maximum number of mails that get a job at once when their mailbox is resumed.
// The others get theirs within minutes.
const maxResumed = 1000

// Resume makes a paused mailbox send again, also the mails that have waited.
func (s *Mailboxes) Resume(ctx context.Context, actor account.Actor, id int64) error {
	if !actor.Can(account.ManageMailboxes) {
		return fault.ErrForbidden
	}
	err := s.accounts.ActAs(ctx, actor, func(q *db.Queries) error {
		n, err := q.ResumeMailbox(ctx, id)
		switch {
		case err != nil:
			return fmt.Errorf("resume a mailbox: %w", err)
		case n == 0:
			return fault.ErrNotFound
		}
		rows, err := q.AddMailboxJobs(ctx, db.AddMailboxJobsParams{MailboxID: id, Now: s.mail.Now(), Max: maxResumed})
		if err != nil || !s.mail.Enabled() {
			return err
		}
		add := make([]jobs.Mail, len(rows))
		for i, r := range rows {
			add[i] = jobs.Mail{ID: r.ID, Job: r.Job}
		}
		return s.mail.adder.AddMails(ctx, q.Transaction(), add)
	})
	if err != nil {
		return err
	}
	return s.mail.Load(ctx)
}
