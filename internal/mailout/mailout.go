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
	pool    *pgxpool.Pool
	q       *db.Queries
	opts    Options
	limiter *limit.Limiter

	boxes  atomic.Pointer[[]Mailbox] // as they were read last; the default one first
	loaded atomic.Bool

	// These are set before the first mailbox is.
	adder    *jobs.Adder
	instance string // id of the desk

	loading sync.Mutex    // held by Load
	soon    chan struct{} // a mail is due soon, see dueSoon

	mu        sync.Mutex
	byMailbox map[int64]*connections
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

// Mailbox is an address from which mail is sent.
type Mailbox struct {
	ID        int64
	From      mail.Address
	Signature string
	server    mail.Server
	problem   error // why the server cannot be used
	rate      int   // mails a minute; 0 for no limit
	failed    bool  // an error has paused it
}

const (
	// maxAge is how long a mail is tried.
	maxAge = 3 * 24 * time.Hour
	// RawFor is how long the bytes of a mail are stored after it was sent or has failed.
	RawFor = 7 * 24 * time.Hour
)

// New returns a sender that uses a migrated database. It writes no mail before [Sender.Begin].
func New(pool *pgxpool.Pool, opts Options) *Sender {
	m := &Sender{pool: pool, q: db.New(pool), opts: opts.withDefaults(), soon: make(chan struct{}, 1), byMailbox: map[int64]*connections{}}
	m.limiter = limit.NewLimiter(pool, m.Now)
	m.boxes.Store(&[]Mailbox{})
	return m
}

// Now returns the time of the desk's clock in UTC, truncated to microseconds because PostgreSQL
// stores no smaller unit.
func (m *Sender) Now() time.Time { return m.opts.Now().UTC().Truncate(time.Microsecond) }

// tx is [db.Tx] on the pool of the desk.
func (m *Sender) tx(ctx context.Context, f func(q *db.Queries) error) error {
	return db.Tx(ctx, m.pool, f)
}

// Enabled reports whether the desk can send mail. Pages mention mail only then.
func (m *Sender) Enabled() bool { return len(*m.boxes.Load()) > 0 }

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
	was, first := *m.boxes.Load(), !m.loaded.Swap(true)
	if len(boxes) > 0 && m.adder == nil {
		if m.instance, err = m.q.InstanceID(ctx); err != nil {
			return fmt.Errorf("read the instance: %w", err)
		}
		if m.adder, err = jobs.NewAdder(m.pool); err != nil {
			return err
		}
	}
	m.boxes.Store(&boxes)
	switch {
	case len(boxes) > 0 && len(was) == 0:
		return m.Consumer().Register(ctx, m.q)
	case len(boxes) == 0 && (first || len(was) > 0):
		return m.unregister(ctx)
	}
	return nil
}

// Configurable reports whether mailboxes can be used at all: mails need the public address of the
// desk for their links.
func (m *Sender) Configurable() bool {
	o := m.opts
	return o.PublicURL != "" && o.Render != nil && len(o.Keys) > 0
}

// usable reads the mailboxes from which this process can send.
func (m *Sender) usable(ctx context.Context) ([]Mailbox, error) {
	if !m.Configurable() {
		return nil, nil
	}
	rows, err := m.q.UsableMailboxes(ctx)
	if err != nil {
		return nil, fmt.Errorf("read mailboxes: %w", err)
	}
	boxes := make([]Mailbox, 0, len(rows))
	for _, r := range rows {
		if b, ok := m.mailbox(r); ok {
			boxes = append(boxes, b)
		}
	}
	return boxes, nil
}

// mailbox converts a row. ok is false for the mailbox of SMTP_URL if this process has no SMTP_URL.
func (m *Sender) mailbox(r db.UsableMailboxesRow) (b Mailbox, ok bool) {
	b = Mailbox{ID: r.ID, From: mail.Address{Name: r.FromName, Addr: r.Address}, Signature: r.Signature, rate: int(r.RatePerMinute), failed: r.Failed}
	if r.IsEnvironment {
		if m.opts.Server == nil {
			return b, false
		}
		b.server = *m.opts.Server
		return b, true
	}
	b.server, b.problem = mail.Open(m.sealKeys(), r.Outbound)
	return b, true
}

// box returns the mailbox with an id, or the default one for 0. ok is false if there is none.
func (m *Sender) box(id int64) (b Mailbox, ok bool) {
	for _, b := range *m.boxes.Load() {
		if id == 0 || b.ID == id {
			return b, true
		}
	}
	return Mailbox{}, false
}

// Stopped returns the addresses of the mailboxes that cannot send until an admin changes something:
// an error of their own has paused them, or their password cannot be opened with the secret of the
// instance.
func (m *Sender) Stopped() (addresses []string) {
	for _, b := range *m.boxes.Load() {
		if b.failed || b.problem != nil {
			addresses = append(addresses, b.From.Addr)
		}
	}
	return addresses
}

// isOwnAddress reports whether an address is that of a mailbox of the desk, so that the desk does
// not write to itself.
func (m *Sender) isOwnAddress(addr string) bool {
	for _, b := range *m.boxes.Load() {
		if sameAddress(b.From.Addr, addr) {
			return true
		}
	}
	return false
}

// sealKeys returns the keys with which passwords of servers are sealed. The first one seals.
func (m *Sender) sealKeys() [][]byte {
	keys := make([][]byte, len(m.opts.Keys))
	for i, secret := range m.opts.Keys {
		keys[i] = derive(secret, "frontdesk mailboxes")
	}
	return keys
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
