package report

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// columns are the columns of the table: a name, and the text of a row's cell.
var columns = []struct {
	name string
	show func(Row) string
}{
	{"work", func(r Row) string { return r.Work }},
	{"rate/s", func(r Row) string { return number(r.Rate) }},
	{"p50 ms", func(r Row) string { return short(r.P50) }},
	{"p99 ms", func(r Row) string { return short(r.P99) }},
	{"server CPU ms", func(r Row) string { return short(r.ServerCPU) }},
	{"db CPU ms", func(r Row) string { return short(r.DBCPU) }},
	{"server MiB", func(r Row) string { return number(float64(r.RSS) / (1 << 20)) }},
	{"db MiB", func(r Row) string { return number(float64(r.DBRSS) / (1 << 20)) }},
	{"limit/s", func(r Row) string { return number(r.Limit) }},
	{"share", func(r Row) string { return percent(r.Share) }},
	{"value", func(r Row) string { return r.Value }},
	{"goal", func(r Row) string { return r.Goal }},
	{"met", func(r Row) string { return met(r.Met) }},
	{"goal of the limit", func(r Row) string { return least(r.ShareGoal) }},
	{"met", func(r Row) string { return met(r.ShareMet) }},
}

// table returns the cells of rows as text. The first line holds the column names.
func table(rows []Row) [][]string {
	lines := [][]string{make([]string, len(columns))}
	for i, c := range columns {
		lines[0][i] = c.name
	}
	for _, r := range rows {
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = c.show(r)
		}
		lines = append(lines, line)
	}
	return lines
}

// shown returns lines without the columns that are empty in every row.
func shown(lines [][]string) [][]string {
	out := make([][]string, len(lines))
	for i, line := range lines {
		for col, cell := range line {
			if filled(lines[1:], col) {
				out[i] = append(out[i], cell)
			}
		}
	}
	return out
}

func printTable(w io.Writer, lines [][]string) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, line := range shown(lines) {
		fmt.Fprintln(t, strings.Join(line, "\t"))
	}
	t.Flush()
}

func printMarkdown(w io.Writer, lines [][]string) {
	for i, line := range shown(lines) {
		fmt.Fprintf(w, "| %s |\n", strings.Join(line, " | "))
		if i == 0 {
			fmt.Fprintln(w, strings.Repeat("|---", len(line))+"|")
		}
	}
}

func filled(lines [][]string, col int) bool {
	for _, line := range lines {
		if line[col] != "" {
			return true
		}
	}
	return false
}

func number(f float64) string {
	switch {
	case f == 0:
		return ""
	case f < 10:
		return fmt.Sprintf("%.1f", f)
	}
	return fmt.Sprintf("%.0f", f)
}

func short(m Millis) string {
	if m == 0 {
		return ""
	}
	return fmt.Sprintf("%.2f", m.Number())
}

func percent(share float64) string {
	if share == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

func least(share float64) string {
	if share == 0 {
		return ""
	}
	return "≥ " + percent(share)
}

func met(m *bool) string {
	switch {
	case m == nil:
		return ""
	case *m:
		return "yes"
	}
	return "no"
}
