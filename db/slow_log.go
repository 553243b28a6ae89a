package db

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// slowPerMinute is the maximum number of slow statements that are logged in a minute.
const slowPerMinute = 30

// SlowLog logs slow statements.
type SlowLog struct {
	limit time.Duration
	log   *slog.Logger
	now   func() time.Time

	mu      sync.Mutex
	minute  time.Time // when the current minute began
	logged  int       // statements that were logged in it
	dropped int       // statements that were not
}

// NewSlowLog returns a log of the statements that take limit or longer.
func NewSlowLog(limit time.Duration, log *slog.Logger) *SlowLog {
	return &SlowLog{limit: limit, log: log, now: time.Now}
}

// Observe logs a statement if it was slow, with the id of the request that ctx carries, and reports
// whether it was slow. At most 30 statements are logged in a minute. The number of the others is
// logged with the next statement.
func (l *SlowLog) Observe(ctx context.Context, s Statement) (slow bool) {
	if s.Took < l.limit {
		return false
	}
	may, dropped := l.take()
	if dropped > 0 {
		l.log.Warn("slow queries not logged", "queries", dropped)
	}
	if may {
		l.log.WarnContext(ctx, "slow query", "query", s.Name, "took", s.Took, "rows", s.Rows, "failed", s.Failed)
	}
	return true
}

// take reports whether another statement may be logged. In a new minute it returns how many
// were not logged in the one before.
func (l *SlowLog) take() (may bool, dropped int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if now := l.now(); now.Sub(l.minute) >= time.Minute {
		dropped = l.dropped
		l.minute, l.logged, l.dropped = now, 0, 0
	}
	if may = l.logged < slowPerMinute; may {
		l.logged++
	} else {
		l.dropped++
	}
	return may, dropped
}
