// Package desk is the domain of Frontdesk: its nouns, who may do what, and
// what happens then. Every exported verb takes the acting person explicitly,
// is one transaction, and knows neither HTTP nor markup.
package desk

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/limit"
	"frontdesk/internal/ticketquery"
)

// Blobs keeps the bytes of attachments. Names are made by the keeper and
// never by a client.
type Blobs interface {
	// Put stores all of r durably (fsynced) under a new name: 128 random bits in
	// lower-case base32, no extension. Where r fails, nothing is kept.
	Put(ctx context.Context, r io.Reader) (name string, err error)
	// Open gives an error that is fs.ErrNotExist where there is no such blob.
	Open(name string) (io.ReadSeekCloser, error)
	Delete(name string) error
	// Walk calls yield for every blob until that returns an error. One that is
	// not whole is being written, or was left over.
	Walk(yield func(name string, written time.Time, whole bool) error) error
}

// Options are what a Desk needs besides its database. The zero value of a
// field means the default named beside it.
type Options struct {
	Blobs     Blobs
	Now       func() time.Time // time.Now
	Location  *time.Location   // UTC; the days of the dashboard begin here
	MaxUpload int64            // 10 MiB; bytes a file
	Limits    limit.Limits     // limit.Defaults
	Log       *slog.Logger     // slog.Default; of failures that do not fail a request
}

// MaxFiles is how many files one message may carry.
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
	Requests   *Requests
	Upkeep     *Upkeep

	Notifications *Notifications
}

// core has what all services need, and the steps that several of them take inside a
// transaction.
type core struct {
	pool     *pgxpool.Pool
	q        *db.Queries
	opts     Options
	accounts *account.Service
	limiter  *limit.Limiter
	talk     *limit.Leases
}

// Tickets opens, changes, deletes and restores tickets.
type Tickets struct{ *core }

// Comments adds comments and chat messages to tickets.
type Comments struct {
	*core
	lines lineQueue
}

// Log reads the logs of tickets, and keeps how far each user has seen them.
type Log struct{ *core }

// Files stores, opens and removes attachments.
type Files struct {
	*core
	forms, uploads limit.Slots // what is being received
}

// Categories has the categories of tickets.
type Categories struct{ *core }

// Requests keeps what belongs to single requests: answers under idempotency keys, forms
// whose session had ended, and the count of actions.
type Requests struct {
	*core
	actions  *limit.Leases
	holdTime time.Duration // see [holdTime]
}

// Upkeep removes what has expired.
type Upkeep struct{ *core }

// New makes a desk on a migrated database.
func New(pool *pgxpool.Pool, opts Options) *Desk {
	if opts.Now == nil {
		opts.Now = time.Now
	}
	if opts.Location == nil {
		opts.Location = time.UTC
	}
	if opts.MaxUpload == 0 {
		opts.MaxUpload = 10 << 20
	}
	if opts.Limits == (limit.Limits{}) {
		opts.Limits = limit.Defaults
	}
	if opts.Log == nil {
		opts.Log = slog.Default()
	}
	c := &core{pool: pool, q: db.New(pool), opts: opts}
	c.accounts = account.New(pool, opts.Now, opts.Limits)
	c.limiter = limit.NewLimiter(pool, c.Now)
	c.talk = limit.NewLeases(c.limiter, "talk", opts.Limits.Talk)
	return &Desk{core: c, Accounts: c.accounts, Lists: ticketquery.New(pool, c.Now), Tickets: &Tickets{c}, Comments: &Comments{core: c}, Log: &Log{c},
		Files:      &Files{core: c, forms: limit.Slots{Each: 16, All: 256}, uploads: limit.Slots{Each: 8, All: 64}},
		Categories: &Categories{c}, Upkeep: &Upkeep{c}, Notifications: &Notifications{c},
		Requests: &Requests{core: c, actions: limit.NewLeases(c.limiter, "action", opts.Limits.Actions), holdTime: holdTime}}
}

// Now is the desk's clock, to the microsecond that PostgreSQL keeps.
func (s *core) Now() time.Time { return s.opts.Now().UTC().Truncate(time.Microsecond) }

// MaxUpload is how many bytes one file may have.
func (s *Files) MaxUpload() int64 { return s.opts.MaxUpload }

// tx is [db.Tx] on the desk's pool.
func (s *core) tx(ctx context.Context, f func(q *db.Queries) error) error {
	return db.Tx(ctx, s.pool, f)
}

// Instance returns what tells this desk from every other one: it is made with the
// database, and the same for all replicas.
func (d *Desk) Instance(ctx context.Context) (string, error) {
	id, err := d.q.InstanceID(ctx)
	if err != nil {
		return "", fmt.Errorf("read the instance: %w", err)
	}
	return id, nil
}
