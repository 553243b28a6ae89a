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
	BuiltIn []SidebarView // those of all staff, see [BuiltInViews]
	Teams   []SidebarView // one of each team of the actor; if there are more than 40, the last one is of all of them
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

// Names of views that are not saved.
const (
	ViewMine       = "Mine"
	ViewUnassigned = "Unassigned"
	ViewWaiting    = "Waiting longest"
	ViewOverdue    = "Overdue"
	ViewAll        = "All tickets"
	ViewAllTeams   = "All your teams" // of users with more teams than the sidebar has room for
)

// OverdueQuery is the query of the view of overdue tickets.
const OverdueQuery = "sort=waiting&status=WAITING"

// BuiltInViews returns the views that all staff have.
func BuiltInViews() []SidebarView {
	return []SidebarView{
		{Name: ViewMine, Query: "assignee=me&sort=waiting&status=ACTIVE"},
		{Name: ViewUnassigned, Query: "assignee=none&sort=waiting&status=ACTIVE"},
		{Name: ViewWaiting, Query: "sort=waiting&status=ACTIVE"},
		{Name: ViewOverdue, Query: OverdueQuery},
		{Name: ViewAll},
	}
}

// maxTeams is the maximum number of teams in a sidebar.
const maxTeams = 40

// Sidebar returns the views of the actor with the numbers of their tickets, see
// [ticketquery.Service.Counts]. All tickets are not counted.
func (s *Service) Sidebar(ctx context.Context, actor account.Actor) (Sidebar, error) {
	rows, err := s.q.ListSidebar(ctx, db.ListSidebarParams{Viewer: actor.ID, Manages: managesViews(actor), MaxTeams: maxTeams, MaxPins: MaxPins})
	if err != nil {
		return Sidebar{}, fmt.Errorf("list views: %w", err)
	}
	bar := Sidebar{BuiltIn: BuiltInViews()}
	var teams int64
	for _, r := range rows {
		if r.IsView {
			bar.Pinned = append(bar.Pinned, SidebarView{ID: r.ID, Name: r.Name, Query: r.Query})
		} else {
			bar.Teams = append(bar.Teams, SidebarView{Name: r.Name, Query: teamQuery(strconv.FormatInt(r.ID, 10)), Private: r.Private})
			if r.Lead {
				bar.Led = append(bar.Led, r.ID)
			}
			teams = r.Total
		}
	}
	if teams > maxTeams {
		bar.Teams = append(bar.Teams, SidebarView{Name: ViewAllTeams, Query: teamQuery(ticketquery.MyTeams)})
	}
	return bar, s.count(ctx, actor, bar.BuiltIn, bar.Teams, bar.Pinned)
}

// teamQuery returns the query of the active tickets with a value of the filter by team.
func teamQuery(team string) string {
	return url.Values{"team": {team}, "sort": {ticketquery.SortWaiting}, "status": {ticketquery.FilterActive}}.Encode()
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
