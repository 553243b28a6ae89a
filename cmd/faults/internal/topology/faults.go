package topology

import (
	"context"
	"fmt"
	"time"
)

// Kind is how a part fails.
type Kind string

// The kinds of faults.
const (
	Kill   Kind = "killed" // SIGKILL
	Freeze Kind = "frozen" // SIGSTOP: connections stay open and nothing answers
	Cut    Kind = "cut"    // no byte arrives, in either direction
)

// Part is a part that can fail.
type Part string

// The parts of the cluster.
const (
	Proxy   Part = "HAProxy"
	Pooler  Part = "PgBouncer"
	NATS    Part = "NATS"
	S3      Part = "S3"
	Replica Part = "replica"
	Primary Part = "primary"
	Standby Part = "standby"
)

// Parts returns the parts in the order in which they fail.
func (c *Cluster) Parts() []Part { return []Part{Proxy, Replica, NATS, S3, Pooler, Standby, Primary} }

// noticed is the time after which the programs that watch a PostgreSQL notice its loss.
const noticed = 2 * time.Second

// Break causes a fault. Without its standby, the primary continues alone after some seconds, as with Patroni.
func (c *Cluster) Break(ctx context.Context, part Part, kind Kind) error {
	machines, program := c.affected(part)
	switch kind {
	case Kill:
		program.kill()
	case Freeze:
		program.freeze()
	case Cut:
		c.network.cut(machines...)
	}
	if part != Standby {
		return nil
	}
	if err := wait(ctx, noticed); err != nil {
		return err
	}
	return c.syncOff(ctx)
}

// Mend ends a fault. A primary is not mended but replaced: the standby is promoted, and the cluster has no standby
// until [Cluster.Settle].
func (c *Cluster) Mend(ctx context.Context, part Part, kind Kind) error {
	if part == Primary {
		return c.failOver(ctx)
	}
	machines, program := c.affected(part)
	switch kind {
	case Kill:
		return program.start(ctx)
	case Freeze:
		program.thaw()
	case Cut:
		c.network.heal(machines...)
	}
	return nil
}

// Settle brings the cluster back to its full strength after Mend.
func (c *Cluster) Settle(ctx context.Context, part Part) error {
	switch part {
	case Standby:
		return c.syncOn(ctx)
	case Primary:
		old := c.pair.standby()
		c.network.heal(old.name, old.pooler.name)
		return c.rejoin(ctx)
	}
	return nil
}

// affected returns the machines of a part, and the program that fails.
func (c *Cluster) affected(part Part) (machines []string, program *daemon) {
	switch part {
	case Proxy:
		return []string{proxyMachine}, c.proxy
	case Replica:
		return []string{c.replicas[0].name}, c.replicas[0]
	case NATS:
		return []string{c.nats.name}, c.nats.process
	case S3:
		return []string{c.s3.name}, c.s3.process
	case Pooler:
		p := c.pair.primary().pooler
		return []string{p.name}, p.process
	case Primary:
		s := c.pair.primary()
		return []string{s.name, s.pooler.name}, s.process
	case Standby:
		s := c.pair.standby()
		return []string{s.name, s.pooler.name}, s.process
	}
	panic(fmt.Sprintf("there is no part %q", part))
}

// wait returns after d, or with an error when ctx ends.
func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
