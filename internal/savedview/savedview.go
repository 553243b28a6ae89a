// Package savedview stores the saved views of the list of tickets, and counts the tickets of the views in the sidebar.
package savedview

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"strconv"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/ticketquery"
)

// Service are the saved views of the list of tickets.
type Service struct {
	q        *db.Queries
	accounts *account.Service
	lists    *ticketquery.Service
}

// New returns the saved views of a desk.
func New(q *db.Queries, accounts *account.Service, lists *ticketquery.Service) *Service {
	return &Service{q: q, accounts: accounts, lists: lists}
}

// View is a saved view: a name for a query of the list of tickets.
type View struct {
	ID        int64
	Name      string
	Query     string // of the address of the list, see [ticketquery.ReadFilter]
	Share     string // ShareMe, ShareEverybody, or the id of a team
	Team      string // the name of that team, or ""
	Pinned    bool   // the actor has it in the sidebar
	MayChange bool   // the actor may change and delete it

	sharing
}

// Values of [View].Share. Any other value is the id of a team.
const (
	ShareMe        = "me"
	ShareEverybody = "everybody" // all staff
)

// Limits of views.
const (
	MaxViews = 50  // of one user, of one team, and of all staff
	MaxPins  = 20  // of one user
	maxRead  = 500 // that a list of views has
)

// List returns the views that the actor may read: their own, those of all staff, and those
// of their teams. An actor with [account.ManageTeams] gets those of all teams.
func (s *Service) List(ctx context.Context, actor account.Actor) ([]View, error) {
	if !actor.Can(account.WorkAsStaff) {
		return nil, fault.ErrForbidden
	}
	rows, err := s.q.ListViews(ctx, db.ListViewsParams{Viewer: actor.ID, Manages: managesViews(actor), Max: maxRead})
	if err != nil {
		return nil, fmt.Errorf("list views: %w", err)
	}
	all := make([]View, len(rows))
	for i, r := range rows {
		all[i] = viewOf(db.GetViewRow(r))
	}
	return all, nil
}

// People returns the names of the users whom the filters of queries name, by their ids. Users
// of whom the actor sees no ticket are left out, unless they are staff.
func (s *Service) People(ctx context.Context, actor account.Actor, queries []string) (map[string]string, error) {
	var ids []int64
	for _, query := range queries {
		values, err := url.ParseQuery(query)
		if err != nil {
			continue
		}
		f := ticketquery.ReadFilter(values)
		for _, text := range []string{f.Assignee, f.Requester} {
			if id, err := strconv.ParseInt(text, 10, 64); err == nil {
				ids = append(ids, id)
			}
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	reach, viewer := actor.Scope()
	rows, err := s.q.NamesOfFilters(ctx, db.NamesOfFiltersParams{Ids: ids, Reach: reach, Viewer: viewer})
	if err != nil {
		return nil, fmt.Errorf("read names: %w", err)
	}
	people := make(map[string]string, len(rows))
	for _, r := range rows {
		people[strconv.FormatInt(r.ID, 10)] = r.Username
	}
	return people, nil
}

// Workers are the names of the assignee and the team whose ids a filter has, "" for none. AssigneeGone is true if
// the assignee is disabled or no member of staff any more.
type Workers = db.NamesOfWorkersRow

// Workers returns the names of the assignee and the team of a filter to staff, who may see those of all
// colleagues and teams.
func (s *Service) Workers(ctx context.Context, actor account.Actor, f ticketquery.Filter) (Workers, error) {
	assignee, _ := strconv.ParseInt(f.Assignee, 10, 64) // 0 for other values
	team, _ := strconv.ParseInt(f.Team, 10, 64)
	if !actor.Can(account.WorkAsStaff) || assignee == 0 && team == 0 {
		return Workers{}, nil
	}
	names, err := s.q.NamesOfWorkers(ctx, db.NamesOfWorkersParams{AssigneeID: assignee, TeamID: team})
	if err != nil {
		return Workers{}, fmt.Errorf("read names: %w", err)
	}
	return names, nil
}

// Get returns a view. It returns [fault.ErrNotFound] if there is none that the actor may
// read.
func (s *Service) Get(ctx context.Context, actor account.Actor, id int64) (View, error) {
	if !actor.Can(account.WorkAsStaff) {
		return View{}, fault.ErrNotFound
	}
	return get(ctx, s.q, actor, id)
}

// Open returns the filter of the address of a list. If the address names a view, the
// parameters of the address override those of the view, and ended has the parameters of the
// view that lists ignore, because the filter or its value does not exist any more. It returns
// [fault.ErrNotFound] for a view that the actor may not read.
func (s *Service) Open(ctx context.Context, actor account.Actor, address url.Values) (f ticketquery.Filter, ended []string, err error) {
	if f = ticketquery.ReadFilter(address); f.View == "" {
		return f, nil, nil
	}
	id, err := strconv.ParseInt(f.View, 10, 64)
	if err != nil {
		return ticketquery.Filter{}, nil, fault.ErrNotFound
	}
	view, err := s.Get(ctx, actor, id)
	if err != nil {
		return ticketquery.Filter{}, nil, err
	}
	stored, err := url.ParseQuery(view.Query)
	if err != nil {
		return ticketquery.Filter{}, nil, fmt.Errorf("read the query of view %d: %w", id, err)
	}
	understood, err := s.lists.Understand(ctx, actor, ticketquery.ReadFilter(stored))
	if err != nil {
		return ticketquery.Filter{}, nil, err
	}
	query := understood.Filter.Values()
	name, of := view.Name, query.Encode()
	maps.Copy(query, address)
	f = ticketquery.ReadFilter(query)
	f.ViewName, f.ViewQuery = name, of
	return f, append(ticketquery.UnknownParameters(stored), understood.Ignored...), nil
}

func get(ctx context.Context, q *db.Queries, actor account.Actor, id int64) (View, error) {
	row, err := q.GetView(ctx, db.GetViewParams{ID: id, Viewer: actor.ID, Manages: managesViews(actor)})
	if err != nil {
		return View{}, db.Found(err, "read view")
	}
	return viewOf(row), nil
}

// viewOf converts a row.
func viewOf(r db.GetViewRow) View {
	v := View{ID: r.ID, Name: r.Name, Query: r.Query, Share: ShareEverybody, Team: r.Team, Pinned: r.Pinned, MayChange: r.MayChange, sharing: sharing{r.OwnerID, r.TeamID}}
	switch {
	case r.OwnerID != nil:
		v.Share = ShareMe
	case r.TeamID != nil:
		v.Share = strconv.FormatInt(*r.TeamID, 10)
	}
	return v
}

// Team is a team whose views the actor may change.
type Team = db.ListTeamsForViewsRow

// Teams returns the teams whose views the actor may change.
func (s *Service) Teams(ctx context.Context, actor account.Actor) ([]Team, error) {
	if !actor.Can(account.WorkAsStaff) {
		return nil, fault.ErrForbidden
	}
	teams, err := s.q.ListTeamsForViews(ctx, db.ListTeamsForViewsParams{Viewer: actor.ID, Manages: managesViews(actor), Max: maxRead})
	if err != nil {
		return nil, fmt.Errorf("list teams: %w", err)
	}
	return teams, nil
}

// MayShareWithEverybody reports whether the actor may change the views of all staff.
func MayShareWithEverybody(actor account.Actor) bool { return managesViews(actor) }

// managesViews reports whether the actor may change the views of teams and of all staff.
func managesViews(actor account.Actor) bool { return actor.Can(account.ManageTeams) }

// sharing is the owner or the team of a view. The zero value is a view of all staff.
type sharing struct{ owner, team *int64 }

// sharingOf returns the sharing for the value of [Input].Share. It returns
// [*fault.Invalid] if the actor may not change such views.
func sharingOf(ctx context.Context, q *db.Queries, actor account.Actor, share string) (sharing, error) {
	switch share {
	case ShareMe:
		return sharing{owner: &actor.ID}, nil
	case ShareEverybody:
		if managesViews(actor) {
			return sharing{}, nil
		}
		return sharing{}, fault.NewInvalid("share", "Choose yourself or a team: your role does not allow you to change the views of everybody.")
	}
	teams, err := q.ListTeamsForViews(ctx, db.ListTeamsForViewsParams{Viewer: actor.ID, Manages: managesViews(actor), Max: maxRead})
	if err != nil {
		return sharing{}, fmt.Errorf("list teams: %w", err)
	}
	for _, t := range teams {
		if strconv.FormatInt(t.ID, 10) == share {
			return sharing{team: &t.ID}, nil
		}
	}
	return sharing{}, fault.NewInvalid("share", "Choose yourself, or a team that you lead.")
}
