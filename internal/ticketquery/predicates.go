package ticketquery

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// selection is a [Filter] of one actor, prepared for the predicates: its values are
// validated, and its category and search text are looked up.
type selection struct {
	Filter
	scope
	category      int64     // the id of Filter.Category; 0 for all
	waitingBefore time.Time // the limit of FilterWaiting
	found         []int64   // the result of the search for Filter.Q, see [Service.search]
	eachRequester bool      // see perRequester
}

// selection returns the selection of a filter for the actor, without found, which
// [Service.search] returns. A category that does not exist is ignored.
func (s *Service) selection(ctx context.Context, actor account.Actor, f Filter) (selection, error) {
	category, err := s.filterCategory(ctx, f.Category)
	if err != nil {
		return selection{}, err
	}
	sel := selection{Filter: f.clean(actor), category: category.ID, waitingBefore: s.now().Add(-LongWait)}
	sel.Category = category.Name
	sel.scope, err = s.scope(ctx, actor)
	return sel, err
}

// filterCategory returns the category with a name or id, or the zero value if there is
// none.
func (s *Service) filterCategory(ctx context.Context, text string) (db.Category, error) {
	if text == "" {
		return db.Category{}, nil
	}
	all, err := s.q.ListCategories(ctx)
	if err != nil {
		return db.Category{}, fmt.Errorf("list categories: %w", err)
	}
	c, _ := FindCategory(all, text)
	return c, nil
}

// predicates append the conditions of the fields of a [Filter]. To add a filter, add a
// field to Filter, and a function here that appends its condition if the field is not
// empty. In conditions, t is the ticket.
var predicates = []func(*query, selection){byRequester, byAssignee, byTeam, byOthers, byCategory, byPriority, byStatus, byFound}

// where appends the conditions of a selection. The first ones restrict it to the tickets
// that the actor may read.
func (q *query) where(s selection) *query {
	q.add("t.deleted_at is null")
	q.within(s.scope)
	for _, add := range predicates {
		add(q, s)
	}
	return q
}

// isNarrowed reports whether the selection has a condition besides not being deleted.
func (s selection) isNarrowed() bool {
	if s.isOwn() || s.reach == account.ReachTeams {
		return true
	}
	q := query{args: pgx.NamedArgs{}}
	for _, add := range predicates {
		add(&q, s)
	}
	return q.sql.Len() > 0
}

// ofOne reports whether all tickets of the selection have the same requester. These are
// few, and the index of requesters is the best one to read them. Conditions and orders are
// then written so that the planner cannot use another index.
func (s selection) ofOne() bool { return s.isOwn() || s.Requester != "" || s.eachRequester }

// perRequester returns the selection for a statement that reads the tickets of one requester after
// another, see [selection.ofOne].
func (s selection) perRequester() selection {
	s.eachRequester = true
	return s
}

// byRequester appends the condition of Filter.Requester.
func byRequester(q *query, s selection) {
	if id, err := strconv.ParseInt(s.Requester, 10, 64); err == nil {
		q.and("t.requester_id = @requester", "requester", id)
	}
}

// byAssignee appends the condition of Filter.Assignee.
func byAssignee(q *query, s selection) {
	id, err := strconv.ParseInt(s.Assignee, 10, 64)
	switch {
	case s.Assignee == FilterNone:
		q.add("\n  and t.assignee_id is null")
	case s.Assignee == AssignedToMe:
		q.and("t.assignee_id = @assignee", "assignee", s.viewer)
	case err == nil:
		q.and("t.assignee_id = @assignee", "assignee", id)
	}
}

// byTeam appends the condition of Filter.Team.
func byTeam(q *query, s selection) {
	id, err := strconv.ParseInt(s.Team, 10, 64)
	switch {
	case s.Team == FilterNone:
		q.add("\n  and t.team_id is null")
	case s.Team == MyTeams:
		q.and("t.team_id in (select m.team_id from team_members m where m.user_id = @member)", "member", s.viewer)
	case err == nil:
		q.and("t.team_id = @team", "team", id)
	}
}

// byOthers leaves out the actor's own tickets if the filter selects an assignee or team:
// requesters, also staff, do not see these of their own tickets.
func byOthers(q *query, s selection) {
	if s.Assignee != "" || s.Team != "" {
		q.and(seesAssignment, "viewer", s.viewer)
	}
}

// byCategory appends the condition of Filter.Category.
func byCategory(q *query, s selection) {
	switch {
	case s.category == 0:
	case s.ofOne():
		q.and("t.category_id + 0 = @category", "category", s.category)
	default:
		q.and("t.category_id = @category", "category", s.category)
	}
}

// byPriority appends the condition of Filter.Priority.
func byPriority(q *query, s selection) {
	switch {
	case s.Priority == "":
	case s.ofOne():
		q.and("t.priority::text = @priority::ticket_priority::text", "priority", s.Priority)
	default:
		q.and("t.priority = @priority::ticket_priority", "priority", s.Priority)
	}
}

// byStatus appends the condition of Filter.Status.
func byStatus(q *query, s selection) {
	switch s.Status {
	case "":
	case FilterActive:
		q.add(isActive)
	case FilterWaiting:
		q.add(isActive)
		q.and(waitingSince+" < @waiting_before", "waiting_before", s.waitingBefore)
	default:
		q.and("t.status = @status::ticket_status", "status", s.Status)
	}
}

const (
	isActive = "\n  and t.status in ('OPEN', 'IN_PROGRESS')"
	// waitingSince is the time since which the requester has waited, or [Never].
	waitingSince = "coalesce(t.waiting_since, '9999-01-01 00:00:00Z')"
)

// byFound appends the condition of Filter.Q.
func byFound(q *query, s selection) {
	if s.Q != "" {
		q.and("t.id = any (@found::bigint[])", "found", s.found)
	}
}
