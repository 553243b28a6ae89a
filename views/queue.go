package views

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
	"frontdesk/internal/savedview"
	"frontdesk/internal/ticketquery"
	"frontdesk/views/ui"
)

// QueuePage is the data of a view of tickets, as staff see it.
type QueuePage struct {
	Search   ui.Search
	List     ticketquery.List
	Filter   ticketquery.Filter // that of the list, with the cursor of this page
	Names    FilterNames        // of Filter
	Change   int64              // the ticket whose row is open for changes; 0 for none
	Presence map[int64]Presence // who has the tickets open, by ticket id
	Partial  bool               // htmx swaps the queue
	Ended    []string           // the parameters of the view that do not exist any more
	Ignored  []string           // the parameters of the address whose values do not exist

	links *rowLinks // see [QueuePage.shared]
}

// rowLinks are the queries of addresses in rows. They are the same on all rows of a page.
type rowLinks struct {
	view string // of the address of a ticket, after its place: "&status=OPEN"
	page string // of the address of this page of the queue, after another parameter: "&after=…&status=OPEN"
	row  string // of the address of a row with its form: "?after=…&status=OPEN"
}

// meta returns the title and script of the page. arrived is the number of new tickets that the
// queue does not show.
func (p QueuePage) meta(a account.Actor, arrived listing.Capped) ui.Meta {
	f := p.Filter.FirstPage()
	f.Q = ""
	return ui.Meta{Title: p.name(), Nav: ui.NavTickets, Script: "list.js", View: viewAddress(f), ViewName: p.name(), Unread: unreadOf(a, p.List.Rows, arrived), Rows: len(p.List.Rows) > 0}
}

func (p QueuePage) name() string { return ViewName(p.Filter, p.Names) }

// QueueAll is the status of the filter form for tickets of any status. An empty status would be
// the default, which is the unresolved tickets if the longest wait comes first.
const QueueAll = "ALL"

// queueStatuses are the choices of the filter by status.
func queueStatuses() []option {
	all := []option{{ticketquery.FilterActive, "Unresolved"}, {ticketquery.FilterWaiting, savedview.ViewOverdue}}
	for _, s := range desk.Statuses() {
		all = append(all, option{string(s), ui.StatusLabel(s)})
	}
	return append(all, option{QueueAll, "Any status"})
}

// isStatus reports whether value is the status of the queue.
func (p QueuePage) isStatus(value string) bool {
	return value == p.Filter.Status || value == QueueAll && p.Filter.Status == ""
}

type option struct{ value, label string }

// assignees returns the choices of the filter by assignee. The first one is its label. Of the staff, who may be
// hundreds, only the one is included by whom the queue is filtered already: the pages of users and teams link
// to such queues.
func (p QueuePage) assignees() []option {
	all := []option{{"", "Assignee"}, {ticketquery.AssignedToMe, "Assigned to you"}, {ticketquery.FilterNone, unassigned}}
	if !slices.ContainsFunc(all, func(o option) bool { return o.value == p.Filter.Assignee }) {
		all = append(all, option{p.Filter.Assignee, cmp.Or(p.Names.Assignee, "One assignee")})
	}
	return all
}

// teams are the choices of the filter by team: those in use, and the one by which the queue is
// filtered. There are none on a desk without teams.
func (p QueuePage) teams() []option {
	if len(p.List.Teams) == 0 && p.Filter.Team == "" {
		return nil
	}
	all := []option{{"", "Team"}, {ticketquery.MyTeams, "Your teams"}, {ticketquery.FilterNone, "Without a team"}}
	for _, t := range p.List.Teams {
		if t.RetiredAt == nil {
			all = append(all, option{strconv.FormatInt(t.ID, 10), t.Name})
		}
	}
	if !slices.ContainsFunc(all, func(o option) bool { return o.value == p.Filter.Team }) {
		all = append(all, option{p.Filter.Team, cmp.Or(p.Names.Team, "One team")})
	}
	return all
}

// queueSorts are the orders of the queue.
var queueSorts = []option{{ticketquery.SortWaiting, savedview.ViewWaiting}, {"", "Last updated"}, {ticketquery.SortCreated, "Newest first"},
	{ticketquery.SortOldest, "Oldest first"}, {ticketquery.SortUrgent, "Most urgent first"}}

// url returns the address of the queue with some parameters changed, each a name and a value.
func (p QueuePage) url(changes ...string) string {
	return viewAddress(p.Filter.With(changes...))
}

// changes returns the address that returns the changes of this page of the queue.
func (p QueuePage) changes() string { return ui.WithQuery("/tickets/changes", p.Filter.Values()) }

// firstPage returns the address of the first page of the queue.
func (p QueuePage) firstPage() string { return p.url("after", "", "before", "") }

// saveLink returns the link that saves the filters as a view, or changes the view if they are
// exactly those of one.
func (p QueuePage) saveLink() (label, address string) {
	f := p.Filter.FirstPage()
	if p.isSavedView() {
		return "Edit view", "/views#view-" + f.View
	}
	query := url.Values{"query": {f.WithoutView().Values().Encode()}}
	if f.View != "" {
		query.Set("view", f.View)
	}
	return "Save as view…", ui.WithQuery("/views", query)
}

// isSavedView reports whether the filters are exactly those of a saved view.
func (p QueuePage) isSavedView() bool {
	f := p.Filter.FirstPage()
	return f.View != "" && len(f.Values()) == 1
}

// narrowed reports whether the user chose words, a category or a priority, which the page offers to
// remove. The filters of a saved view are not such a choice.
func (p QueuePage) narrowed() bool {
	return p.Filter.Q+p.Filter.Category+p.Filter.Priority != "" && !p.isSavedView()
}

// announcement returns the text for the live region after the queue has changed.
func (p QueuePage) announcement() string { return shown(p.List.Page) }

// caption returns the caption of the table: which tickets, in which order.
func (p QueuePage) caption() string {
	for _, o := range queueSorts {
		if o.value == p.Filter.Sort && o.label != p.name() {
			return p.name() + ", " + strings.ToLower(o.label)
		}
	}
	return p.name()
}

// shared returns the queries of addresses in rows. They are made once, because that takes longer
// than drawing a row.
func (p *QueuePage) shared() *rowLinks {
	if p.links == nil {
		page := p.Filter.Values()
		p.links = &rowLinks{view: further(placeQuery(p.Filter)), page: further(page), row: ui.WithQuery("", page)}
	}
	return p.links
}

// further returns a query that follows the first parameter of an address.
func further(query url.Values) string {
	if len(query) == 0 {
		return ""
	}
	return "&" + query.Encode()
}

// ticketURL returns the address of a ticket of the queue, with its place there. A cursor needs no
// escaping.
func (p *QueuePage) ticketURL(r *ticketquery.Row) string {
	return "/tickets/" + strconv.FormatInt(r.ID, 10) + "?at=" + p.List.Cursor(*r) + p.shared().view
}

// changeURL returns the address of this page of the queue with the row of a ticket open for changes.
func (p *QueuePage) changeURL(no string) string {
	return "/tickets?change=" + no + p.shared().page + "#row-" + no
}

// rowURL returns the address of the row of a ticket with its form.
func (p *QueuePage) rowURL(no string) string { return "/tickets/" + no + "/row" + p.shared().row }
