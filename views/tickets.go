package views

import (
	"net/url"
	"strconv"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
	"frontdesk/views/ui"
)

// TicketsPage is the data of a customer's list of tickets.
type TicketsPage struct {
	Search  ui.Search
	List    ticketquery.List
	Partial bool // htmx swaps the results
}

// meta returns the title and script of the page. arrived is the number of new tickets that the
// list does not show.
func (p TicketsPage) meta(a account.Actor, arrived listing.Capped) ui.Meta {
	return ui.Meta{Title: "My tickets", Nav: ui.NavTickets, Script: "list.js", Unread: unreadOf(a, p.List.Rows, arrived)}
}

// isNew reports whether the customer has no ticket yet.
func (p TicketsPage) isNew() bool {
	return p.List.Counts != nil && p.total() == 0 && p.List.Filter.IsPlain()
}

func (p TicketsPage) total() (n int) {
	for _, c := range p.List.Counts {
		n += c
	}
	return n
}

type listTab struct {
	status, label, icon, count string
}

func (p TicketsPage) tabs() []listTab {
	tabs := []listTab{{"", "All", "", p.count(p.total())}}
	for _, s := range desk.Statuses() {
		tabs = append(tabs, listTab{string(s), ui.StatusLabel(s), ui.StatusIcon(s), p.count(p.List.Counts[s])})
	}
	return tabs
}

func (p TicketsPage) count(n int) string {
	return listing.Cap(n, ticketquery.CountCap).String()
}

// link returns the address of the list with some parameters changed, on its first page.
func (p TicketsPage) link(changes ...string) templ.SafeURL {
	return templ.URL(ui.WithQuery("/tickets", changed(p.query(), changes...)))
}

// changes returns the address that returns the changes of the list.
func (p TicketsPage) changes() string { return ui.WithQuery("/tickets/changes", p.query()) }

// query returns the parameters of the first page of the list.
func (p TicketsPage) query() url.Values {
	f := p.List.Filter.FirstPage()
	f.Sort = sortParam(f.Sort)
	return f.Values()
}

// changed returns query with some parameters changed, each a name and a value. It removes those
// whose value is "".
func changed(query url.Values, changes ...string) url.Values {
	for i := 0; i < len(changes); i += 2 {
		if changes[i+1] == "" {
			query.Del(changes[i])
		} else {
			query.Set(changes[i], changes[i+1])
		}
	}
	return query
}

// sortParam returns the order as a parameter; "" for the default.
func sortParam(sort string) string {
	if sort == ticketquery.SortUpdated {
		return ""
	}
	return sort
}

// listSorts are the orders that the list offers.
var listSorts = []option{{"", "Last updated"}, {ticketquery.SortCreated, "Newest first"}, {ticketquery.SortOldest, "Oldest first"}, {ticketquery.SortUrgent, "Most urgent first"}}

// emptyTitle returns the heading of a list without tickets.
func (p TicketsPage) emptyTitle() string {
	if q := p.List.Filter.Q; q != "" {
		return "Nothing matches “" + ui.Isolated(q) + "”"
	}
	return "No tickets here"
}

// searchHint is shown below a search that finds nothing.
const searchHint = "Try fewer or other words, or a ticket number such as 1042."

func (p TicketsPage) emptyHint() string {
	if p.List.Filter.Q != "" {
		return searchHint
	}
	return "No ticket matches the filters above."
}

// announcement returns the text for the live region after the list has changed.
func (p TicketsPage) announcement() string { return shown(p.List.Page) }

// shown returns how many tickets a page shows, and whether there are more.
func shown(p ticketquery.Page) string {
	more := ""
	if p.After != "" {
		more = ", and more on the next page"
	}
	return ui.Count(len(p.Rows), "ticket") + " shown" + more
}

// unseen is the text of [unreadMark] on a ticket that the reader never opened, and on a new comment.
const unseen = "New"

// unreadMarks has the marks of the rows by the number of unread entries, up to one more than [desk.MaxUnread].
var unreadMarks = ui.NewCached(func(n int32) templ.Component { return unreadMark(unreadLabel(n)) })

func unreadLabel(n int32) string {
	if n < 0 {
		return unseen
	}
	return listing.Cap(n, desk.MaxUnread).String() + " new"
}

// isUnread reports whether a row is unread: it has new entries or, for staff, is an open ticket
// that no staff has opened.
func isUnread(a account.Actor, r ticketquery.Row) bool {
	return r.Unread > 0 || r.Unread < 0 && a.Can(account.WorkAsStaff) && r.Status == desk.StatusOpen
}

func ticketPath(id int64) templ.SafeURL {
	return templ.SafeURL("/tickets/" + strconv.FormatInt(id, 10))
}
