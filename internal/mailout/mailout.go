// Package mailout writes the mails of the desk and sends them: answers and changes of status to
// requesters, events to staff, and mails about accounts. Each mail is a row with its bytes and its state,
// which is written in the transaction of what it is about; jobs send it. See docs/mail.md.
// Its tests are those of mail in package desk, where the events are written.
package mailout

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/jobs"
	"frontdesk/internal/limit"
	"frontdesk/internal/mail"
)

// Sender writes outgoing mail and sends it. Without a mailbox nothing is written. It is safe for
// concurrent use.
type Sender struct {
	*composer
	limiter *limit.Limiter
	loaded  atomic.Bool
	loading sync.Mutex // held by Load

	mu        sync.Mutex
	byMailbox map[int64]*connections
}

// composer writes mails and stores them, to be sent by a [Sender].
type composer struct {
	*mailboxSet
	pool *pgxpool.Pool
	soon chan struct{} // a mail is due soon, see dueSoon

	// These are set before the first mailbox is.
	adder    *jobs.Adder
	instance string // id of the desk
}

// Options configure a [Sender]. Without PublicURL, Keys and Render no mail is sent.
type Options struct {
	Server    *mail.Server // of SMTP_URL; nil if it is not set
	From      mail.Address // of MAIL_FROM
	DeskName  string
	PublicURL string   // the address of the desk, for links; without a slash at the end
	Keys      [][]byte // secrets of the instance; the first one seals and signs
	// Render returns the text and the HTML of a mail.
	Render   func(Content) (text, html string, err error)
	Timeouts mail.Timeouts // default mail.DefaultTimeouts
	Lease    time.Duration // default 1 minute; how long a replica owns a mail without extending its claim
	Every    time.Duration // default 5 s; see [Sender.Run]
	Overdue  time.Duration // default 1 minute; how long after its time a mail gets another job

	// The desk sets these to its own.
	Files    Files
	Now      func() time.Time
	Location *time.Location // of the times in mails
	Log      *slog.Logger
}

// Files opens attachments by their stored names. The error is fs.ErrNotExist if there is none.
type Files interface {
	Open(name string) (io.ReadSeekCloser, error)
}

func (o Options) withDefaults() Options {
	if o.Timeouts == (mail.Timeouts{}) {
		o.Timeouts = mail.DefaultTimeouts
	}
	if o.Lease == 0 {
		o.Lease = time.Minute
	}
	if o.Every == 0 {
		o.Every = 5 * time.Second
	}
	if o.Overdue == 0 {
		o.Overdue = time.Minute
	}
	return o
}

// Aliases of the database's types, so that views and handlers do not import package db.
type (
	Kind  = db.MailKind
	State = db.MailState
)

// Kinds of mail.
const (
	KindAnswer        = db.MailKindAnswer
	KindStatus        = db.MailKindStatus
	KindNotice        = db.MailKindNotice // to staff, about several events
	KindPassword      = db.MailKindPassword
	KindVerify        = db.MailKindVerify
	KindAddressChange = db.MailKindAddressChange
	KindInvitation    = db.MailKindInvitation
	KindTest          = db.MailKindTest
)

const (
	// maxAge is how long a mail is tried.
	maxAge = 3 * 24 * time.Hour
	// RawFor is how long the bytes of a mail are stored after it was sent or has failed.
	RawFor = 7 * 24 * time.Hour
)

// New returns a sender that uses a migrated database. It writes no mail before [Sender.Begin].
func New(pool *pgxpool.Pool, opts Options) *Sender {
	boxes := &mailboxSet{q: db.New(pool), opts: opts.withDefaults()}
	boxes.list.Store(&[]Mailbox{})
	c := &composer{mailboxSet: boxes, pool: pool, soon: make(chan struct{}, 1)}
	return &Sender{composer: c, limiter: limit.NewLimiter(pool, c.Now), byMailbox: map[int64]*connections{}}
}

// Now returns the time of the desk's clock in UTC, truncated to microseconds because PostgreSQL
// stores no smaller unit.
func (m *composer) Now() time.Time { return m.opts.Now().UTC().Truncate(time.Microsecond) }

// tx is [db.Tx] on the pool of the desk.
func (m *composer) tx(ctx context.Context, f func(q *db.Queries) error) error {
	return db.Tx(ctx, m.pool, f)
}

// Begin stores the mailbox of SMTP_URL and reads all mailboxes. A serving process calls it once.
func (m *Sender) Begin(ctx context.Context) error {
	var err error
	if o := m.opts; o.Server != nil {
		err = m.q.SetEnvironmentMailbox(ctx, db.SetEnvironmentMailboxParams{Address: o.From.Addr, FromName: o.From.Name})
	} else {
		err = m.q.RemoveEnvironmentMailbox(ctx)
	}
	if err != nil {
		return fmt.Errorf("store the mailbox of SMTP_URL: %w", err)
	}
	return m.Load(ctx)
}

// Load reads the mailboxes. The consumer of events is registered while there is one, so that no
// events wait on a desk without mail.
func (m *Sender) Load(ctx context.Context) error {
	m.loading.Lock()
	defer m.loading.Unlock()
	boxes, err := m.usable(ctx)
	if err != nil {
		return err
	}
	was, first := *m.list.Load(), !m.loaded.Swap(true)
	if len(boxes) > 0 && m.adder == nil {
		if m.instance, err = m.q.InstanceID(ctx); err != nil {
			return fmt.Errorf("read the instance: %w", err)
		}
		if m.adder, err = jobs.NewAdder(m.pool); err != nil {
			return err
		}
	}
	m.list.Store(&boxes)
	switch {
	case len(boxes) > 0 && len(was) == 0:
		return m.Consumer().Register(ctx, m.q)
	case len(boxes) == 0 && (first || len(was) > 0):
		return m.unregister(ctx)
	}
	return nil
}

// errNoTransaction is returned if a mail is added without a transaction.
var errNoTransaction = errors.New("a mail is added in a transaction")

// Service is the mail of the desk with what users do with it. Its methods that take an actor
// return [fault.ErrForbidden] without [account.ManageSettings].
type Service struct {
	*Sender
	accounts *account.Service
}

// NewService returns the service of a sender.
func NewService(m *Sender, accounts *account.Service) *Service { return &Service{m, accounts} }
