package views

import (
	"strconv"

	"frontdesk/internal/desk"
	"frontdesk/internal/input"
	"frontdesk/internal/savedview"
	"frontdesk/internal/ticketquery"
	"frontdesk/views/ui"
)

// ReportsPage is the data of the page of figures and charts.
type ReportsPage struct{ Dashboard desk.Dashboard }

// figure is one of the numbers at the top, with a link to the tickets that it counts.
type figure struct {
	status   desk.Status
	priority desk.Priority
	icon     string
	label    string
	n        string
	note     string
	url      string
}

func (p ReportsPage) figures() []figure {
	d := p.Dashboard
	all := []figure{
		{status: desk.StatusOpen, label: "Open", n: input.Thousands(d.ByStatus[desk.StatusOpen]), note: "not started", url: viewAddress(ticketquery.Filter{Status: string(desk.StatusOpen)})},
		{status: desk.StatusInProgress, label: "In progress", n: input.Thousands(d.ByStatus[desk.StatusInProgress]), note: "being worked on", url: viewAddress(ticketquery.Filter{Status: string(desk.StatusInProgress)})},
		{priority: desk.PriorityUrgent, label: "Urgent", n: input.Thousands(d.ByPriority[desk.PriorityUrgent]), note: "unresolved", url: unresolved(ticketquery.Filter{Priority: string(desk.PriorityUrgent)})},
		{icon: "clock", label: savedview.ViewOverdue, n: d.Overdue.String(), note: "waiting over " + input.Duration(ticketquery.LongWait), url: ui.OverdueView},
	}
	if d.Days == nil { // the days include tickets that are hidden from the reader
		return all
	}
	var resolved int64
	for _, day := range d.Days[max(0, len(d.Days)-7):] {
		resolved += day.Resolved
	}
	return append(all, figure{status: desk.StatusResolved, label: "Resolved", n: input.Thousands(resolved), note: "in the last 7 days", url: viewAddress(ticketquery.Filter{Status: string(desk.StatusResolved)})})
}

// share is one bar of a breakdown.
type share struct {
	label    string
	priority desk.Priority
	n, most  int64
	url      string
}

// width returns the length of the bar of 100, at least 1 unless n is 0.
func (s share) width() string {
	if s.n == 0 {
		return "0"
	}
	return strconv.FormatInt(max(1, s.n*100/s.most), 10)
}

func (p ReportsPage) byPriority() []share {
	var out []share
	for _, o := range desk.Priorities() {
		out = append([]share{{priority: o, n: p.Dashboard.ByPriority[o], url: unresolved(ticketquery.Filter{Priority: string(o)})}}, out...)
	}
	return withMost(out)
}

func (p ReportsPage) byCategory() []share {
	var out []share
	for _, c := range p.Dashboard.ByCategory {
		out = append(out, share{label: c.Category.Name, n: c.N, url: unresolved(ticketquery.Filter{Category: c.Category.Name})})
	}
	return withMost(out)
}

func withMost(shares []share) []share {
	var most int64 = 1
	for _, s := range shares {
		most = max(most, s.n)
	}
	for i := range shares {
		shares[i].most = most
	}
	return shares
}

// unresolved returns the address of the unresolved tickets of a filter, the longest wait first.
func unresolved(f ticketquery.Filter) string {
	f.Status, f.Sort = ticketquery.FilterActive, ticketquery.SortWaiting
	return viewAddress(f)
}
