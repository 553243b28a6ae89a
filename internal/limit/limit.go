// Package limit bounds how often and how much at once: rates kept in PostgreSQL that
// hold across replicas ([Limiter], [Leases]), and work under way in one process ([Slots]).
package limit

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limit is a rate: N times in Per, refilled evenly. N 0 allows everything.
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

// Defaults are generous to people and hard on programs.
var Defaults = Limits{
	SignIn:   Limit{20, 15 * time.Minute},
	Register: Limit{10, time.Hour},
	Tickets:  Limit{60, time.Hour},
	Uploads:  Limit{200, time.Hour},
	Talk:     Limit{300, 10 * time.Minute},
	Actions:  Limit{1200, 10 * time.Minute},
}

// The largest count and time of a limit. Larger ones are mistakes.
const (
	maxLimit = 1_000_000
	maxPer   = 31 * 24 * time.Hour
)

// UnmarshalText reads "30/1h"; "0" allows everything.
func (l *Limit) UnmarshalText(text []byte) error {
	if string(text) == "0" {
		*l = Limit{Per: time.Hour} // not the zero value: Limits that have it everywhere mean Defaults
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

// ClockSlack is how far a stored time may be in the future before it counts as
// written by a clock that was wrong: the clocks of replicas differ.
const ClockSlack = time.Minute
