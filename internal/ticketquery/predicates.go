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

// selection is a [Filter] for one actor, as the predicates read it: its values are checked,
// and what it names is looked up.
type selection struct {
	Filter
	seesAll       bool
	viewer        int64     // the actor
	category      int64     // the id of Filter.Category; 0 for all
	waitingBefore time.Time // for FilterWaiting
	found         []int64   // the tickets that Filter.Q finds, see [Service.search]
}

// selection returns what a filter selects for the actor; found is left to [Service.search].
// A category that does not exist selects all.
func (s *Service) selection(ctx context.Context, actor account.Actor, f Filter) (selection, error) {
	category, err := s.filterCategory(ctx, f.Category)
	if err != nil {
		return selection{}, err
	}
	sel := selection{Filter: f.clean(actor), category: category.ID, waitingBefore: s.now().Add(-LongWait)}
	sel.Category = category.Name
	sel.seesAll, sel.viewer = actor.Scope()
	return sel, nil
}

// filterCategory finds a category by its name or id; the zero one where there is none.
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

// predicates has the condition of each field of a [Filter]. To add a filter, add a field
// there, and here a function that adds its condition if the field is not empty.
// Conditions are about the ticket t.
var predicates = []func(*query, selection){byRequester, byCategory, byPriority, byStatus, byFound}

// where appends the conditions that the tickets t of a selection meet. The first are the
// scope: what the actor may read at all.
func (q *query) where(s selection) *query {
	q.add("t.deleted_at is null")
	if !s.seesAll {
		q.and("t.requester_id = @viewer", "viewer", s.viewer)
	}
	for _, add := range predicates {
		add(q, s)
	}
	return q
}

// isNarrowed reports whether the selection is less than all tickets.
func (s selection) isNarrowed() bool {
	if !s.seesAll {
		return true
	}
	q := query{args: pgx.NamedArgs{}}
	for _, add := range predicates {
		add(&q, s)
	}
	return q.sql.Len() > 0
}

// ofOne reports whether all tickets of the selection have one requester. They are few, and
// are read by the index of requesters: conditions and orders are then written so that the
// planner takes no other index.
func (s selection) ofOne() bool { return !s.seesAll || s.Requester != "" }

func byRequester(q *query, s selection) {
	if id, err := strconv.ParseInt(s.Requester, 10, 64); err == nil {
		q.and("t.requester_id = @requester", "requester", id)
	}
}

func byCategory(q *query, s selection) {
	switch {
	case s.category == 0:
	case s.ofOne():
		q.and("t.category_id + 0 = @category", "category", s.category)
	default:
		q.and("t.category_id = @category", "category", s.category)
	}
}

func byPriority(q *query, s selection) {
	switch {
	case s.Priority == "":
	case s.ofOne():
		q.and("t.priority::text = @priority", "priority", s.Priority)
	default:
		q.and("t.priority = @priority::ticket_priority", "priority", s.Priority)
	}
}

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
	// waitingSince is since when the requester waits; for those who do not, [Never].
	waitingSince = "coalesce(t.waiting_since, '9999-01-01 00:00:00Z')"
)

func byFound(q *query, s selection) {
	if s.Q != "" {
		q.and("t.id = any (@found::bigint[])", "found", s.found)
	}
}
