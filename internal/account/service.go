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

// Service manages accounts, sessions and tokens. It is safe for concurrent use.
type Service struct {
	pool      *pgxpool.Pool
	q         *db.Queries
	now       func() time.Time
	limiter   *limit.Limiter
	limits    limit.Limits
	cost      Cost
	mailer    Mailer
	asked     chan struct{} // wakes [Service.Run]
	dummyHash func() string // the hash a password is compared with if there is no account, to take the same time
}

// New returns a service that uses a migrated database. Of the limits it uses SignIn and
// Register. Passwords are hashed with cost; its zero value selects the default, and only
// tests use a lower one. Without a mailer (nil) no mail is written.
func New(pool *pgxpool.Pool, now func() time.Time, limits limit.Limits, cost Cost, mailer Mailer) *Service {
	cost = cmp.Or(cost, defaultCost)
	if mailer == nil {
		mailer = noMail{}
	}
	s := &Service{pool: pool, q: db.New(pool), now: now, limits: limits, cost: cost, mailer: mailer, asked: make(chan struct{}, 1)}
	s.dummyHash = sync.OnceValue(func() string { return cost.Hash("nobody signs in with this") })
	s.limiter = limit.NewLimiter(pool, s.Now)
	return s
}

// Now returns the time of the service's clock in UTC, truncated to microseconds because
// PostgreSQL stores no smaller unit.
func (s *Service) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// tx is [db.Tx] on the service's pool.
func (s *Service) tx(ctx context.Context, f func(q *db.Queries) error) error {
	return db.Tx(ctx, s.pool, f)
}
