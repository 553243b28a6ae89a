package works

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/cmd/bench/internal/limit"
	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/report"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/db/dbseed"
	"frontdesk/internal/process"
)

// firstWhole is how long the system that this one replaces takes to send 100,000 tickets.
const firstWhole = 2300 * time.Millisecond

// wholeName is the name of the row of whole lists.
const wholeName = "whole list, all tickets to an admin"

// wholeList fetches all tickets as an admin over the API again and again: first
// alone, in turns with its limit, and then while others fetch one ticket, in turns
// with those alone.
func (b *bench) wholeList(ctx context.Context) error {
	staff, err := load.Token(b.app.Addr, dbseed.Email(dbseed.Admin), testbed.Password)
	if err != nil {
		return err
	}
	bare, err := limit.StartPage(ctx, &b.bed, b.app, fmt.Sprintf("/api/tickets?limit=%d", limit.WholeBatch), "Authorization", "Bearer "+staff)
	if err != nil {
		return err
	}
	defer bare.Stop()
	rows, err := b.inTurns(
		func() (report.Row, error) {
			return wholeRow("whole list, limit: its queries and bytes, bare", bare.PID(), b.bed.Cluster.PID(), func() (report.Row, error) {
				return b.fetchAll(ctx, bare.Addr, "/api/tickets?whole", staff)
			})
		},
		func() (report.Row, error) {
			profiled := b.profile(wholeName, b.app, b.Seconds)
			r, err := wholeRow(wholeName, b.app.PID(), b.bed.Cluster.PID(), func() (report.Row, error) {
				return b.fetchAll(ctx, b.app.Addr, "/api/tickets", staff)
			})
			return r, cmp.Or(err, profiled())
		})
	if err != nil {
		return err
	}
	most := firstWhole * time.Duration(b.Tickets) / 100_000
	whole := rows[1].Against(rows[0].Rate)
	b.add(rows[0], whole.Wants(fmt.Sprintf("≤ %s, as the first system", most), time.Duration(whole.P50) <= most))
	return b.besideOthers(ctx, staff)
}

// wholeRow returns the row that fetch returns, with the costs of a server and a database per list.
func wholeRow(name string, server, database int, fetch func() (report.Row, error)) (report.Row, error) {
	var got report.Row
	cost, err := costOf(name, server, database, func() (load.Sample, error) {
		var err error
		got, err = fetch()
		return load.Sample{N: int(got.Figures["lists"])}, err
	})
	got.Work, got.ServerCPU, got.DBCPU, got.RSS, got.DBRSS = name, cost.ServerCPU, cost.DBCPU, cost.RSS, cost.DBRSS
	return got, err
}

// fetchAll fetches whole lists one after the other for the length of a run, and at
// least one.
func (b *bench) fetchAll(ctx context.Context, addr, path, token string) (report.Row, error) {
	var took []time.Duration
	var size int64
	start := time.Now()
	for len(took) == 0 || time.Since(start).Seconds() < b.Seconds {
		began := time.Now()
		n, err := fetch(ctx, addr, path, token)
		if err != nil {
			return report.Row{}, err
		}
		took, size = append(took, time.Since(began)), n
	}
	r := load.NewSample(took, time.Since(start)).Row("")
	r.Value, r.Figures = report.Size(size), map[string]float64{"body_bytes": float64(size), "lists": float64(len(took))}
	return r, nil
}

// fetch reads one whole list and returns its size in bytes.
func fetch(ctx context.Context, addr, path, token string) (int64, error) {
	return load.Copy(ctx, io.Discard, addr, path, "Authorization", "Bearer "+token)
}

// besideOthers measures how much slower requests for one ticket are while whole
// lists are sent, and how much memory the lists take. It reports the runs with the
// median p99.
func (b *bench) besideOthers(ctx context.Context, token string) error {
	one := load.HTTP{Want: http.StatusOK, Request: func(int, int) []byte { return load.Call("GET", "/api/tickets/1", token, "", "") }}
	var alone, meanwhile []report.Row
	var growth []int64
	for n := range b.Runs {
		b.progress.Say(0, "beside others, run %d of %d", n+1, b.Runs)
		calm, err := b.once(ctx, "whole list, others alone", b.app, one)
		if err != nil {
			return err
		}
		idle := process.StatusOf(b.app.PID(), "VmRSS:")
		stop := b.keepFetching(ctx, token)
		busy, err := b.once(ctx, "whole list, others meanwhile", b.app, one)
		if err = cmp.Or(stop(), err); err != nil {
			return err
		}
		alone, meanwhile, growth = append(alone, calm), append(meanwhile, busy), append(growth, max(0, busy.RSS-idle))
	}
	calm, busy, over := medianP99(alone), medianP99(meanwhile), slices.Max(growth)
	b.add(report.Row{Work: "whole list, memory over idle", Value: report.Size(over), Figures: map[string]float64{"memory_bytes": float64(over)}}.Wants("≤ 32 MiB", over <= 32<<20),
		calm, busy.Wants("p99 ≤ 2×", busy.P99 <= 2*calm.P99))
	return nil
}

// keepFetching fetches whole lists until stop is called. stop waits for the last
// one and returns the first error.
func (b *bench) keepFetching(ctx context.Context, token string) (stop func() error) {
	var over atomic.Bool
	var failed error
	var lists sync.WaitGroup
	lists.Go(func() {
		for !over.Load() && failed == nil {
			_, failed = fetch(ctx, b.app.Addr, "/api/tickets", token)
		}
	})
	return func() error {
		over.Store(true)
		lists.Wait()
		return failed
	}
}
