package cluster

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/fault"
	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/cmd/faults/internal/people"
	"frontdesk/cmd/faults/internal/topology"
)

// limit is the limit of live delivery outside of the windows of faults.
const limit = 500 * time.Millisecond

// limitWithoutNATS is the limit of live delivery while NATS is away: the replicas then read the database every 2 s.
const limitWithoutNATS = 2500 * time.Millisecond

// timeout is the time within which every person must be shown all entries after the last write.
const timeout = 30 * time.Second

// judge lets the people finish, and compares what was acknowledged, stored and shown.
func (r *run) judge(ctx context.Context) (comparison.Table, error) {
	r.say("Comparing what was acknowledged, stored and shown")
	r.crowd.Finish()
	if err := r.journal.Close(); err != nil {
		return nil, err
	}
	entries, err := journal.Read(r.journalPath())
	if err != nil {
		return nil, err
	}
	log, err := comparison.ReadLog(ctx, r.cluster.Database(), r.crowd.Tickets())
	if err != nil {
		return nil, err
	}
	var table comparison.Table
	for _, row := range r.rows {
		table = append(table, r.figures(row, entries, log))
	}
	return append(table, r.total(ctx, entries, log)), nil
}

// figures returns the row of one fault: the writes from its beginning until the next fault.
func (r *run) figures(row *row, entries []journal.Entry, log comparison.Log) comparison.Row {
	var mine []journal.Entry
	for _, e := range entries {
		if !e.At.Before(row.begin) && e.At.Before(row.end) {
			mine = append(mine, e)
		}
	}
	result := comparison.Row{Fault: row.name, Figures: comparison.Compare(mine, log, nil), Limits: comparison.Limits{P99: limit}}
	result.Doubled = 0 // it counts the whole log, and is in the total
	if row.part != "" {
		result.Limits.Recovery = recovery
		result.Figures.Recovery = comparison.Recovery(row.window, r.acks(row.part))
	}
	switch row.part {
	case topology.NATS:
		p99 := r.p99(row.window.Begin, row.window.End)
		result.Note = fmt.Sprintf("p99 %d ms while it is away", p99.Milliseconds())
		if p99 > limitWithoutNATS {
			result.Failed = fmt.Sprintf("%s, limit %d ms", result.Note, limitWithoutNATS.Milliseconds())
		}
	case topology.Primary, topology.Standby:
		if recovered := row.window.End.Add(recovery); row.settled.After(recovered) {
			result.Note = fmt.Sprintf("p99 %d ms until there was a standby again, %.0f s after the repair began",
				r.p99(recovered, row.settled).Milliseconds(), row.settled.Sub(row.window.End).Seconds())
		}
	}
	result.P50, result.Figures.P99 = comparison.Outside(r.windows(), 0, within(r.crowd.Deliveries(), row.begin, row.end))
	return result
}

// p99 returns the 99th percentile of the deliveries that begin in a time.
func (r *run) p99(begin, end time.Time) time.Duration {
	_, p99 := comparison.Outside(nil, 0, within(r.crowd.Deliveries(), begin, end))
	return p99
}

// acks returns the acknowledged writes that depend on a part.
func (r *run) acks(part topology.Part) []people.Timing {
	if part == topology.S3 {
		return r.crowd.AcksOf(journal.File)
	}
	return r.crowd.AcksOf(journal.Message)
}

// within returns the timings that begin between two times.
func within(all []people.Timing, begin, end time.Time) []people.Timing {
	var some []people.Timing
	for _, t := range all {
		if !t.Begun.Before(begin) && t.Begun.Before(end) {
			some = append(some, t)
		}
	}
	return some
}

// total returns the row of the whole run.
func (r *run) total(ctx context.Context, entries []journal.Entry, log comparison.Log) comparison.Row {
	soon, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	failed := r.crowd.Reach(soon, log.Last())
	row := comparison.Row{Fault: "all", Figures: comparison.Compare(entries, log, r.crowd.Seen()), Limits: comparison.Limits{P99: limit}}
	row.Errors = r.crowd.InternalErrors()
	row.Forbidden = r.intruder.successes()
	row.P50, row.Figures.P99 = comparison.Outside(r.windows(), 0, r.crowd.Deliveries())
	problems, err := r.cluster.Verify()
	row.BadFiles = problems
	failed = errors.Join(append([]error{failed, err}, r.crowd.Refusals()...)...)
	if failed != nil {
		row.Failed = failed.Error()
	}
	return row
}

// windows returns the times in which latencies are not measured.
func (r *run) windows() []fault.Window {
	var all []fault.Window
	for _, row := range r.rows {
		if row.part != "" {
			all = append(all, fault.Window{Name: row.name, Begin: row.window.Begin, End: row.calmFrom()})
		}
	}
	return all
}
