package report

import (
	"fmt"
	"time"

	"frontdesk/internal/input"
)

// Growth is how the p95 of common pages, each requested over one connection,
// changes with the number of tickets.
type Growth struct {
	Tickets []int       `json:"tickets"` // of each desk, ascending
	Rows    []GrowthRow `json:"rows"`
}

// GrowthRow is one page on desks of all sizes.
type GrowthRow struct {
	Work string   `json:"work"`
	P95  []Millis `json:"p95_ms"` // one for each desk
	// Shown has the number of tickets that the page of each desk shows.
	Shown []int `json:"shown"`
	// Ratio is the last p95 divided by the first.
	Ratio float64 `json:"ratio"`
	Goal  float64 `json:"goal"`
	// Met is nil if the smallest desk shows fewer tickets than the largest: their pages take
	// different times on desks of one size, too.
	Met *bool `json:"met,omitempty"`
	// Most is a goal for the last p95. Zero means that there is none.
	Most    Millis `json:"most_ms,omitempty"`
	MostMet *bool  `json:"most_met,omitempty"`
	// Failed is the error if a desk could not be measured.
	Failed string `json:"failed,omitempty"`
}

// growthGoal is how many times slower the largest desk may be than the smallest.
const growthGoal = 1.3

// NewGrowthRow returns the row of a page, with its ratio and goals.
func NewGrowthRow(work string, p95 []Millis, shown []int, most time.Duration) GrowthRow {
	r := GrowthRow{Work: work, P95: p95, Shown: shown, Goal: growthGoal, Most: Millis(most)}
	last := p95[len(p95)-1]
	if p95[0] > 0 {
		r.Ratio = float64(last) / float64(p95[0])
	}
	if shown[0] >= shown[len(shown)-1] {
		ok := r.Ratio <= growthGoal
		r.Met = &ok
	}
	if most > 0 {
		ok := last <= r.Most
		r.MostMet = &ok
	}
	return r
}

// note returns the error of a page, or why its ratio is not compared with the goal.
func (r GrowthRow) note() string {
	if r.Failed == "" && r.Met == nil {
		return fmt.Sprintf("tickets shown: %d and %d", r.Shown[0], r.Shown[len(r.Shown)-1])
	}
	return r.Failed
}

// table returns the cells as text. The first line holds the column names.
func (g Growth) table() [][]string {
	head := []string{"growth: p95 in ms over one connection"}
	for _, n := range g.Tickets {
		head = append(head, input.Thousands(n)+" tickets")
	}
	lines := [][]string{append(head, "ratio", "goal", "met", "at most", "met", "note")}
	for _, r := range g.Rows {
		line := []string{r.Work}
		for _, p := range r.P95 {
			line = append(line, short(p))
		}
		most := ""
		if r.Most > 0 {
			most = fmt.Sprintf("%.0f ms", r.Most.Number())
		}
		lines = append(lines, append(line, fmt.Sprintf("%.2f", r.Ratio), fmt.Sprintf("≤ %.1f", r.Goal), met(r.Met), most, met(r.MostMet), r.note()))
	}
	return lines
}
