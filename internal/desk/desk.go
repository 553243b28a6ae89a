// Package desk is the domain of Frontdesk: tickets and what belongs to them, the policy,
// and the rules of each change. Every exported method that acts for a user takes the
// actor as an argument. It makes its change in one transaction; what follows from the
// change, such as tickets that lose their assignee, may be changed in later ones. The
// package does not depend on HTTP or HTML.
package desk

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/limit"
	"frontdesk/internal/mailout"
	"frontdesk/internal/savedview"
	"frontdesk/internal/settings"
	"frontdesk/internal/ticketquery"
)

// Blobs stores the contents of attachments. The store chooses the names; they never come
// from a client.
type Blobs interface {
	// Put stores all of r durably (fsynced) under a new name: 128 random bits in
	// lower-case base32, no extension. If reading r fails, nothing is stored.
	Put(ctx context.Context, r io.Reader) (name string, err error)
	// Open returns an error that is fs.ErrNotExist if there is no such blob.
	Open(name string) (io.ReadSeekCloser, error)
	// Delete deletes a blob.
	Delete(name string) error
	// Walk calls yield for every blob until yield returns an error. A blob that is
	// not whole is still being written, or its upload was interrupted.
	Walk(yield func(name string, written time.Time, whole bool) error) error
}

// Options configure a [Desk]. The zero value of a field selects the default named
// beside it.
type Options struct {
	Blobs     Blobs            // no default
	WalkEvery time.Duration    // default 0; the shortest time between two searches for blobs that no row needs
	Now       func() time.Time // default time.Now
	Location  *time.Location   // default UTC; the time zone of the dashboard's days
	MaxUpload int64            // default 10 MiB; the maximum size of a file in bytes
	Limits    limit.Limits     // default limit.Defaults
	Cost      account.Cost     // default that of account; of hashing passwords
	Log       *slog.Logger     // slog.Default; of failures that do not fail a request
	Mail      mailout.Options  // default none: no mail is sent
}

func (o Options) withDefaults() Options {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Location == nil {
		o.Location = time.UTC
	}
	if o.MaxUpload == 0 {
		o.MaxUpload = 10 << 20
	}
	if o.Limits == (limit.Limits{}) {
		o.Limits = limit.Defaults
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// MaxFiles is the maximum number of files of one form.
const MaxFiles = 5

// Desk is the help desk: the services that its pages and its API call. It is safe for
// concurrent use.
type Desk struct {
	*core
	Accounts   *account.Service
	Lists      *ticketquery.Service
	Tickets    *Tickets
	Comments   *Comments
	Log        *Log
	Files      *Files
	Categories *Categories
	Teams      *Teams
	Requests   *Requests
	Upkeep     *Upkeep

	Notifications *Notifications
	Notes         *Notes
	Followers     *Followers
	Views         *savedview.Service
	Settings      *settings.Service
	Automatic     *AutomaticAssignment
	Mail          *Mail
	Mailboxes     *mailout.Mailboxes
}

// core has the fields that all services need, and the methods that several of them call
// inside a transaction.
type core struct {
	pool          *pgxpool.Pool
	q             *db.Queries
	opts          Options
	accounts      *account.Service
	limiter       *limit.Limiter
	commentLeases *limit.Leases
	settings      *settings.Service
}

// Tickets opens, changes, deletes and restores tickets.
type Tickets struct{ *core }

// Comments adds comments and chat messages to tickets.
type Comments struct {
	*core
	queue commentQueue
}

// Log reads the logs of tickets, and stores the read position of each user.
type Log struct{ *core }

// Files stores, opens and removes attachments.
type Files struct {
	*core
	forms, uploads limit.Slots // forms and files that are being received
}

// Categories lists, adds and changes the categories of tickets.
type Categories struct{ *core }

// Requests stores data of single requests: answers under idempotency keys, forms that
// were sent after the session ended, and the count of actions.
type Requests struct {
	*core
	actions     *limit.Leases
	keyLockTime time.Duration // see [keyLockTime]
}

// Upkeep removes expired rows and files.
type Upkeep struct {
	*core
	walk     sync.Mutex // held during a search for blobs that no row needs
	nextWalk time.Time
}

// New returns a desk that uses a migrated database.
func New(pool *pgxpool.Pool, opts Options) *Desk {
	opts = opts.withDefaults()
	c := &core{pool: pool, q: db.New(pool), opts: opts}
	opts.Mail.Files, opts.Mail.Now, opts.Mail.Location, opts.Mail.Log = opts.Blobs, opts.Now, opts.Location, opts.Log
	sender := mailout.New(pool, opts.Mail)
	c.accounts = account.New(pool, opts.Now, opts.Limits, opts.Cost, sender.Accounts())
	c.limiter = limit.NewLimiter(pool, c.Now)
	c.commentLeases = limit.NewLeases(c.limiter, "talk", opts.Limits.Talk)
	lists := ticketquery.New(pool, c.Now)
	c.settings = settings.New(c.q, c.accounts, c.Now, opts.Log)
	return &Desk{
		core:          c,
		Accounts:      c.accounts,
		Automatic:     &AutomaticAssignment{c},
		Categories:    &Categories{c},
		Comments:      &Comments{core: c, queue: commentQueue{writing: map[int64]bool{}}},
		Files:         &Files{core: c, forms: limit.Slots{Each: 16, All: 256}, uploads: limit.Slots{Each: 8, All: 64}},
		Followers:     &Followers{c},
		Lists:         lists,
		Log:           &Log{c},
		Mail:          &Mail{mailout.NewService(sender, c.accounts), c},
		Mailboxes:     mailout.NewMailboxes(sender, c.accounts),
		Notes:         &Notes{c},
		Notifications: &Notifications{c},
		Requests:      &Requests{core: c, actions: limit.NewLeases(c.limiter, "action", opts.Limits.Actions), keyLockTime: keyLockTime},
		Settings:      c.settings,
		Teams:         &Teams{c},
		Tickets:       &Tickets{c},
		Upkeep:        &Upkeep{core: c},
		Views:         savedview.New(c.q, c.accounts, lists),
	}
}

// Now returns the time of the desk's clock in UTC, truncated to microseconds because
// PostgreSQL stores no smaller unit.
func (s *core) Now() time.Time { return s.opts.Now().UTC().Truncate(time.Microsecond) }

// MaxUpload returns the maximum size of a file in bytes.
func (s *Files) MaxUpload() int64 { return s.opts.MaxUpload }

// CountAction counts one request of the actor that may change something under
// Limits.Actions, even if the request fails. It returns [*fault.Limited] if the rate is
// exceeded. It bounds the work of requests that have no limit of their own.
func (s *Requests) CountAction(ctx context.Context, actor account.Actor) error {
	return s.actions.Allow(ctx, actor.ID)
}

// tx is [db.Tx] on the desk's pool.
func (s *core) tx(ctx context.Context, f func(q *db.Queries) error) error {
	return db.Tx(ctx, s.pool, f)
}

// Instance returns the identifier of this desk. It is created with the database and is
// the same for all replicas.
func (d *Desk) Instance(ctx context.Context) (string, error) {
	id, err := d.q.InstanceID(ctx)
	if err != nil {
		return "", fmt.Errorf("read the instance: %w", err)
	}
	return id, nil
}
