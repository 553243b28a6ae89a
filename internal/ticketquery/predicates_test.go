package ticketquery

import (
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
)

// Users and tickets of [newLists]. Ana and Ben have two tickets each.
const (
	staffID, anaID, benID                            = 1, 2, 3
	anaOpen, anaResolved, benOpen, benProgress       = 1, 2, 3, 4
	deletedTicket                              int64 = 5
)

var (
	staff = account.Actor{ID: staffID, Role: account.RoleAdmin}
	ana   = account.Actor{ID: anaID, Role: account.RoleCustomer}
	// The same users as staff, who are still the requesters of their tickets.
	anaOfStaff = account.Actor{ID: anaID, Role: account.RoleAdmin}
	benOfStaff = account.Actor{ID: benID, Role: account.RoleAdmin}
	noon       = time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
)

// newLists returns the lists of a desk with two customers and five tickets, at noon.
func newLists(t *testing.T) *Service {
	t.Helper()
	pool := dbtest.New(t)
	exec(t, pool, `insert into users (username, email, password_hash, role) values
		('Sam', 'sam@example.org', '', 'admin'), ('Ana', 'ana@example.org', '', 'customer'), ('Ben', 'ben@example.org', '', 'customer')`)
	exec(t, pool, `insert into tickets (requester_id, subject, description, category_id, priority, status, waiting_since, submission_id, submission_hash, created_at, updated_at, deleted_at)
		select requester, subject, 'A text.', category, priority::ticket_priority, status::ticket_status, waiting, subject, '', $1::timestamptz, $1::timestamptz, deleted from (values
			(2, 'A lamp',    1, 'Low',    'OPEN',        $1::timestamptz - interval '30 hours', null),
			(2, 'A fan',     2, 'High',   'RESOLVED',    null,                     null),
			(3, 'A lantern', 1, 'High',   'OPEN',        $1::timestamptz - interval '2 hours',  null),
			(3, 'A fuse',    3, 'Urgent', 'IN_PROGRESS', null,                     null),
			(2, 'A lamp 2',  1, 'Low',    'OPEN',        $1::timestamptz - interval '30 hours', $1::timestamptz)
		) v (requester, subject, category, priority, status, waiting, deleted)`, noon)
	exec(t, pool, `insert into teams (name, name_key) values ('Repairs', 'repairs'), ('Billing', 'billing')`)
	exec(t, pool, `insert into team_members (team_id, user_id) values (1, 1)`)
	exec(t, pool, `update tickets set assignee_id = 1, team_id = 1 where id in (1, 2)`)
	exec(t, pool, `update tickets set team_id = 2 where id = 3`)
	return New(pool, func() time.Time { return noon })
}

// exec executes a statement.
func exec(t *testing.T, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	if _, err := pool.Exec(t.Context(), sql, args...); err != nil {
		t.Fatal(err)
	}
}

// selected returns the tickets that each statement over a selection has, by its name.
func (s *Service) selected(t *testing.T, sel selection) map[string][]int64 {
	t.Helper()
	ctx, all := t.Context(), map[string][]int64{}
	rows, err := s.readPage(ctx, sel, span{max: 100})
	if err != nil {
		t.Fatal(err)
	}
	full, err := collect(ctx, s.pool, feedTickets(sel, span{max: 100}), db.RowsByName[FullTicket])
	if err != nil {
		t.Fatal(err)
	}
	all["the list"] = convert(rows, func(r Row) int64 { return r.ID })
	all["the feed"] = convert(full, func(r FullTicket) int64 { return r.ID })
	for _, ids := range all {
		slices.Sort(ids)
	}
	return all
}

// named returns the tickets of a selection that a search finds by the names of all requesters.
func (s *Service) named(t *testing.T, sel selection) []int64 {
	t.Helper()
	near, err := one(t.Context(), s.pool, findRecent(sel, wanted{index: textIndex, runs: []string{}, name: "%", limit: 100}, 0), db.RowsByName[recent])
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(near.Named)
	return near.Named
}

// counted returns the number of tickets of each counting statement over a selection, by its name.
func (s *Service) counted(t *testing.T, sel selection) map[string]int {
	t.Helper()
	n, err := one(t.Context(), s.pool, countNewTickets(sel, noon.Add(-time.Hour), []int64{}), integers)
	if err != nil {
		t.Fatal(err)
	}
	near, err := one(t.Context(), s.pool, findRecent(sel, wanted{index: textIndex, runs: []string{}, limit: 100}, 100), db.RowsByName[recent])
	if err != nil {
		t.Fatal(err)
	}
	return map[string]int{"the count of new tickets": int(n), "the search": int(near.Walked)}
}

// filterTests has one case or more for each predicate.
var filterTests = []struct {
	name  string
	actor account.Actor
	f     Filter
	found []int64
	want  []int64
}{
	{name: "nothing", actor: staff, want: []int64{anaOpen, anaResolved, benOpen, benProgress}},
	{name: "nothing, by a customer", actor: ana, want: []int64{anaOpen, anaResolved}},
	{name: "requester", actor: staff, f: Filter{Requester: "3"}, want: []int64{benOpen, benProgress}},
	{name: "requester, by a customer", actor: ana, f: Filter{Requester: "3"}, want: []int64{anaOpen, anaResolved}},
	{name: "assignee", actor: staff, f: Filter{Assignee: "1"}, want: []int64{anaOpen, anaResolved}},
	{name: "me", actor: staff, f: Filter{Assignee: "me"}, want: []int64{anaOpen, anaResolved}},
	{name: "nobody", actor: staff, f: Filter{Assignee: "none"}, want: []int64{benOpen, benProgress}},
	{name: "assignee, by a customer", actor: ana, f: Filter{Assignee: "none"}, want: []int64{anaOpen, anaResolved}},
	{name: "team", actor: staff, f: Filter{Team: "2"}, want: []int64{benOpen}},
	{name: "my teams", actor: staff, f: Filter{Team: "mine"}, want: []int64{anaOpen, anaResolved}},
	{name: "no team", actor: staff, f: Filter{Team: "none"}, want: []int64{benProgress}},
	{name: "team, by a customer", actor: ana, f: Filter{Team: "2"}, want: []int64{anaOpen, anaResolved}},
	{name: "assignee, by staff who are a requester", actor: anaOfStaff, f: Filter{Assignee: "1"}, want: []int64{}},
	{name: "nobody, by staff who are a requester", actor: benOfStaff, f: Filter{Assignee: "none"}, want: []int64{}},
	{name: "team, by staff who are a requester", actor: benOfStaff, f: Filter{Team: "1"}, want: []int64{anaOpen, anaResolved}},
	{name: "no team, by staff who are a requester", actor: benOfStaff, f: Filter{Team: "none"}, want: []int64{}},
	{name: "category", actor: staff, f: Filter{Category: "billing"}, want: []int64{anaOpen, benOpen}},
	{name: "category, by a customer", actor: ana, f: Filter{Category: "Billing"}, want: []int64{anaOpen}},
	{name: "priority", actor: staff, f: Filter{Priority: "High"}, want: []int64{anaResolved, benOpen}},
	{name: "priority, of a requester", actor: staff, f: Filter{Priority: "High", Requester: "3"}, want: []int64{benOpen}},
	{name: "status", actor: staff, f: Filter{Status: "RESOLVED"}, want: []int64{anaResolved}},
	{name: "active", actor: staff, f: Filter{Status: FilterActive}, want: []int64{anaOpen, benOpen, benProgress}},
	{name: "waiting", actor: staff, f: Filter{Status: FilterWaiting}, want: []int64{anaOpen}},
	{name: "found", actor: staff, f: Filter{Q: "lamp"}, found: []int64{anaOpen, benProgress, deletedTicket}, want: []int64{anaOpen, benProgress}},
	{name: "found, by a customer", actor: ana, f: Filter{Q: "lamp"}, found: []int64{anaOpen, benProgress}, want: []int64{anaOpen}},
	{name: "nothing found", actor: staff, f: Filter{Q: "lamp"}, want: []int64{}},
	{name: "several", actor: staff, f: Filter{Category: "Billing", Priority: "High", Status: "OPEN"}, want: []int64{benOpen}},
}

func TestEachPredicateSelectsTheSameTicketsInEveryStatement(t *testing.T) {
	t.Parallel()
	s := newLists(t)
	for _, c := range filterTests {
		sel, err := s.selection(t.Context(), c.actor, c.f)
		if err != nil {
			t.Fatal(err)
		}
		sel.found = c.found
		for statement, got := range s.selected(t, sel) {
			if !slices.Equal(got, c.want) {
				t.Errorf("%s: %s has %v, want %v", c.name, statement, got, c.want)
			}
		}
		if got := s.named(t, sel); !sel.isOwn() && !slices.Equal(got, c.want) {
			t.Errorf("%s: the search by names has %v, want %v", c.name, got, c.want)
		}
		for statement, got := range s.counted(t, sel) {
			if got != len(c.want) {
				t.Errorf("%s: %s has %d tickets, want %d", c.name, statement, got, len(c.want))
			}
		}
	}
}

func TestEveryPredicateAndEveryFieldOfAFilterHasATest(t *testing.T) {
	t.Parallel()
	used := map[int]bool{}
	set := map[string]bool{"Sort": true, "After": true, "Before": true, "View": true, "ViewName": true, "ViewQuery": true} // the order, the page, and the view
	for _, c := range filterTests {
		for i, add := range predicates {
			if q := newQuery("Test"); addsTo(q, add, selection{Filter: c.f, scope: scope{reach: account.ReachAll}, category: int64(len(c.f.Category))}) {
				used[i] = true
			}
		}
		for _, f := range reflect.VisibleFields(reflect.TypeFor[Filter]()) {
			if !reflect.ValueOf(c.f).FieldByIndex(f.Index).IsZero() {
				set[f.Name] = true
			}
		}
	}
	for i := range predicates {
		if !used[i] {
			name := runtime.FuncForPC(reflect.ValueOf(predicates[i]).Pointer()).Name()
			t.Errorf("no case of filterTests uses the predicate %d, %s", i, name)
		}
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Filter]()) {
		if !set[f.Name] {
			t.Errorf("no case of filterTests sets the field %s", f.Name)
		}
	}
}

// addsTo reports whether a predicate adds SQL to the query for the selection.
func addsTo(q *query, add func(*query, selection), s selection) bool {
	before := q.sql.Len()
	add(q, s)
	return q.sql.Len() > before
}

// hostile is an unchecked value for every parameter.
const hostile = "x'); drop table tickets; --"

func TestAnUnknownValueNeverReachesTheTextOfAStatement(t *testing.T) {
	t.Parallel()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Filter]()) {
		for _, reach := range []account.Reach{account.ReachAll, account.ReachOwn} {
			bad := selection{scope: scope{reach: reach}}
			reflect.ValueOf(&bad.Filter).Elem().FieldByIndex(f.Index).SetString(hostile)
			for _, q := range statements(bad) {
				if text := q.sql.String(); strings.Contains(text, "drop table") {
					t.Errorf("%s (reach %v) is in the statement:\n%s", f.Name, reach, text)
				}
			}
		}
	}
}

// statements returns every composed statement about a selection, with hostile parameters.
func statements(s selection) (all []*query) {
	for _, back := range []bool{true, false} {
		all = append(all, filterTickets(s, span{paged: true, back: back, at: cursor{sort: hostile, priority: hostile}}))
	}
	for _, ix := range []index{textIndex, notesIndex, indexBefore} {
		w := wanted{index: ix, words: hostile, runs: []string{hostile}, name: hostile}
		all = append(all, findRecent(s, w, 1), findByWords(s, w, hostile))
	}
	return append(all, countNewTickets(s, noon, []int64{1}), feedTickets(s, span{paged: true, at: cursor{sort: hostile, priority: hostile}}))
}

func TestAnUnknownOrderIsTheDefault(t *testing.T) {
	t.Parallel()
	var texts []string
	for _, sort := range []string{hostile, "", SortUpdated} {
		texts = append(texts, filterTickets(selection{Filter: Filter{Sort: sort}}, span{}).sql.String())
	}
	for _, text := range texts {
		if text != texts[2] {
			t.Errorf("got %s\nwant %s", text, texts[2])
		}
	}
}

func TestEveryOrderHasColumns(t *testing.T) {
	t.Parallel()
	for _, sort := range sorts {
		if len(orders[sort].columns) == 0 {
			t.Errorf("%s: got no columns", sort)
		}
	}
	if len(orders) != len(sorts)+1 { // and the one by number
		t.Errorf("got %d orders, want %d", len(orders), len(sorts)+1)
	}
}
