package desk

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"time"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// rateSlack is how far apart the clocks of requests at one time may read: the
// last use that a limit allows must not fail for having been asked a moment early.
const rateSlack = 10 * time.Millisecond

// limitKey names what a limit counts and for whom. The kind of who is part of it:
// an account whose address reads like a network has another key than the network.
type limitKey string

func ofNetwork(use string, a netip.Addr) limitKey { return limitKey(use + "/network/" + Network(a)) }

func ofAddress(use, email string) limitKey {
	return limitKey(use + "/address/" + input.EmailKey(email))
}

func ofPerson(use string, id int64) limitKey {
	return limitKey(use + "/person/" + strconv.FormatInt(id, 10))
}

// Network returns what a limit counts an address of the network as: an IPv6
// customer has a whole /64 of them (RFC 6177), and behind a translator the last
// four bytes are the customer's address (RFC 6052).
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

var translated = netip.MustParsePrefix("64:ff9b::/96")

// allow counts one use of key under the limit l, and refuses with [*fault.Limited]
// what comes too fast. It is a step: inside a transaction that fails, nothing
// was counted. The algorithm is GCRA (ITU-T I.371): one row a key.
func (d *Desk) allow(ctx context.Context, q *db.Queries, key limitKey, l Limit) error {
	if l.N == 0 {
		return nil
	}
	wait, err := q.TakeRate(ctx, d.uses(key, l, 1))
	return allowed(key, l, wait, err)
}

// allowAtOnce is allow for n uses together, all of them or none, in a
// transaction of its own that does not wait for the disk.
func (d *Desk) allowAtOnce(ctx context.Context, key limitKey, l Limit, n int) error {
	if l.N == 0 {
		return nil
	}
	wait, err := db.TakeRateLazily(ctx, d.pool, d.uses(key, l, n))
	return allowed(key, l, wait, err)
}

// giveBack takes back one use of key that allow or allowAtOnce counted.
func (d *Desk) giveBack(ctx context.Context, key limitKey, l Limit) error {
	if l.N == 0 {
		return nil
	}
	if err := d.q.GiveRateBack(ctx, db.GiveRateBackParams{Key: string(key), Every: d.uses(key, l, 1).Every}); err != nil {
		return fmt.Errorf("give back %s: %w", key, err)
	}
	return nil
}

func (d *Desk) uses(key limitKey, l Limit, n int) db.TakeRateParams {
	per := l.Per.Seconds()
	return db.TakeRateParams{Key: string(key), Now: d.Now(), Every: per / float64(l.N) * float64(n), Burst: per + rateSlack.Seconds()}
}

func allowed(key limitKey, l Limit, wait float64, err error) error {
	switch {
	case err != nil:
		return fmt.Errorf("count %s: %w", key, err)
	case wait > 0:
		return &fault.Limited{RetryAfter: min(time.Duration(wait*float64(time.Second)), l.Per)}
	}
	return nil
}
