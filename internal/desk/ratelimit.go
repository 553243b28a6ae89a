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
	return d.allowAtOnce(ctx, q, key, l, 1)
}

// allowAtOnce is allow for n uses together: all of them, or none.
func (d *Desk) allowAtOnce(ctx context.Context, q *db.Queries, key string, l Limit, n int) error {
	if l.N == 0 {
		return nil
	}
	every := l.Per.Seconds() / float64(l.N) * float64(n)
	wait, err := q.TakeRate(ctx, db.TakeRateParams{Key: key, Now: d.Now(), Every: every, Burst: l.Per.Seconds() + rateSlack.Seconds()})
	if err != nil {
		return fmt.Errorf("count %s: %w", key, err)
	}
	if wait > 0 {
		return &Limited{RetryAfter: time.Duration(wait * float64(time.Second))}
	}
	return nil
}
