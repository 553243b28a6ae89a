package views

import (
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/input"
	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
	"frontdesk/views/ui"
)

// DashboardPage is the data of the dashboard.
type DashboardPage struct {
	Dashboard  desk.Dashboard
	Search     ui.Search
	Filter     ticketquery.Filter // Status "" is the unresolved tickets, QueueAll is all
	Queue      ticketquery.Page
	Change     int64 // the ticket whose row is a form; 0 for none
	Categories []desk.Category
	Presence   map[int64]Presence // who has the tickets of the queue open, by ticket id
	Partial    bool               // htmx swaps the queue and the figures
}

// meta returns the title and script of the page. arrived is the number of new tickets that the
// queue does not show.
func (p DashboardPage) meta(a account.Actor, arrived listing.Capped) ui.Meta {
	return ui.Meta{Title: "Dashboard", Nav: "tickets", View: ui.WaitingView, ViewName: "Waiting longest", Script: "list.js", Unread: unreadOf(a, p.Queue.Rows, arrived)}
}

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

func (p DashboardPage) figures() []figure {
	d := p.Dashboard
	var resolved int64
	for _, day := range d.Days[max(0, len(d.Days)-7):] {
		resolved += day.Resolved
	}
	return []figure{
		{status: desk.StatusOpen, label: "Open", n: input.Thousands(d.ByStatus[desk.StatusOpen]), note: "not started", url: queueURL("status", string(desk.StatusOpen))},
		{status: desk.StatusInProgress, label: "In progress", n: input.Thousands(d.ByStatus[desk.StatusInProgress]), note: "being worked on", url: queueURL("status", string(desk.StatusInProgress))},
		{priority: desk.PriorityUrgent, label: "Urgent", n: input.Thousands(d.ByPriority[desk.PriorityUrgent]), note: "unresolved", url: queueURL("priority", string(desk.PriorityUrgent))},
		{icon: "clock", label: "Over 24 h", n: d.Late.String(), note: "waiting for our answer", url: queueURL("status", ticketquery.FilterWaiting)},
		{status: desk.StatusResolved, label: "Resolved", n: input.Thousands(resolved), note: "in the last 7 days", url: queueURL("status", string(desk.StatusResolved))},
	}
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

func (p DashboardPage) byPriority() []share {
	var out []share
	for _, o := range desk.Priorities() {
		out = append([]share{{priority: o, n: p.Dashboard.ByPriority[o], url: queueURL("priority", string(o))}}, out...)
	}
	return withMost(out)
}

func (p DashboardPage) byCategory() []share {
	var out []share
	for _, c := range p.Dashboard.ByCategory {
		out = append(out, share{label: c.Category.Name, n: c.N, url: queueURL("category", c.Category.Name)})
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

// QueueAll is the tab with all tickets. The default tab has the unresolved ones.
const QueueAll = "ALL"

type queueTab struct{ status, label, count string }

func (p DashboardPage) tabs() []queueTab {
	d := p.Dashboard
	open, going := d.ByStatus[desk.StatusOpen], d.ByStatus[desk.StatusInProgress]
	return []queueTab{
		{"", "Unresolved", input.Thousands(open + going)},
		{ticketquery.FilterWaiting, "Over 24 h", d.Late.String()},
		{string(desk.StatusOpen), "Open", input.Thousands(open)},
		{string(desk.StatusInProgress), "In progress", input.Thousands(going)},
		{string(desk.StatusResolved), "Resolved", ""},
		{string(desk.StatusClosed), "Closed", ""},
		{QueueAll, "All", ""},
	}
}

// tabName returns the label of the open tab.
func (p DashboardPage) tabName() string {
	for _, t := range p.tabs() {
		if t.status == p.Filter.Status {
			return t.label
		}
	}
	return ""
}

// url returns the address of the queue with some parameters changed, see [changed].
func (p DashboardPage) url(changes ...string) string {
	return ui.WithQuery("/dashboard", changed(p.Filter.Values(), changes...))
}

// changes returns the address that returns the changes of this page of the queue.
func (p DashboardPage) changes() string { return ui.WithQuery("/dashboard/changes", p.Filter.Values()) }

// firstPage returns the address of the first page of the queue.
func (p DashboardPage) firstPage() string { return p.url("after", "", "before", "") }

func (p DashboardPage) tabURL(status string) string {
	return p.url("status", status, "after", "", "before", "")
}

// narrowed reports whether there is a filter besides the tab.
func (p DashboardPage) narrowed() bool {
	f := p.Filter.FirstPage()
	f.Status, f.Sort = "", ""
	return f != ticketquery.Filter{}
}

func queueURL(name, value string) string {
	return ui.Address("/dashboard", map[string]string{name: value}) + "#queue"
}

type option struct{ value, label string }

// queueSorts are the orders of the queue. The first is the default.
var queueSorts = []option{{ticketquery.SortWaiting, "Longest wait"}, {ticketquery.SortUpdated, "Last changed"}, {ticketquery.SortCreated, "Newest first"},
	{ticketquery.SortOldest, "Oldest first"}, {ticketquery.SortUrgent, "Most urgent first"}}

// announcement returns the text for the live region after the queue has changed.
func (p DashboardPage) announcement() string { return shown(p.Queue) }

// caption returns the caption of the table: which tickets, in which order.
func (p DashboardPage) caption() string {
	order := ""
	for _, o := range queueSorts {
		if o.value == p.Queue.Filter.Sort {
			order = ", " + strings.ToLower(o.label)
		}
	}
	return "Tickets: " + strings.ToLower(p.tabName()) + order
}

// here returns the address of this page of the queue, to return to.
func (p DashboardPage) here() string { return p.url() }

// rowURL returns the address of one row of the queue, with or without its form.
func (p *DashboardPage) rowURL(id int64, change bool) templ.SafeURL {
	query := p.Filter.Values()
	if change {
		query.Set("change", "1")
	}
	return templ.SafeURL(ui.WithQuery("/dashboard/rows/"+strconv.FormatInt(id, 10), query))
}

// categoryID returns the id of a row's category, or "".
func (p *DashboardPage) categoryID(r *ticketquery.Row) string {
	for _, c := range p.Categories {
		if c.Name == r.Category {
			return strconv.FormatInt(c.ID, 10)
		}
	}
	return ""
}

// rowClass returns the class of a row with unread entries or of a finished ticket.
func rowClass(a account.Actor, r *ticketquery.Row) string {
	switch {
	case isUnread(a, *r):
		return "is-unread"
	case r.Status == desk.StatusResolved || r.Status == desk.StatusClosed:
		return "is-done"
	}
	return ""
}

// colleaguesText returns which colleagues have the ticket open or are writing; "" if none.
func (p *DashboardPage) colleaguesText(r *ticketquery.Row, reader account.Actor) string {
	people := p.Presence[r.ID].colleagues(reader.ID)
	var writing []Person
	for _, person := range people {
		if person.Writing != "" {
			writing = append(writing, person)
		}
	}
	switch {
	case len(people) == 0:
		return ""
	case len(writing) == 0:
		return hereText(people)
	case len(writing) == 1:
		return ui.FirstName(writing[0].Name) + " is writing"
	}
	return names(writing, ui.FirstName) + " are writing"
}

// waitingTime returns how long the requester has waited for an answer; "" if they do not wait.
func waitingTime(r *ticketquery.Row, p *DashboardPage) string {
	if r.WaitingSince == nil {
		return ""
	}
	return ui.Wait(p.Dashboard.At.Sub(*r.WaitingSince))
}
