package limit

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// rateSlack is the maximum difference between the times of simultaneous requests. Without
// it the last use that a limit allows could be refused because it is slightly early.
const rateSlack = 10 * time.Millisecond

// Key identifies a count of a limit. It consists of the use, the kind of the user of the
// limit, and its name. The kind makes sure that an e-mail address and a network address
// never have the same key.
type Key string

// OfNetwork returns the key of uses by a network address, see [Network].
func OfNetwork(use string, a netip.Addr) Key { return Key(use + "/network/" + Network(a)) }

// OfEmail returns the key of uses that concern the account with an e-mail address.
func OfEmail(use, email string) Key {
	return Key(use + "/address/" + input.EmailKey(email))
}

// OfUser returns the key of uses by a user.
func OfUser(use string, id int64) Key {
	return Key(use + "/person/" + strconv.FormatInt(id, 10))
}

// Network returns the text by which a network address is counted. IPv6 addresses are
// counted by /64, which is the least that one customer has (RFC 6177). For an address of
// an IPv4 translator it is the IPv4 address in the last four bytes (RFC 6052).
func Network(a netip.Addr) string {
	a = a.Unmap().WithZone("")
	if !a.Is6() {
		return a.String()
	}
	if bytes := a.As16(); translated.Contains(a) {
		return netip.AddrFrom4([4]byte(bytes[12:])).String()
	}
	return netip.PrefixFrom(a, 64).Masked().String()
}

// translated is the prefix of IPv4 addresses behind a translator (RFC 6052).
var translated = netip.MustParsePrefix("64:ff9b::/96")

// Limiter counts uses under limits. The counts are rows of PostgreSQL, one for each key,
// so that they hold across replicas. The algorithm is GCRA (ITU-T I.371).
type Limiter struct {
	pool *pgxpool.Pool
	now  func() time.Time
}

// NewLimiter returns a limiter with the given clock.
func NewLimiter(pool *pgxpool.Pool, now func() time.Time) *Limiter { return &Limiter{pool, now} }

// Allow counts one use of key in the caller's transaction, and returns [*fault.Limited]
// if it exceeds l. If the transaction is rolled back, the use is not counted.
func (r *Limiter) Allow(ctx context.Context, q *db.Queries, key Key, l Limit) error {
	if l.N == 0 {
		return nil
	}
	wait, err := q.TakeRate(ctx, r.uses(key, l, 1))
	return allowed(key, l, wait, err)
}

// AllowAlone is [Limiter.Allow] for n uses together, all of them or none, in a
// transaction of its own whose commit does not wait for the disk.
func (r *Limiter) AllowAlone(ctx context.Context, key Key, l Limit, n int) error {
	if l.N == 0 {
		return nil
	}
	wait, err := db.TakeRateLazily(ctx, r.pool, r.uses(key, l, n))
	return allowed(key, l, wait, err)
}

// GiveBack reverses the count of one use of key.
func (r *Limiter) GiveBack(ctx context.Context, key Key, l Limit) error {
	if l.N == 0 {
		return nil
	}
	if err := db.New(r.pool).GiveRateBack(ctx, db.GiveRateBackParams{Key: string(key), Every: r.uses(key, l, 1).Every}); err != nil {
		return fmt.Errorf("give back %s: %w", key, err)
	}
	return nil
}

// uses returns the parameters that count n uses of key.
func (r *Limiter) uses(key Key, l Limit, n int) db.TakeRateParams {
	per := l.Per.Seconds()
	return db.TakeRateParams{Key: string(key), Now: r.now(), Every: per / float64(l.N) * float64(n), Burst: per + rateSlack.Seconds()}
}

// allowed converts the result of a count: the error of the query, or [*fault.Limited] if
// there is a wait in seconds.
func allowed(key Key, l Limit, wait float64, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("count %s: %w", key, err)
	case wait > 0:
		return &fault.Limited{RetryAfter: min(time.Duration(wait*float64(time.Second)), l.Per)}
	}
	return nil
}
