package db

import (
	"context"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// Times of a [Clock].
const (
	clockTolerance = 2 * time.Second // smaller differences are ignored: they are normal between machines with a time service
	clockEvery     = time.Minute     // between two comparisons
)

// Clock is the clock of the database server, so that replicas whose machines have different times
// agree on when sessions, tokens and limits end. It reads the clock of this machine and adds the
// difference, which it compares again every minute. It is safe for concurrent use.
type Clock struct {
	machine    func() time.Time
	log        *slog.Logger
	difference atomic.Int64 // nanoseconds that the server is ahead of the machine; 0 below the tolerance
}

// NewClock returns a clock that shows the time of the machine until [Clock.Compare] was called.
func NewClock(machine func() time.Time, log *slog.Logger) *Clock {
	return &Clock{machine: machine, log: log}
}

// Now returns the time of the database server.
func (c *Clock) Now() time.Time {
	return c.machine().Add(time.Duration(c.difference.Load()))
}

// Compare compares the clocks. It changes nothing if the answer took too long to be exact.
func (c *Clock) Compare(ctx context.Context, q *Queries) error {
	asked := c.machine()
	server, err := q.ServerTime(ctx)
	if err != nil {
		return fmt.Errorf("read the clock of the database: %w", err)
	}
	took := c.machine().Sub(asked)
	if took > clockTolerance/2 {
		return nil
	}
	difference := server.Sub(asked.Add(took / 2))
	if difference.Abs() < clockTolerance {
		difference = 0
	}
	was := time.Duration(c.difference.Swap(int64(difference)))
	if (was - difference).Abs() >= clockTolerance {
		c.log.Warn("clock of the database differs from that of this machine", "seconds", difference.Seconds())
	}
	return nil
}

// Watch compares the clocks every minute until ctx ends.
func (c *Clock) Watch(ctx context.Context, q *Queries) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-time.After(clockEvery):
		}
		if err := c.Compare(ctx, q); err != nil && ctx.Err() == nil {
			c.log.Warn("clocks not compared", "error", err)
		}
	}
}
