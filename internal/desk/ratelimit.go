package desk

import (
	"context"
	"fmt"
	"time"

	"frontdesk/db"
)

// rateSlack is how far apart the clocks of requests at one time may read: the
// last use that a limit allows must not fail for having been asked a moment early.
const rateSlack = 10 * time.Millisecond

// allow counts one use of key under the limit l, and refuses with [*Limited]
// what comes too fast. It is a step: inside a transaction that fails, nothing
// was counted. The algorithm is GCRA (ITU-T I.371): one row a key.
func (d *Desk) allow(ctx context.Context, q *db.Queries, key string, l Limit) error {
	if l.N == 0 {
		return nil
	}
	wait, err := q.TakeRate(ctx, d.uses(key, l, 1))
	return allowed(key, l, wait, err)
}

// mayStill refuses as allow would, and counts nothing: it keeps work from being
// done that allow would then refuse.
func (d *Desk) mayStill(ctx context.Context, key string, l Limit) error {
	if l.N == 0 {
		return nil
	}
	u := d.uses(key, l, 1)
	wait, err := d.q.PeekRate(ctx, db.PeekRateParams{Key: u.Key, Now: u.Now, Every: u.Every, Burst: u.Burst})
	return allowed(key, l, wait, err)
}

// allowAtOnce is allow for n uses together, all of them or none, in a
// transaction of its own that does not wait for the disk.
func (d *Desk) allowAtOnce(ctx context.Context, key string, l Limit, n int) error {
	wait, err := db.TakeRateLazily(ctx, d.pool, d.uses(key, l, n))
	return allowed(key, l, wait, err)
}

func (d *Desk) uses(key string, l Limit, n int) db.TakeRateParams {
	per := l.Per.Seconds()
	return db.TakeRateParams{Key: key, Now: d.Now(), Every: per / float64(l.N) * float64(n), Burst: per + rateSlack.Seconds()}
}

func allowed(key string, l Limit, wait float64, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("count %s: %w", key, err)
	case wait > 0:
		return &Limited{RetryAfter: min(time.Duration(wait*float64(time.Second)), l.Per)}
	}
	return nil
}
