// Package ticketquery reads lists of tickets: filters, orders, counts, search, changes of
// an open list, and the feed for programs. Every query has the condition of which tickets
// the actor may read.
package ticketquery

import (
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/limit"
)

// Service reads lists of tickets. It is safe for concurrent use.
type Service struct {
	pool       *pgxpool.Pool
	q          *db.Queries
	now        func() time.Time
	searches   limit.Slots // limits searches, because a replica has ten connections
	counting   limit.Slots // limits the counts of views, for the same reason
	countCache countCache
}

// New returns a service that uses a migrated database.
func New(pool *pgxpool.Pool, now func() time.Time) *Service {
	return &Service{pool: pool, q: db.New(pool), now: now, searches: limit.Slots{Each: 5, All: 8}, counting: limit.Slots{Each: 2, All: 2}}
}
