package tracing

import (
	"log/slog"
	"sync"
	"time"
)

// failuresEach is the least time between two entries about failures.
const failuresEach = time.Minute

// failures logs the failures of OpenTelemetry, such as a collector that is away.
type failures struct {
	log *slog.Logger

	mu      sync.Mutex
	last    time.Time // when a failure was logged
	dropped int       // failures since then
}

// Handle implements [otel.ErrorHandler].
func (f *failures) Handle(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if now.Sub(f.last) < failuresEach {
		f.dropped++
		return
	}
	f.log.Warn("traces failed", "error", err, "not_logged", f.dropped)
	f.last, f.dropped = now, 0
}
