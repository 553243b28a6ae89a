package account

import (
	"cmp"
	"context"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/limit"
)

// Service manages accounts, sessions and tokens. Its own methods sign a user in and change their
// own account; each of its parts has another noun. It is safe for concurrent use.
type Service struct {
	*core
	Addresses     *Addresses
	Invitations   *Invitations
	Operator      *Operator
	Passwords     *Passwords
	Registrations *Registrations
	Roles         *Roles
	Sessions      *Sessions
	Tokens        *Tokens
	Users         *Users
}

// core has the fields that all parts need, and the methods that several of them call.
type core struct {
	pool      *pgxpool.Pool
	q         *db.Queries
	now       func() time.Time
	limiter   *limit.Limiter
	limits    limit.Limits
	cost      Cost
	mailer    Mailer
	asked     chan struct{} // wakes [Passwords.Run]
	dummyHash func() string // the hash a password is compared with if there is no account, to take the same time
}

// Addresses confirms and changes the e-mail addresses of accounts.
type Addresses struct{ *core }

// Invitations invites people to become staff.
type Invitations struct{ *core }

// Operator has what the command line does with accounts. It needs no actor, and checks no permission.
type Operator struct{ *core }

// Passwords changes passwords, also with links that are mailed to users who forgot theirs.
type Passwords struct{ *core }

// Registrations creates the accounts that people register.
type Registrations struct{ *core }

// Roles manages the roles that admins make.
type Roles struct{ *core }

// Sessions lists and ends the sessions of a user's devices.
type Sessions struct{ *core }

// Tokens manages the tokens of programs, and finds the user of one.
type Tokens struct{ *core }

// Users lists and changes the accounts of others, for admins.
type Users struct{ *core }

// New returns a service that uses a migrated database. Of the limits it uses SignIn and
// Register. Passwords are hashed with cost; its zero value selects the default, and only
// tests use a lower one. Without a mailer (nil) no mail is written.
func New(pool *pgxpool.Pool, now func() time.Time, limits limit.Limits, cost Cost, mailer Mailer) *Service {
	cost = cmp.Or(cost, defaultCost)
	if mailer == nil {
		mailer = noMail{}
	}
	c := &core{pool: pool, q: db.New(pool), now: now, limits: limits, cost: cost, mailer: mailer, asked: make(chan struct{}, 1)}
	c.dummyHash = sync.OnceValue(func() string { return cost.Hash("nobody signs in with this") })
	c.limiter = limit.NewLimiter(pool, c.Now)
	return &Service{c, &Addresses{c}, &Invitations{c}, &Operator{c}, &Passwords{c}, &Registrations{c}, &Roles{c}, &Sessions{c}, &Tokens{c}, &Users{c}}
}

// Now returns the time of the service's clock in UTC, truncated to microseconds because
// PostgreSQL stores no smaller unit.
func (s *core) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// tx is [db.Tx] on the service's pool.
func (s *core) tx(ctx context.Context, f func(q *db.Queries) error) error {
	return db.Tx(ctx, s.pool, f)
}
