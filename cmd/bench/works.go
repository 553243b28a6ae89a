package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// work is something to measure, named as its goal is.
type work struct {
	name, title string
	desk        bool          // it needs the seeded desk
	needed      bool          // others need what it does
	turns       float64       // for how many runs of a load it takes, each as often as --runs says
	extra       time.Duration // and how long beside them
	measure     func(*bench, context.Context) error
}

var works = []work{
	{name: "P10", title: "start", extra: 12 * time.Second, measure: (*bench).starts},
	{name: "P6", title: "memory, idle", desk: true, extra: time.Second, measure: (*bench).idle},
	{name: "P1", title: "ticket list", desk: true, turns: 3, extra: 2 * time.Second, measure: (*bench).list},
	{name: "P2", title: "ticket page", desk: true, turns: 3, extra: 2 * time.Second, measure: (*bench).ticket},
	{name: "P3", title: "comments", desk: true, turns: 2, extra: time.Second, measure: (*bench).comment},
	{name: "P4", title: "chat", desk: true, turns: 5, extra: 15 * time.Second, measure: (*bench).chat},
	{name: "API", title: "as programs use it", desk: true, turns: 10, extra: 5 * time.Second, measure: (*bench).api},
	{name: "P8", title: "everything at once", desk: true, turns: 4, extra: 20 * time.Second, measure: (*bench).stream},
	{name: "P6", title: "memory under load", desk: true, extra: time.Second, measure: (*bench).memory},
	{name: "P5", title: "10,000 sockets", desk: true, extra: 130 * time.Second, measure: (*bench).crowd},
	{name: "P5", title: "a stuck reader", desk: true, extra: 40 * time.Second, measure: (*bench).stuckReader},
	{name: "P9", title: "weight of a visit", desk: true, extra: time.Second, measure: (*bench).weight},
	{name: "P12", title: "hostile text", extra: time.Second, measure: (*bench).hostileText},
	{name: "P7", title: "growth", measure: (*bench).lookAround},
}

func workNames() []string {
	var names []string
	for _, w := range works {
		if !slices.Contains(names, w.name) {
			names = append(names, w.name)
		}
	}
	return names
}

func known(name string) bool { return slices.Contains(workNames(), name) }

// add puts rows into the table.
func (b *bench) add(rows ...row) { b.report.Rows = append(b.report.Rows, rows...) }

// inTurns runs several things one after the other, as often as --runs says, and
// returns the median run of each: whatever else the machine does meanwhile, and
// tables that grow, meet all of them alike.
func (b *bench) inTurns(runs ...func() (row, error)) ([]row, error) {
	all := make([][]row, len(runs))
	for n := range b.Runs {
		for i, run := range runs {
			b.progress.say(float64(n)/float64(b.Runs), "run %d of %d", n+1, b.Runs)
			r, err := run()
			if err != nil {
				return nil, err
			}
			all[i] = append(all[i], r)
		}
	}
	out := make([]row, len(runs))
	for i := range all {
		out[i] = median(all[i])
	}
	return out, nil
}

// median is the run whose rate is in the middle. The memory is the highest of all.
func median(runs []row) row { return medianBy(runs, func(r row) float64 { return r.Rate }) }

// medianP99 is the run whose p99 is in the middle.
func medianP99(runs []row) row { return medianBy(runs, func(r row) float64 { return float64(r.P99) }) }

func medianBy(runs []row, key func(row) float64) row {
	slices.SortFunc(runs, func(a, b row) int { return cmp.Compare(key(a), key(b)) })
	m := runs[len(runs)/2]
	for _, r := range runs {
		m.RSS, m.DBRSS = max(m.RSS, r.RSS), max(m.DBRSS, r.DBRSS)
	}
	return m
}

// once runs a load against p and tells what it cost p and the database.
func (b *bench) once(ctx context.Context, name string, p *program, l load) (row, error) {
	l.addr, l.conns, l.seconds = p.addr, b.Conns, b.Seconds
	size := 0
	r, err := b.costOf(name, p, func() (sample, error) {
		s, err := l.run(ctx)
		size = s.Bytes
		return s, err
	})
	r.Value, r.Figures = fmt.Sprintf("%.1f KiB", kib(size)), map[string]float64{"body_bytes": float64(size)}
	return r, err
}

// costOf tells what a work took, and what it cost p and the database.
func (b *bench) costOf(name string, p *program, measured func() (sample, error)) (row, error) {
	profiled := b.profile(name, p, b.Seconds)
	r, err := costOf(name, p.pid(), b.cluster.PID(), measured)
	return r, cmp.Or(err, profiled())
}

// costOf tells what a work took, and what it cost a server and a database, each a
// process with its children. 0 is one that is not known.
func costOf(name string, server, database int, measured func() (sample, error)) (row, error) {
	serverBefore, err1 := usageOf(server)
	databaseBefore, err2 := usageOf(database)
	peaks := watchMemory(server, database)
	s, err3 := measured()
	rss, dbRSS := peaks()
	serverAfter, err4 := usageOf(server)
	databaseAfter, err5 := usageOf(database)
	r := s.row(name)
	n := millis(max(1, s.N))
	r.ServerCPU, r.DBCPU = millis(serverAfter.CPU-serverBefore.CPU)/n, millis(databaseAfter.CPU-databaseBefore.CPU)/n
	r.RSS, r.DBRSS = rss, dbRSS
	return r, cmp.Or(err3, err1, err2, err4, err5)
}
