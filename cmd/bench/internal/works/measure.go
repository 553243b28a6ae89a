package works

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/internal/process"
)

// add adds rows to the report.
func (b *bench) add(rows ...report.Row) { b.report.Rows = append(b.report.Rows, rows...) }

// inTurns runs several measurements one after the other, as often as --runs says,
// and returns the median run of each. Taken in turns, all of them are affected
// alike by other load on the machine and by tables that grow.
func (b *bench) inTurns(runs ...func() (report.Row, error)) ([]report.Row, error) {
	all := make([][]report.Row, len(runs))
	for n := range b.Runs {
		for i, run := range runs {
			b.progress.Say(float64(n)/float64(b.Runs), "run %d of %d", n+1, b.Runs)
			r, err := run()
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], r)
		}
	}
	out := make([]report.Row, len(runs))
	for i := range all {
		out[i] = median(all[i])
	}
	return out, nil
}

// median returns the run with the median rate and the highest memory of all runs.
func median(runs []report.Row) report.Row {
	return medianBy(runs, func(r report.Row) float64 { return r.Rate })
}

// medianP99 returns the run with the median p99 and the highest memory of all runs.
func medianP99(runs []report.Row) report.Row {
	return medianBy(runs, func(r report.Row) float64 { return float64(r.P99) })
}

func medianBy(runs []report.Row, key func(report.Row) float64) report.Row {
	slices.SortFunc(runs, func(a, b report.Row) int { return cmp.Compare(key(a), key(b)) })
	m := runs[len(runs)/2]
	for _, r := range runs {
		m.RSS, m.DBRSS = max(m.RSS, r.RSS), max(m.DBRSS, r.DBRSS)
	}
	return m
}

// once sends a load to p and returns its row, with the costs of p and the database.
func (b *bench) once(ctx context.Context, name string, p *process.Program, l load.HTTP) (report.Row, error) {
	l.Addr, l.Conns, l.Seconds = p.Addr, b.Conns, b.Seconds
	size := 0
	r, err := b.costOf(name, p, func() (load.Sample, error) {
		s, err := l.Run(ctx)
		size = s.Bytes
		return s, err
	})
	r.Value, r.Figures = fmt.Sprintf("%.1f KiB", report.KiB(size)), map[string]float64{"body_bytes": float64(size)}
	return r, err
}

// costOf returns the row of a measurement, with the costs of p and the database, and profiles p
// meanwhile if profiles are requested.
func (b *bench) costOf(name string, p *process.Program, measure func() (load.Sample, error)) (report.Row, error) {
	profiled := b.profile(name, p, b.Seconds)
	r, err := costOf(name, p.PID(), b.bed.Cluster.PID(), measure)
	return r, cmp.Or(err, profiled())
}

// costOf returns the row of a measurement, with the costs of a server and a database, each a
// process with its children. A pid of 0 is not measured.
func costOf(name string, server, database int, measure func() (load.Sample, error)) (report.Row, error) {
	serverBefore, err1 := process.UsageOf(server)
	databaseBefore, err2 := process.UsageOf(database)
	peaks := process.WatchMemory(server, database)
	s, err3 := measure()
	rss, dbRSS := peaks()
	serverAfter, err4 := process.UsageOf(server)
	databaseAfter, err5 := process.UsageOf(database)
	r := s.Row(name)
	n := report.Millis(max(1, s.N))
	r.ServerCPU, r.DBCPU = report.Millis(serverAfter.CPU-serverBefore.CPU)/n, report.Millis(databaseAfter.CPU-databaseBefore.CPU)/n
	r.RSS, r.DBRSS = rss, dbRSS
	return r, cmp.Or(err3, err1, err2, err4, err5)
}

// profile begins to take a CPU and an allocation profile of a desk for the given number of seconds,
// and returns a function that waits for them. It does nothing without --profile. If a work runs
// several times, the profiles of the last run are kept.
func (b *bench) profile(name string, p *process.Program, seconds float64) (wait func() error) {
	if b.Profile == "" || p.Profiler == "" {
		return func() error { return nil }
	}
	if err := os.MkdirAll(b.Profile, 0o755); err != nil {
		return func() error { return err }
	}
	var both sync.WaitGroup
	var cpu, allocs error
	whole := int(max(1, math.Round(seconds)))
	file := filepath.Join(b.Profile, fileName(name))
	both.Go(func() { cpu = p.Profile("profile", whole, file+".cpu.pprof") })
	both.Go(func() { allocs = p.Profile("allocs", whole, file+".allocs.pprof") })
	return func() error {
		both.Wait()
		return cmp.Or(cpu, allocs)
	}
}

// fileName returns a row's name in lower case, with hyphens for all but letters and digits.
func fileName(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words, "-")
}
