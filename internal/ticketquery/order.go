package ticketquery

import (
	"slices"

	"frontdesk/db"
)

// Orders of a list of tickets.
const (
	SortUpdated = "updated" // last updated first
	SortCreated = "created" // newest first
	SortOldest  = "oldest"  // oldest first
	SortUrgent  = "urgent"  // most urgent first
	SortWaiting = "waiting" // longest wait first; unresolved tickets only
)

// sortNumber is the order by number, highest first. Only feeds without [Filter].Sort have it.
const sortNumber = "number"

// sorts has all orders of pages. Cursors hold an order by its index here.
var sorts = []string{SortUpdated, SortCreated, SortOldest, SortUrgent, SortWaiting}

// order is an order of a list: by its columns and then by id, all in one direction.
type order struct {
	columns []column
	desc    bool
}

// column is an expression by which a list is sorted.
type column struct {
	name text // the expression of the indexes of orders
	own  text // an equivalent expression for a list of one requester, see [selection.ofOne]
	at   text // the parameter with the cursor's value
}

// Columns of orders.
var (
	updatedAt = column{name: "t.updated_at", own: "t.updated_at", at: "@at::timestamptz"}
	createdAt = column{name: "t.created_at", own: "t.created_at + interval '0'", at: "@at::timestamptz"}
	priority  = column{name: "t.priority", own: "array_position(enum_range(null::ticket_priority), t.priority)", at: "@at_priority::ticket_priority"}
	waiting   = column{name: waitingSince, own: waitingSince, at: "@at::timestamptz"}
)

// orders has the order of each sort.
var orders = map[string]order{
	SortUpdated: {[]column{updatedAt}, true},
	SortCreated: {[]column{createdAt}, true},
	SortOldest:  {[]column{createdAt}, false},
	SortUrgent:  {[]column{priority, updatedAt}, true},
	SortWaiting: {[]column{waiting}, false},
	sortNumber:  {nil, true},
}

// span is the part of a list that a page shows.
type span struct {
	at    cursor // the position at which it begins, if paged is true
	paged bool
	back  bool  // read backwards from at
	max   int32 // the maximum number of rows
}

// isRareInTeam reports whether the selection is a small part of the tickets of one team. The index
// of active tickets of the team is then the best one to find them: from the others many tickets
// are read for each that is found.
func (s selection) isRareInTeam() bool {
	isOne := s.Team != "" && s.Team != FilterNone && s.Team != MyTeams
	return isOne && (s.Priority != "" || s.category != 0)
}

// order returns the order of the selection. An invalid sort is [SortUpdated].
func (s selection) order() order {
	if o, ok := orders[s.Sort]; ok {
		return o
	}
	return orders[SortUpdated]
}

// page appends the condition of the cursor, the order and the limit of a page.
func (q *query) page(s selection, p span) *query {
	if s.Sort != sortNumber && db.TicketStatus(s.Status).IsActive() && !s.isRareInTeam() {
		// The condition on the status implies this one. Without it the planner prefers the
		// index of active tickets, from which it reads more rows than from that of the status.
		// The order by number reads the index of numbers.
		q.add(isActive)
	}
	if p.paged {
		q.beyond(s.order().columns, s.order().desc != p.back, p.at)
	}
	q.args["max"] = p.max
	return q.add("\n").orderBy(s, p).add("\nlimit @max::int")
}

// orderBy appends the order of a page.
func (q *query) orderBy(s selection, p span) *query {
	desc := s.order().desc != p.back
	q.add("order by ")
	for _, c := range s.order().columns {
		name := c.name
		if s.ofOne() {
			name = c.own
		}
		q.add(name, direction[desc], ", ")
	}
	return q.add("t.id", direction[desc])
}

// direction has the keyword of an order, by whether it is descending.
var direction = map[bool]text{true: " desc", false: ""}

// beyond appends the condition of the tickets after the cursor.
func (q *query) beyond(columns []column, desc bool, at cursor) {
	var names, values text
	for _, c := range columns {
		names, values = names+c.name+", ", values+c.at+", "
	}
	compare := text(" > ")
	if desc {
		compare = " < "
	}
	q.and("("+names+"t.id)"+compare+"("+values+"@id::bigint)", "id", at.id)
	q.args["at"], q.args["at_priority"] = at.at, string(at.priority)
}

// isSort reports whether sort is one of the orders.
func isSort(sort string) bool { return slices.Contains(sorts, sort) }
