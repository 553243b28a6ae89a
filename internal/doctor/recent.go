package doctor

import (
	"context"
	"sync"
	"time"
)

// keepFor is how long [Recent] keeps findings, because the checks write files and request
// PUBLIC_URL.
const keepFor = 30 * time.Second

// Recent keeps the findings of checks for 30 seconds. It is safe for concurrent use.
type Recent struct {
	run func(context.Context) []Finding
	now func() time.Time

	mu    sync.Mutex // held while the checks run
	found []Finding
	at    time.Time
}

// NewRecent returns the findings of run by a clock.
func NewRecent(run func(context.Context) []Finding, now func() time.Time) *Recent {
	return &Recent{run: run, now: now}
}

// Findings returns findings that are at most 30 seconds old, or made after this call with
// again, and the time when they were made. Concurrent callers share one run of the checks,
// which does not end with the context of one of them.
func (r *Recent) Findings(ctx context.Context, again bool) (found []Finding, at time.Time) {
	oldest := r.now()
	if !again {
		oldest = oldest.Add(-keepFor)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.at.Before(oldest) {
		begun := r.now()
		r.found, r.at = r.run(context.WithoutCancel(ctx)), begun
	}
	return r.found, r.at
}
