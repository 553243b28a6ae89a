package views

import (
	"fmt"
	"strings"

	"frontdesk/internal/desk"
	"frontdesk/internal/input"
	"frontdesk/views/ui"
)

// Units of the chart: the axis is at half of the height, and a day is ten units wide.
const (
	chartAxis = 100
	chartDay  = 10
)

// chart is the data of the chart of opened and resolved tickets.
type chart struct {
	days             []desk.Day
	top              int64 // the number at the full height
	opened, resolved int64
}

func newChart(days []desk.Day) chart {
	c := chart{days: days}
	var most int64
	for _, d := range days {
		most = max(most, d.Opened, d.Resolved)
		c.opened += d.Opened
		c.resolved += d.Resolved
	}
	c.top = roundUp(most)
	return c
}

// roundUp returns the next round number for the end of an axis, at least 4.
func roundUp(n int64) int64 {
	for unit := int64(1); ; unit *= 10 {
		for _, step := range []int64{4, 5, 6, 8, 10, 12, 15, 20, 25, 30} {
			if n <= step*unit {
				return step * unit
			}
		}
	}
}

type bar struct{ class, x, y, height string }

// bars returns the bars of a day: up for opened, down for resolved. A count of 0 has no bar.
func (c chart) bars(i int) []bar {
	d, x := c.days[i], fmt.Sprintf("%d.5", i*chartDay+1)
	var out []bar
	if up := c.height(d.Opened); up > 0 {
		out = append(out, bar{"up", x, fmt.Sprint(chartAxis - up), fmt.Sprint(up)})
	}
	if down := c.height(d.Resolved); down > 0 {
		out = append(out, bar{"down", x, fmt.Sprint(chartAxis + 1), fmt.Sprint(down)})
	}
	return out
}

// height returns the height of a bar, at least 1 unless n is 0.
func (c chart) height(n int64) int64 {
	if n == 0 {
		return 0
	}
	return max(1, n*chartAxis/c.top)
}

func (c chart) width() int { return len(c.days) * chartDay }

func (c chart) viewBox() string { return fmt.Sprintf("0 0 %d %d", c.width(), 2*chartAxis+1) }

func (c chart) grid() string {
	var b strings.Builder
	for _, y := range []string{".5", "50", "151", "200.5"} {
		fmt.Fprintf(&b, "M0 %sH%d", y, c.width())
	}
	return b.String()
}

func (c chart) axis() string { return fmt.Sprintf("M0 %d.5H%d", chartAxis, c.width()) }

// ticks returns the dates below the axis: the first, two between, and the last.
func (c chart) ticks() []string {
	n := len(c.days)
	if n == 0 {
		return nil
	}
	var out []string
	for _, i := range []int{0, n / 3, 2 * n / 3, n - 1} {
		out = append(out, c.days[i].Date.Format("2 Jan"))
	}
	return out
}

// label returns the text alternative of the chart.
func (c chart) label() string {
	var opened, resolved int64
	for _, d := range c.days[max(0, len(c.days)-7):] {
		opened += d.Opened
		resolved += d.Resolved
	}
	week := "as many were opened as resolved"
	switch {
	case opened > resolved:
		week = "more were opened than resolved"
	case opened < resolved:
		week = "more were resolved than opened"
	}
	return fmt.Sprintf("Bar chart: %s opened and %s resolved in %d days; in the last week %s.",
		ui.Count(int(c.opened), "ticket"), input.Thousands(c.resolved), len(c.days), week)
}
