package works

import (
	"context"

	"frontdesk/cmd/bench/internal/report"
	"frontdesk/internal/process"
)

// idleMemory reads the memory of the desk before it is loaded.
func (b *bench) idleMemory(context.Context) error {
	return b.memory("memory, idle", 30<<20, func(u process.Usage) int64 { return u.RSS })
}

// peakMemory reads the peak memory of the desk after most loads. It does not include the works with
// a separate desk.
func (b *bench) peakMemory(context.Context) error {
	return b.memory("memory, peak under load", 120<<20, func(u process.Usage) int64 { return u.Peak })
}

func (b *bench) memory(work string, goal int64, of func(process.Usage) int64) error {
	u, err := process.UsageOf(b.app.PID())
	n := of(u)
	b.add(report.Row{Work: work, RSS: n, Value: report.Size(n)}.Wants("≤ "+report.Size(goal), n <= goal))
	return err
}
