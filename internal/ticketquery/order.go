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
	SortWaiting = "waiting" // longest wait first; of tickets that are not done
)

// sorts has all orders. Cursors hold an order by its index here.
var sorts = []string{SortUpdated, SortCreated, SortOldest, SortUrgent, SortWaiting}

// order is how a list is sorted: by some columns and then by id, all in one direction.
type order struct {
	columns []column
	desc    bool
}

// column is what a list is sorted by.
type column struct {
	name text // as the indexes of orders have it
	own  text // the same order for a list of one requester, see [selection.ofOne]
	at   text // the parameter that has the cursor's value
}

var (
	updatedAt = column{name: "t.updated_at", own: "t.updated_at", at: "@at::timestamptz"}
	createdAt = column{name: "t.created_at", own: "t.created_at + interval '0'", at: "@at::timestamptz"}
	priority  = column{name: "t.priority", own: "array_position(enum_range(null::ticket_priority), t.priority)", at: "@at_priority::ticket_priority"}
	waiting   = column{name: waitingSince, own: waitingSince, at: "@at::timestamptz"}
)

var orders = map[string]order{
	SortUpdated: {[]column{updatedAt}, true},
	SortCreated: {[]column{createdAt}, true},
	SortOldest:  {[]column{createdAt}, false},
	SortUrgent:  {[]column{priority, updatedAt}, true},
	SortWaiting: {[]column{waiting}, false},
}

// span is the part of a list that a page shows.
type span struct {
	at    cursor // where it begins, if paged
	paged bool
	back  bool // it is read backwards, from at
	max   int32
}

// page appends the condition of the cursor, the order and the limit of a page. A sort that is
// not one of the orders is [SortUpdated].
func (q *query) page(s selection, p span) {
	o, ok := orders[s.Sort]
	if !ok {
		o = orders[SortUpdated]
	}
	if status := db.TicketStatus(s.Status); status == db.TicketStatusOPEN || status == db.TicketStatusINPROGRESS {
		// The status implies it. Without it the planner prefers the index of active tickets, where
		// it reads more rows than by the index of the status.
		q.add(isActive)
	}
	desc := o.desc != p.back
	if p.paged {
		q.beyond(o.columns, desc, p.at)
	}
	q.add("\norder by ")
	for _, c := range o.columns {
		name := c.name
		if s.ofOne() {
			name = c.own
		}
		q.add(name, direction[desc], ", ")
	}
	q.add("t.id", direction[desc], "\nlimit @max::int")
	q.args["max"] = p.max
}

var direction = map[bool]text{true: " desc", false: ""}

// beyond appends the condition of the tickets that follow the cursor.
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
