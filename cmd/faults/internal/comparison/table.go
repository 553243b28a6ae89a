package comparison

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Limits are the figures that a row may have. The counts must be 0.
type Limits struct {
	Recovery time.Duration // 0 if it is not measured
	P99      time.Duration // of live delivery outside of the windows; 0 for no limit
}

// Times returns limits that are n times as long.
func (l Limits) Times(n float64) Limits {
	return Limits{Recovery: time.Duration(n * float64(l.Recovery)), P99: time.Duration(n * float64(l.P99))}
}

// Row is the result of one fault.
type Row struct {
	Fault string
	Figures
	Limits
	Skipped string // why the fault was not tried; else ""
	Failed  string // why it could not be carried out, or what else was wrong; else ""
	Note    string // what was done, for readers
	Took    time.Duration
}

// Problems returns the figures of the row that are above their limits.
func (r Row) Problems() []string {
	var all []string
	for _, c := range []struct {
		letter string
		n      int
	}{{"L", r.Lost}, {"D", r.Doubled}, {"O", r.Disordered}, {"X", r.BadFiles}, {"A", r.Forbidden}, {"E", r.Errors}} {
		if c.n != 0 {
			all = append(all, fmt.Sprintf("%s = %d", c.letter, c.n))
		}
	}
	if r.Limits.Recovery > 0 && r.Figures.Recovery < 0 {
		all = append(all, "no success after the fault")
	}
	if r.Limits.Recovery > 0 && r.Figures.Recovery > r.Limits.Recovery {
		all = append(all, fmt.Sprintf("R = %s, limit %s", seconds(r.Figures.Recovery), seconds(r.Limits.Recovery)))
	}
	if r.Limits.P99 > 0 && r.Figures.P99 > r.Limits.P99 {
		all = append(all, fmt.Sprintf("p99 = %s, limit %s", millis(r.Figures.P99), millis(r.Limits.P99)))
	}
	if r.Failed != "" {
		all = append(all, r.Failed)
	}
	return all
}

// Table has a row for each fault.
type Table []Row

// Problems returns the problems of all rows with the names of their faults.
func (t Table) Problems() []string {
	var all []string
	for _, r := range t {
		for _, p := range r.Problems() {
			all = append(all, r.Fault+": "+p)
		}
	}
	return all
}

// Write writes the table in Markdown, in columns of equal width, and then the problems.
func (t Table) Write(w io.Writer) error {
	cells := [][]string{{"fault", "writes", "L", "D", "O", "X", "A", "E", "R", "p50", "p99", "note"}}
	for _, r := range t {
		cells = append(cells, r.cells())
	}
	width := make([]int, len(cells[0]))
	for _, row := range cells {
		for i, c := range row {
			width[i] = max(width[i], len([]rune(c)))
		}
	}
	var b strings.Builder
	for i, row := range cells {
		writeCells(&b, row, width)
		if i == 0 {
			rule := make([]string, len(width))
			for j, n := range width {
				rule[j] = strings.Repeat("-", n)
			}
			writeCells(&b, rule, width)
		}
	}
	for _, p := range t.Problems() {
		fmt.Fprintf(&b, "\nABOVE ITS LIMIT: %s", p)
	}
	_, err := io.WriteString(w, strings.TrimSuffix(b.String(), "\n")+"\n")
	return err
}

// writeCells writes one line of the table.
func writeCells(b *strings.Builder, row []string, width []int) {
	for i, c := range row {
		fmt.Fprintf(b, "| %s%s ", c, strings.Repeat(" ", width[i]-len([]rune(c))))
	}
	b.WriteString("|\n")
}

// cells returns the row as texts.
func (r Row) cells() []string {
	if r.Skipped != "" {
		return []string{r.Fault, "", "", "", "", "", "", "", "", "", "", "skipped: " + r.Skipped}
	}
	recovery := seconds(r.Figures.Recovery)
	switch {
	case r.Limits.Recovery == 0:
		recovery = ""
	case r.Figures.Recovery < 0:
		recovery = "none"
	}
	row := []string{r.Fault, fmt.Sprint(r.Writes)}
	for _, n := range []int{r.Lost, r.Doubled, r.Disordered, r.BadFiles, r.Forbidden, r.Errors} {
		row = append(row, fmt.Sprint(n))
	}
	return append(row, recovery, millis(r.P50), millis(r.Figures.P99), r.Note)
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

// millis returns a duration in milliseconds, or "" for 0.
func millis(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
