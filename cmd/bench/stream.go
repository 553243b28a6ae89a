package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/db/dbseed"
)

// stream fetches every ticket as an admin again and again, while others ask for
// one: what that costs them, and how much memory it takes.
func (b *bench) stream(ctx context.Context) error {
	token, err := b.app.token(dbseed.Admin)
	if err != nil {
		return err
	}
	one := load{addr: b.app.addr, conns: b.Conns, seconds: b.Seconds, want: http.StatusOK,
		request: func(int, int) []byte { return call("GET", "/api/tickets/1", token, "", "") }}
	alone, err := one.run(ctx)
	if err != nil {
		return err
	}
	idle, err := usageOf(b.app.cmd.Process.Pid)
	if err != nil {
		return err
	}
	all, during, peak, err := b.streamBeside(ctx, token, one)
	if err != nil {
		return err
	}
	calm, flat := during.P99 <= 2*alone.P99, peak-idle.RSS <= 32<<20
	b.rows = append(b.rows,
		row{Work: "P8 all tickets to an admin", Rate: all.Rate, P50: all.P50, P99: all.P99, Value: fmt.Sprintf("%.1f MiB", kib(all.Bytes)/1024)},
		row{Work: "P8 memory over idle", Value: mib(max(0, peak-idle.RSS)), Goal: "≤ 32 MiB", Met: &flat},
		row{Work: "P8 others alone", Rate: alone.Rate, P50: alone.P50, P99: alone.P99},
		row{Work: "P8 others meanwhile", Rate: during.Rate, P50: during.P50, P99: during.P99, Goal: "p99 ≤ 2×", Met: &calm})
	return nil
}

// streamBeside fetches whole lists for as long as the load lasts.
func (b *bench) streamBeside(ctx context.Context, token string, beside load) (all, others sample, peak int64, err error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var over atomic.Bool
	var took []time.Duration
	var size int64
	var fault error
	var both sync.WaitGroup
	start := time.Now()
	both.Go(func() {
		for len(took) == 0 || !over.Load() {
			began := time.Now()
			if size, fault = b.wholeList(ctx, token); fault != nil {
				return
			}
			took = append(took, time.Since(began))
		}
	})
	both.Go(func() {
		for !over.Load() {
			u, err := usageOf(b.app.cmd.Process.Pid)
			if err == nil {
				peak = max(peak, u.RSS)
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
	others, err = beside.run(ctx)
	over.Store(true)
	both.Wait()
	all = newSample(took, time.Since(start))
	all.Bytes = int(size)
	if err == nil {
		err = fault
	}
	return all, others, peak, err
}

// wholeList reads every ticket and returns the size of the answer.
func (b *bench) wholeList(ctx context.Context, token string) (int64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+b.app.addr+"/api/tickets", nil)
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
	return io.Copy(io.Discard, resp.Body)
}
