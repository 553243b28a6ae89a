package cluster

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/cmd/faults/internal/fault"
	"frontdesk/cmd/faults/internal/topology"
)

// recovery is the time that the cluster has to serve again after a repair has begun. Latencies are
// measured after it.
const recovery = 5 * time.Second

// times are how long the parts of a run take.
type times struct {
	calm  time.Duration // without a fault, before the first one
	lasts time.Duration // of a fault, until its repair
	quiet time.Duration // after recovery, in which latencies are measured
	pace  time.Duration // the average time between two writes of a person
}

var (
	full  = times{calm: 10 * time.Second, lasts: 6 * time.Second, quiet: 7 * time.Second, pace: 10 * time.Second}
	short = times{calm: 5 * time.Second, lasts: 3 * time.Second, quiet: 2 * time.Second, pace: 4 * time.Second}
)

// row is one fault with the time that belongs to it.
type row struct {
	name       string
	part       topology.Part // "" for the time without a fault
	window     fault.Window
	settled    time.Time // when the cluster was complete again, for example with a standby
	begin, end time.Time
}

// calmFrom returns the time from which latencies count: the cluster has recovered and is complete.
func (r *row) calmFrom() time.Time {
	recovered := r.window.End.Add(recovery)
	if r.settled.After(recovered) {
		return r.settled
	}
	return recovered
}

// kinds are the kinds of faults.
var kinds = []topology.Kind{topology.Kill, topology.Freeze, topology.Cut}

// breakAll lets people talk without a fault, and then breaks each part.
func (r *run) breakAll(ctx context.Context) error {
	begin := time.Now()
	if err := sleep(ctx, r.times.calm); err != nil {
		return err
	}
	r.rows = append(r.rows, &row{name: "none", begin: begin, end: time.Now()})
	for i, part := range r.cluster.Parts() {
		for j, kind := range kinds {
			if r.Short && i%len(kinds) != j || r.Parts != nil && !slices.Contains(r.Parts, string(part)) {
				continue
			}
			if err := r.breakOne(ctx, part, kind); err != nil {
				return err
			}
		}
	}
	return nil
}

// breakOne causes one fault, repairs it and waits until the cluster is as before.
func (r *run) breakOne(ctx context.Context, part topology.Part, kind topology.Kind) error {
	row := &row{name: fmt.Sprintf("%s %s", part, kind), part: part, begin: time.Now()}
	r.say("%s", row.name)
	r.rows = append(r.rows, row)
	var err error
	row.window, err = fault.Run(ctx, fault.Fault{
		Name:  row.name,
		Begin: func(ctx context.Context) error { return r.cluster.Break(ctx, part, kind) },
		Lasts: r.times.lasts,
		End:   func(ctx context.Context) error { return r.cluster.Mend(ctx, part, kind) },
	})
	if err != nil {
		return err
	}
	if err := r.cluster.Settle(ctx, part); err != nil {
		return fmt.Errorf("after %s: %w", row.name, err)
	}
	row.settled = time.Now()
	err = sleep(ctx, time.Until(row.calmFrom())+r.times.quiet)
	row.end = time.Now()
	return err
}

// sleep returns after d, or with an error when ctx ends.
func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
