package account

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/limit"
)

// Service has the verbs of accounts. Each takes the acting user and is one transaction.
// It is safe for concurrent use.
type Service struct {
	pool    *pgxpool.Pool
	q       *db.Queries
	now     func() time.Time
	limiter *limit.Limiter
	limits  limit.Limits
}

// New returns the accounts of a migrated database. Only the limits of signing in and of
// registering are used.
func New(pool *pgxpool.Pool, now func() time.Time, limits limit.Limits) *Service {
	s := &Service{pool: pool, q: db.New(pool), now: now, limits: limits}
	s.limiter = limit.NewLimiter(pool, s.Now)
	return s
}

// Now returns the time of the service's clock, in UTC and whole microseconds, which is
// what PostgreSQL keeps.
func (s *Service) Now() time.Time { return s.now().UTC().Truncate(time.Microsecond) }

// tx is [db.Tx] on the service's pool.
func (s *Service) tx(ctx context.Context, f func(q *db.Queries) error) error {
	return db.Tx(ctx, s.pool, f)
}
