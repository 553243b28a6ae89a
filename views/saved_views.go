package views

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/savedview"
	"frontdesk/internal/ticketquery"
	"frontdesk/views/ui"
)

// ViewsPage is the data of the page of saved views.
type ViewsPage struct {
	Views      []savedview.View
	Teams      []savedview.Team // whose views the reader may change
	Categories []desk.Category
	AllTeams   []desk.Team       // for the words of filters
	People     map[string]string // the names of the users in filters, by id
	New        savedview.Input   // of the form for a new view
	Adding     bool              // the page opens with that form
	From       savedview.View    // the view whose filters were changed to those of New; the zero value for none
	Edit       int64             // the view whose form is open; 0 for none
	Edited     savedview.Input   // of that form, if it failed
	Stale      bool              // another user has changed the same in that view since the form was loaded
	Invalid    *fault.Invalid    // of the form that failed
}

// viewGroup is the views of one owner.
type viewGroup struct {
	id, title string
	views     []savedview.View
}

// groups returns the views by owner, in their order.
func (p ViewsPage) groups() (groups []viewGroup) {
	for _, v := range p.Views {
		if n := len(groups); n == 0 || groups[n-1].id != "views-of-"+v.Share {
			groups = append(groups, viewGroup{id: "views-of-" + v.Share, title: shareTitle(v)})
		}
		last := &groups[len(groups)-1]
		last.views = append(last.views, v)
	}
	return groups
}

// shareTitle returns the heading of the views with the same owner as v.
func shareTitle(v savedview.View) string {
	switch v.Share {
	case savedview.ShareMe:
		return "Only you"
	case savedview.ShareEverybody:
		return "Everybody"
	}
	return "Team " + ui.Isolated(v.Team)
}

// shares returns the choices of whom a view is for: also its present team, if that is retired.
func (p ViewsPage) shares(a account.Actor, v savedview.View) []option {
	all := []option{{savedview.ShareMe, "Only you"}}
	for _, t := range p.Teams {
		all = append(all, option{strconv.FormatInt(t.ID, 10), "Team " + t.Name})
	}
	if savedview.MayShareWithEverybody(a) {
		all = append(all, option{savedview.ShareEverybody, "Everybody on the staff"})
	}
	if isPresent := func(o option) bool { return o.value == v.Share }; v.Team != "" && !slices.ContainsFunc(all, isPresent) {
		all = append(all, option{v.Share, "Team " + v.Team + " (retired)"})
	}
	return all
}

// form returns the values of the form of a view, and the errors if it failed.
func (p ViewsPage) form(v savedview.View) (savedview.Input, *fault.Invalid) {
	if p.Edit == v.ID {
		return p.Edited, p.Invalid
	}
	return savedview.Input{Name: v.Name, Query: v.Query, Share: v.Share}, nil
}

// invalid returns the errors under the ids of their fields.
func (p ViewsPage) invalid() *fault.Invalid {
	return p.Invalid.Renamed(func(field string) string { return viewFieldID(field, p.Edit) })
}

// ViewButton returns the part of an address that leads to a button of a view on the page of views, after the
// button do was pressed. Of the buttons for pinning, only the other one is there then.
func ViewButton(do string, id int64) string {
	switch do {
	case "pin":
		do = "unpin"
	case "unpin":
		do = "pin"
	case "up", "down":
	default:
		return ""
	}
	return "#" + viewFieldID(do, id)
}

// viewFieldID returns the id of a field in the form of a view; that of a new one has the id 0.
func viewFieldID(name string, id int64) string {
	if name == "pinned" { // the error of the button
		name = "pin"
	}
	return name + "-" + strconv.FormatInt(id, 10)
}

func viewPath(id int64) string { return "/views/" + strconv.FormatInt(id, 10) }

// savedViewAddress returns the address of the list of a saved view.
func savedViewAddress(id int64) string { return "/tickets?view=" + strconv.FormatInt(id, 10) }

// Queries returns the queries of the views, and that of the form for a new one.
func (p ViewsPage) Queries() []string {
	all := []string{p.New.Query}
	for _, v := range p.Views {
		all = append(all, v.Query)
	}
	return all
}

// words returns the filters of a query in words, such as "Status: Open, priority: High".
func (p ViewsPage) words(query string) string {
	values, err := url.ParseQuery(query)
	if err != nil {
		return query
	}
	f := ticketquery.ReadFilter(values)
	if c, ok := ticketquery.FindCategory(p.Categories, f.Category); ok {
		f.Category = c.Name
	}
	var parts []string
	for _, name := range f.Names() {
		if value := f.Values().Get(name); value != "" {
			parts = append(parts, filterLabel(name)+": "+ui.Isolated(p.filterValue(name, value)))
		}
	}
	if len(parts) == 0 {
		return savedview.ViewAll
	}
	words := strings.Join(parts, ", ")
	return strings.ToUpper(words[:1]) + words[1:]
}

// filterWords are the names of filters on pages, by parameter.
var filterWords = map[string]string{
	"q": "search", "status": "status", "category": "category", "priority": "priority",
	"requester": "requester", "assignee": "assignee", "team": "team", "sort": "order",
}

// filterLabel returns the name of a filter on pages.
func filterLabel(name string) string { return cmp.Or(filterWords[name], name) }

// filterValue returns the value of a filter as pages show it.
func (p ViewsPage) filterValue(name, value string) string {
	choices := map[string][]option{"status": queueStatuses(), "sort": queueSorts,
		"assignee": {{ticketquery.AssignedToMe, "me"}, {ticketquery.FilterNone, "unassigned"}},
		"team":     {{ticketquery.MyTeams, "your teams"}, {ticketquery.FilterNone, "none"}}}[name]
	for _, t := range p.AllTeams {
		if name == "team" {
			choices = append(choices, option{strconv.FormatInt(t.ID, 10), t.Name})
		}
	}
	for _, o := range choices {
		if o.value == value {
			return o.label
		}
	}
	if person, ok := p.People[value]; ok && (name == "assignee" || name == "requester") {
		return person
	}
	return value
}

// EndedFilters returns the notice about filters of a view that do not exist any more.
func EndedFilters(names []string) string {
	return "Part of this view’s filter no longer exists (" + filterLabels(names) + "), so the list may have more tickets than before. Save the view again, or delete it."
}

// ignoredFilters returns the notice about filters of an address whose values do not exist.
func ignoredFilters(names []string) string {
	return "Part of the filter has a value that does not exist (" + filterLabels(names) + "), and is left out."
}

func filterLabels(names []string) string {
	labels := make([]string, len(names))
	for i, n := range names {
		labels[i] = ui.Isolated(filterLabel(n))
	}
	return strings.Join(labels, ", ")
}

// newError returns the error of a field of the form for a new view.
func (p ViewsPage) newError(field string) string {
	if p.Edit != 0 {
		return ""
	}
	return p.Invalid.Field(field)
}
