package report

import (
	"fmt"
	"strconv"
	"time"
)

// Row is one line of the table. A zero field was not measured.
type Row struct {
	// Work is the name of the work, and after a comma what of it was measured:
	// "ticket list, 50 rows", "ticket list, limit: its queries and bytes, bare".
	Work      string  `json:"work"`
	Rate      float64 `json:"rate,omitempty"` // per second
	P50       Millis  `json:"p50_ms,omitempty"`
	P99       Millis  `json:"p99_ms,omitempty"`
	ServerCPU Millis  `json:"server_cpu_ms,omitempty"`      // per request
	DBCPU     Millis  `json:"database_cpu_ms,omitempty"`    // per request
	RSS       int64   `json:"rss_bytes,omitempty"`          // peak of the server during the work
	DBRSS     int64   `json:"database_rss_bytes,omitempty"` // peak of PostgreSQL; memory its processes share is counted once
	Limit     float64 `json:"limit,omitempty"`              // rate of the limit in the same run
	Share     float64 `json:"share,omitempty"`              // Rate / Limit
	Value     string  `json:"value,omitempty"`              // a result that is not a rate: a size, a time
	// Figures holds the numbers in Value for programs. Each name ends in its unit.
	Figures map[string]float64 `json:"figures,omitempty"`
	// Goal is a goal in absolute figures, which differ from machine to machine.
	Goal string `json:"goal,omitempty"`
	Met  *bool  `json:"met,omitempty"`
	// ShareGoal is the lowest share of the limit that is acceptable.
	ShareGoal float64 `json:"share_goal,omitempty"`
	ShareMet  *bool   `json:"share_met,omitempty"`
}

// Millis is a duration that is written to JSON as milliseconds.
type Millis time.Duration

// MarshalJSON writes milliseconds with three decimals.
func (m Millis) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, m.Number(), 'f', 3, 64), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *Millis) UnmarshalJSON(raw []byte) error {
	f, err := strconv.ParseFloat(string(raw), 64)
	*m = Millis(f * float64(time.Millisecond))
	return err
}

// Number returns m as a number of milliseconds.
func (m Millis) Number() float64 { return float64(m) / float64(time.Millisecond) }

// Wants returns r with a goal in absolute figures.
func (r Row) Wants(goal string, met bool) Row {
	r.Goal, r.Met = goal, &met
	return r
}

// Against returns r with the limit's rate and the share of it.
func (r Row) Against(limit float64) Row {
	if r.Limit = limit; limit > 0 {
		r.Share = r.Rate / limit
	}
	return r
}

// WantsShare returns r with a goal as a share of the limit. Call Against first.
func (r Row) WantsShare(share float64) Row {
	met := r.Share >= share
	r.ShareGoal, r.ShareMet = share, &met
	return r
}

// Named returns r with another name.
func (r Row) Named(work string) Row {
	r.Work = work
	return r
}

// Size returns n bytes as text in KiB or MiB.
func Size(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%.1f KiB", KiB(int(n)))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

// KiB returns n bytes in KiB.
func KiB(n int) float64 { return float64(n) / 1024 }
