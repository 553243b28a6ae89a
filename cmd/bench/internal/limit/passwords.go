package limit

import (
	"context"
	"runtime"
	"sync"
	"time"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/internal/account"
)

// HashPasswords hashes passwords with argon2id on all cores for the given number of seconds, and
// returns how long each hash took.
func HashPasswords(ctx context.Context, seconds float64) (load.Sample, error) {
	until := time.Now().Add(time.Duration(seconds * float64(time.Second)))
	var all []time.Duration
	var mu sync.Mutex
	var wg sync.WaitGroup
	start := time.Now()
	for range runtime.NumCPU() {
		wg.Go(func() {
			for time.Now().Before(until) && ctx.Err() == nil {
				began := time.Now()
				account.HashPassword(testbed.Password)
				mu.Lock()
				all = append(all, time.Since(began))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return load.NewSample(all, time.Since(start)), ctx.Err()
}
