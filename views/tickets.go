package views

import (
	"fmt"
	"strconv"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/listing"
	"frontdesk/internal/search"
	"frontdesk/internal/ticketquery"
)

// Search is the search field of a list: what was typed, and what is wrong with it.
type Search struct{ Text, Error string }

// NewSearch returns the field for the typed text, of which the desk understood some.
func NewSearch(typed, understood string) Search {
	if message := search.TooLong(typed); message != "" {
		return Search{Text: typed, Error: message}
	}
	return Search{Text: understood}
}

func (s Search) invalid() *fault.Invalid {
	if s.Error == "" {
		return nil
	}
	return &fault.Invalid{Fields: []fault.FieldError{{Field: "q", Message: s.Error}}}
}

// TicketsPage is a list of tickets as it was asked for.
type TicketsPage struct {
	Search    Search
	List      ticketquery.List
	Requester string // whose tickets these are, where staff asked for somebody's
	Partial   bool   // htmx swaps the results
}

// meta tells the layout of the page; arrived are new tickets that it does not show.
func (p TicketsPage) meta(a account.Actor, arrived listing.Capped) Meta {
	return Meta{Title: p.title(a), Nav: "tickets", Script: "list.js", Unread: unreadOf(a, p.List.Rows, arrived)}
}

func (p TicketsPage) title(a account.Actor) string {
	switch {
	case p.Requester != "":
		return "Tickets of " + Isolated(p.Requester)
	case a.Can(account.SeeAllTickets):
		return "Tickets"
	}
	return "My tickets"
}

// isNew reports whether the customer has no ticket at all yet.
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
	if p.List.Counts == nil { // staff
		tabs = append(tabs, listTab{ticketquery.FilterActive, "Unresolved", "", ""})
	}
	for _, s := range desk.Statuses() {
		tabs = append(tabs, listTab{string(s), StatusLabel(s), statusIcon(s), p.count(p.List.Counts[s])})
	}
	return tabs
}

// tabLink is the list under a tab. The longest wait is an order of what is not
// done: all of them have the usual one.
func (p TicketsPage) tabLink(status string) templ.SafeURL {
	if status == "" && p.List.Filter.Sort == ticketquery.SortWaiting {
		return p.link("status", "", "sort", "")
	}
	return p.link("status", status)
}

func (p TicketsPage) count(n int) string {
	if p.List.Counts == nil {
		return ""
	}
	return capped(n, ticketquery.CountCap)
}

// link is the list as it was asked for, with some of it changed. A change of
// what is shown begins at the first page.
func (p TicketsPage) link(changes ...string) templ.SafeURL {
	fields := p.fields()
	for i := 0; i < len(changes); i += 2 {
		fields[changes[i]] = changes[i+1]
	}
	return templ.URL(address("/tickets", fields))
}

// changes is where one asks what became of the list.
func (p TicketsPage) changes() string { return address("/tickets/changes", p.fields()) }

func (p TicketsPage) fields() map[string]string {
	f := p.List.Filter
	return map[string]string{"q": f.Q, "status": f.Status, "category": f.Category, "priority": f.Priority, "requester": f.Requester, "sort": sortParam(f.Sort)}
}

// sortParam leaves the order out of addresses where it is the usual one.
func sortParam(sort string) string {
	if sort == ticketquery.SortUpdated {
		return ""
	}
	return sort
}

// listSorts are the orders that the list offers.
func listSorts(a account.Actor) []option {
	sorts := []option{{"", "Last updated"}, {ticketquery.SortCreated, "Newest first"}, {ticketquery.SortOldest, "Oldest first"}, {ticketquery.SortUrgent, "Most urgent first"}}
	if a.Can(account.SeeAllTickets) {
		sorts = append(sorts, option{ticketquery.SortWaiting, "Longest wait"})
	}
	return sorts
}

// nothing says that a search found nothing, with what was looked for.
func (p TicketsPage) nothing() string {
	if q := p.List.Filter.Q; q != "" {
		return "Nothing matches “" + Isolated(q) + "”"
	}
	return "No tickets here"
}

func (p TicketsPage) nothingHint() string {
	if p.List.Filter.Q != "" {
		return "Try fewer or other words, or a ticket number such as 1042."
	}
	return "No ticket matches the filters above."
}

// said is what the live region says of a changed list.
func (p TicketsPage) said() string { return shown(p.List.Page) }

// shown tells how many tickets a page lists, and whether more follow.
func shown(p ticketquery.Page) string {
	more := ""
	if p.After != "" {
		more = ", and more on the next page"
	}
	return count(len(p.Rows), "ticket") + " shown" + more
}

func unreadLabel(n int32) string {
	if n < 0 {
		return "New"
	}
	return fmt.Sprintf("%s new", capped(int(n), 100))
}

// isUnread reports whether a row wants to be read: for a customer something new
// came; for staff also what nobody of them has opened.
func isUnread(a account.Actor, r ticketquery.Row) bool {
	return r.Unread > 0 || r.Unread < 0 && a.Can(account.SeeAllTickets) && r.Status == desk.StatusOpen
}

func ticketPath(id int64) templ.SafeURL {
	return templ.SafeURL("/tickets/" + strconv.FormatInt(id, 10))
}
