package main

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

	"frontdesk/db/dbseed"
)

// firstWhole is how long the first system takes over 100,000 tickets.
const firstWhole = 2300 * time.Millisecond

// stream fetches every ticket as an admin again and again: alone and in turns
// with its limit, and while others ask for one, in turns with those alone.
func (b *bench) stream(ctx context.Context) error {
	staff, err := token(b.app.addr, dbseed.Email(dbseed.Admin), password)
	if err != nil {
		return err
	}
	fence, err := b.startLimit(ctx, fmt.Sprintf("/api/tickets?limit=%d", wholeBatch), "Authorization", "Bearer "+staff)
	if err != nil {
		return err
	}
	defer fence.stop()
	const work = "P8 all tickets to an admin"
	rows, err := b.inTurns(
		func() (row, error) {
			return wholeRows("P8's limit: its queries and bytes, bare", fence.pid(), b.cluster.PID(), func() (row, error) { return b.wholeLists(ctx, fence.addr, "/api/tickets?whole", staff) })
		},
		func() (row, error) {
			profiled := b.profile(work, b.app, b.Seconds)
			r, err := wholeRows(work, b.app.pid(), b.cluster.PID(), func() (row, error) { return b.wholeLists(ctx, b.app.addr, "/api/tickets", staff) })
			return r, cmp.Or(err, profiled())
		})
	if err != nil {
		return err
	}
	most := firstWhole * time.Duration(b.Tickets) / 100_000
	whole := rows[1].against(rows[0].Rate)
	b.add(rows[0], whole.wants(fmt.Sprintf("≤ %s, as the first system", most), time.Duration(whole.P50) <= most))
	return b.streamBeside(ctx, staff)
}

// wholeRows tells what fetching whole lists cost.
func wholeRows(name string, server, database int, fetched func() (row, error)) (row, error) {
	var got row
	cost, err := costOf(name, server, database, func() (sample, error) {
		var err error
		got, err = fetched()
		return sample{N: int(got.Figures["lists"])}, err
	})
	got.Work, got.ServerCPU, got.DBCPU, got.RSS, got.DBRSS = name, cost.ServerCPU, cost.DBCPU, cost.RSS, cost.DBRSS
	return got, err
}

// wholeLists fetches lists one after the other for as long as a run lasts, and
// one at least.
func (b *bench) wholeLists(ctx context.Context, addr, path, token string) (row, error) {
	var took []time.Duration
	var size int64
	start := time.Now()
	for len(took) == 0 || time.Since(start).Seconds() < b.Seconds {
		began := time.Now()
		n, err := wholeList(ctx, addr, path, token)
		if err != nil {
			return row{}, err
		}
		took, size = append(took, time.Since(began)), n
	}
	r := newSample(took, time.Since(start)).row("")
	r.Value, r.Figures = mib(size), map[string]float64{"body_bytes": float64(size), "lists": float64(len(took))}
	return r, nil
}

// wholeList reads every ticket and returns the size of the answer.
func wholeList(ctx context.Context, addr, path, token string) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+addr+path, nil)
	if err != nil {
		return 0, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	req.Header.Set("Accept-Encoding", "identity")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return 0, fmt.Errorf("%s: %s", path, resp.Status)
	}
	return io.Copy(io.Discard, resp.Body)
}

// streamBeside measures what whole lists cost those who ask for one ticket
// meanwhile, and how much memory they take then. The medians here are of p99.
func (b *bench) streamBeside(ctx context.Context, token string) error {
	one := load{want: http.StatusOK, request: func(int, int) []byte { return call("GET", "/api/tickets/1", token, "", "") }}
	var alone, meanwhile []row
	var growth []int64
	for n := range b.Runs {
		b.progress.say(0, "beside others, run %d of %d", n+1, b.Runs)
		calm, err := b.once(ctx, "P8 others alone", b.app, one)
		if err != nil {
			return err
		}
		idle := statusOf(b.app.pid(), "VmRSS:")
		stop := b.keepStreaming(ctx, token)
		busy, err := b.once(ctx, "P8 others meanwhile", b.app, one)
		if err = cmp.Or(stop(), err); err != nil {
			return err
		}
		alone, meanwhile, growth = append(alone, calm), append(meanwhile, busy), append(growth, max(0, busy.RSS-idle))
	}
	calm, busy, over := medianP99(alone), medianP99(meanwhile), slices.Max(growth)
	b.add(row{Work: "P8 memory over idle", Value: mib(over), Figures: map[string]float64{"memory_bytes": float64(over)}}.wants("≤ 32 MiB", over <= 32<<20),
		calm, busy.wants("p99 ≤ 2×", busy.P99 <= 2*calm.P99))
	return nil
}

// keepStreaming fetches whole lists until stop is called, which waits for the last.
func (b *bench) keepStreaming(ctx context.Context, token string) (stop func() error) {
	var over atomic.Bool
	var fault error
	var lists sync.WaitGroup
	lists.Go(func() {
		for !over.Load() && fault == nil {
			_, fault = wholeList(ctx, b.app.addr, "/api/tickets", token)
		}
	})
	return func() error {
		over.Store(true)
		lists.Wait()
		return fault
	}
}
