package views

import (
	"net/url"
	"strconv"
	"strings"

	"frontdesk/internal/desk"
	"frontdesk/internal/savedview"
	"frontdesk/internal/ticketquery"
	"frontdesk/views/ui"
)

// viewAddress returns the address of the queue of a filter. The default order has no parameter.
func viewAddress(f ticketquery.Filter) string {
	f.Sort = sortParam(f.Sort)
	if f == (ticketquery.Filter{Status: ticketquery.FilterActive, Sort: ticketquery.SortWaiting}) {
		return ui.WaitingView
	}
	return ui.WithQuery("/tickets", f.Values())
}

// placeURL returns the address of a ticket that keeps the view in which it was opened, and its
// place there: the cursor at.
func placeURL(id int64, view ticketquery.Filter, at string) string {
	query := placeQuery(view)
	if at != "" {
		query.Set("at", at)
	}
	return ui.WithQuery("/tickets/"+strconv.FormatInt(id, 10), query)
}

// placeQuery returns the query of the address of a ticket that keeps a view, without its place there.
func placeQuery(view ticketquery.Filter) url.Values {
	view = view.FirstPage()
	view.Sort = sortParam(view.Sort)
	return view.Values()
}

// FilterNames are the names of the users and the team whose ids a filter has. A name is "" if there is no such
// id, or if the reader does not see the name.
type FilterNames struct {
	Requester string
	savedview.Workers
}

// ViewName returns the name of the view of a filter.
func ViewName(f ticketquery.Filter, names FilterNames) string {
	switch {
	case f.ViewName != "":
		return f.ViewName
	case names.Requester != "":
		return "Tickets of " + ui.Isolated(names.Requester)
	case f.Requester != "":
		return "Tickets of one requester"
	}
	workers := workerNames(f, names)
	switch {
	case workers == "":
		return statusName(f)
	case f.Status == ticketquery.FilterActive:
		return workers
	}
	return workers + ", " + strings.ToLower(statusName(f))
}

// workerNames returns which assignee and team a filter selects, or "" for any.
func workerNames(f ticketquery.Filter, names FilterNames) string {
	assignee := map[string]string{"": "", ticketquery.FilterNone: unassigned, ticketquery.AssignedToMe: savedview.ViewMine}
	team := map[string]string{"": "", ticketquery.FilterNone: "Without a team", ticketquery.MyTeams: "Your teams"}
	one := func(words map[string]string, value, label, name, other string) string {
		switch text, ok := words[value]; {
		case ok:
			return text
		case name != "":
			return label + ui.Isolated(name)
		}
		return other
	}
	return strings.Trim(one(assignee, f.Assignee, "Assigned to ", names.Assignee, "One assignee")+", "+one(team, f.Team, "Team ", names.Team, "One team"), ", ")
}

// statusName returns the name of the tickets with the status of a filter.
func statusName(f ticketquery.Filter) string {
	switch {
	case f.Status == "":
		return savedview.ViewAll
	case f.Status == ticketquery.FilterWaiting:
		return savedview.ViewOverdue
	case f.Status != ticketquery.FilterActive:
		return ui.StatusLabel(desk.Status(f.Status)) + " tickets"
	case f.Sort == ticketquery.SortWaiting:
		return savedview.ViewWaiting
	}
	return "Unresolved"
}
