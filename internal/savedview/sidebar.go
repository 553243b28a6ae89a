package savedview

import (
	"context"
	"fmt"
	"net/url"
	"strconv"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/ticketquery"
)

// Sidebar is the views that a member of staff has beside the pages.
type Sidebar struct {
	BuiltIn []SidebarView // those of everybody, see [BuiltInViews]
	Teams   []SidebarView // one of each team of the actor
	Pinned  []SidebarView // saved views
	Led     []int64       // the ids of the teams that the actor leads
}

// SidebarView is a view with the number of its tickets.
type SidebarView struct {
	ID      int64 // of a saved view; 0 for others
	Name    string
	Query   string // of the address of the list
	Private bool   // the view of a private team
	Count   ticketquery.Count
}

// Names of the views that everybody has.
const (
	ViewMine       = "Mine"
	ViewUnassigned = "Unassigned"
	ViewWaiting    = "Waiting longest"
	ViewOverdue    = "Overdue"
	ViewAll        = "All tickets"
)

// BuiltInViews returns the views that everybody on the staff has.
func BuiltInViews() []SidebarView {
	return []SidebarView{
		{Name: ViewMine, Query: "assignee=me&sort=waiting&status=ACTIVE"},
		{Name: ViewUnassigned, Query: "assignee=none&sort=waiting&status=ACTIVE"},
		{Name: ViewWaiting, Query: "sort=waiting&status=ACTIVE"},
		{Name: ViewOverdue, Query: "sort=waiting&status=WAITING"},
		{Name: ViewAll},
	}
}

// maxSidebar is the maximum number of teams and pinned views in a sidebar.
const maxSidebar = 2 * MaxPins

// Sidebar returns the views of the actor with the numbers of their tickets, see
// [ticketquery.Service.Counts]. All tickets are not counted.
func (s *Service) Sidebar(ctx context.Context, actor account.Actor) (Sidebar, error) {
	rows, err := s.q.ListSidebar(ctx, db.ListSidebarParams{Viewer: actor.ID, Manages: managesViews(actor), Max: maxSidebar})
	if err != nil {
		return Sidebar{}, fmt.Errorf("list views: %w", err)
	}
	bar := Sidebar{BuiltIn: BuiltInViews()}
	for _, r := range rows {
		if r.IsView {
			bar.Pinned = append(bar.Pinned, SidebarView{ID: r.ID, Name: r.Name, Query: r.Query})
		} else {
			query := url.Values{"team": {strconv.FormatInt(r.ID, 10)}, "sort": {ticketquery.SortWaiting}, "status": {ticketquery.FilterActive}}
			bar.Teams = append(bar.Teams, SidebarView{Name: r.Name, Query: query.Encode(), Private: r.Private})
			if r.Lead {
				bar.Led = append(bar.Led, r.ID)
			}
		}
	}
	return bar, s.count(ctx, actor, bar.BuiltIn, bar.Teams, bar.Pinned)
}

// count sets the counts of views. Those of all tickets have none.
func (s *Service) count(ctx context.Context, actor account.Actor, groups ...[]SidebarView) error {
	var filters []ticketquery.Filter
	var counted []*SidebarView
	for _, group := range groups {
		for i := range group {
			v := &group[i]
			v.Count.None = true
			if query, err := url.ParseQuery(v.Query); err == nil && v.Query != "" {
				counted, filters = append(counted, v), append(filters, ticketquery.ReadFilter(query))
			}
		}
	}
	counts, err := s.lists.Counts(ctx, actor, filters)
	for i, n := range counts {
		counted[i].Count = n
	}
	return err
}
