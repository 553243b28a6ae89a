// Package limit limits rates, which are counted in PostgreSQL for all replicas together
// ([Limiter], [Leases]), and the amount of simultaneous work in one process ([Slots]).
package limit

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limit is a rate of N uses in the time Per, refilled evenly. If N is 0, there is no
// limit.
type Limit struct {
	N   int
	Per time.Duration
}

// Limits are the rates of a desk.
type Limits struct {
	SignIn   Limit // attempts to sign in, for each network address; an account has ten times as many from all addresses
	Register Limit // new accounts, for each network address
	Tickets  Limit // new tickets, for each user
	Uploads  Limit // files, for each user
	Talk     Limit // comments, chat messages and changes of tickets, for each user
	Actions  Limit // requests that may change something, and sockets, for each user
}

// Defaults are the default rates. People do not reach them in normal use.
var Defaults = Limits{
	SignIn:   Limit{20, 15 * time.Minute},
	Register: Limit{10, time.Hour},
	Tickets:  Limit{60, time.Hour},
	Uploads:  Limit{200, time.Hour},
	Talk:     Limit{300, 10 * time.Minute},
	Actions:  Limit{1200, 10 * time.Minute},
}

// The maximum count and time of a configured limit.
const (
	maxLimit = 1_000_000
	maxPer   = 31 * 24 * time.Hour
)

// UnmarshalText reads a limit such as "30/1h", or "0" for no limit.
func (l *Limit) UnmarshalText(text []byte) error {
	if string(text) == "0" {
		*l = Limit{Per: time.Hour} // not the zero value, because Limits{} selects Defaults
		return nil
	}
	n, per, ok := strings.Cut(string(text), "/")
	count, err1 := strconv.Atoi(n)
	d, err2 := time.ParseDuration(per)
	if !ok || err1 != nil || err2 != nil || count < 1 || count > maxLimit || d < time.Second || d > maxPer {
		return fmt.Errorf("%q is not a limit such as 30/1h (at most %d, in 1s to %s)", text, maxLimit, maxPer)
	}
	*l = Limit{count, d}
	return nil
}

// ClockSlack is the maximum difference between the clocks of replicas. A stored time that
// is further in the future was written by a wrong clock.
const ClockSlack = time.Minute
