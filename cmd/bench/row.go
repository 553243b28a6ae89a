package main

import (
	"fmt"
	"strconv"
	"time"
)

// row is one line of the table. Zero is what was not measured.
type row struct {
	Work      string  `json:"work"`
	Rate      float64 `json:"rate,omitempty"` // a second
	P50       millis  `json:"p50_ms,omitempty"`
	P99       millis  `json:"p99_ms,omitempty"`
	ServerCPU millis  `json:"server_cpu_ms,omitempty"`      // a request
	DBCPU     millis  `json:"database_cpu_ms,omitempty"`    // a request
	RSS       int64   `json:"rss_bytes,omitempty"`          // the server's highest during the work
	DBRSS     int64   `json:"database_rss_bytes,omitempty"` // PostgreSQL's, what its processes share counted once
	Limit     float64 `json:"limit,omitempty"`              // the limit's rate in the same run
	Share     float64 `json:"share,omitempty"`              // of the limit
	Value     string  `json:"value,omitempty"`              // what is no rate: a size, a time
	// Figures are Value's numbers, for programs; the names end in their units.
	Figures map[string]float64 `json:"figures,omitempty"`
	// Goal is one in absolute figures, which drift from machine to machine;
	// ShareGoal is the share of the limit that is wanted.
	Goal      string  `json:"goal,omitempty"`
	Met       *bool   `json:"met,omitempty"`
	ShareGoal float64 `json:"share_goal,omitempty"`
	ShareMet  *bool   `json:"share_met,omitempty"`
}

// millis is a duration that programs read as milliseconds.
type millis time.Duration

// MarshalJSON writes microseconds as the third decimal.
func (m millis) MarshalJSON() ([]byte, error) {
	return strconv.AppendFloat(nil, m.number(), 'f', 3, 64), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (m *millis) UnmarshalJSON(raw []byte) error {
	f, err := strconv.ParseFloat(string(raw), 64)
	*m = millis(f * float64(time.Millisecond))
	return err
}

func (m millis) number() float64 { return float64(m) / float64(time.Millisecond) }

// wants sets the goal in absolute figures.
func (r row) wants(goal string, met bool) row {
	r.Goal, r.Met = goal, &met
	return r
}

// against sets the limit.
func (r row) against(limit float64) row {
	if r.Limit = limit; limit > 0 {
		r.Share = r.Rate / limit
	}
	return r
}

// wantsShare sets the goal as a share of the limit, which must be set before.
func (r row) wantsShare(share float64) row {
	met := r.Share >= share
	r.ShareGoal, r.ShareMet = share, &met
	return r
}

// named names a row that was measured.
func (r row) named(work string) row {
	r.Work = work
	return r
}

func mib(n int64) string {
	if n < 1<<20 {
		return fmt.Sprintf("%.1f KiB", kib(int(n)))
	}
	return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
}

func kib(n int) float64 { return float64(n) / 1024 }
