package account

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/limit"
)

// Service manages accounts, sessions and tokens. Each method that changes them runs one
// transaction. It is safe for concurrent use.
type Service struct {
	pool    *pgxpool.Pool
	q       *db.Queries
	now     func() time.Time
	limiter *limit.Limiter
	limits  limit.Limits
}

// New returns a service that uses a migrated database. Of the limits it uses SignIn and
// Register.
func New(pool *pgxpool.Pool, now func() time.Time, limits limit.Limits) *Service {
	s := &Service{pool: pool, q: db.New(pool), now: now, limits: limits}
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
