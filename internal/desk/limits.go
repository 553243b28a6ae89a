package desk

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limit is how often something may happen: N times in Per, refilled evenly.
// With N 0 it allows everything.
type Limit struct {
	N   int
	Per time.Duration
}

// Limits are the settings of what is counted. They are kept in PostgreSQL, so
// that they hold across replicas.
type Limits struct {
	SignIn   Limit // attempts an address of the network; an account has ten times as many from all of them
	Register Limit // accounts an address of the network
	Tickets  Limit // tickets a customer
	Uploads  Limit // files a person
	Talk     Limit // comments, chat lines and changes of tickets a person
	Actions  Limit // requests that may change something, and sockets, a person
}

// DefaultLimits are generous to people and hard on programs.
var DefaultLimits = Limits{
	SignIn:   Limit{20, 15 * time.Minute},
	Register: Limit{10, time.Hour},
	Tickets:  Limit{60, time.Hour},
	Uploads:  Limit{200, time.Hour},
	Talk:     Limit{300, 10 * time.Minute},
	Actions:  Limit{1200, 10 * time.Minute},
}

// What a limit may be at most: larger ones are mistakes.
const (
	maxLimit = 1_000_000
	maxPer   = 31 * 24 * time.Hour
)

// UnmarshalText reads "30/1h"; "0" allows everything.
func (l *Limit) UnmarshalText(text []byte) error {
	if string(text) == "0" {
		*l = Limit{Per: time.Hour} // not the zero value: limits that all have it are the defaults, see [Options]
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
