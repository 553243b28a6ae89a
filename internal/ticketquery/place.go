package ticketquery

import (
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// PlaceCap is the number up to which the tickets before and after a place are counted.
const PlaceCap = 500

// Place is the place of a ticket in a list: the tickets before and after it.
type Place struct {
	Filter         Filter    // without invalid values and cursors
	Before, After  int       // the number of tickets, up to one more than [PlaceCap]
	Inside         bool      // the ticket itself is in the list
	Capped         bool      // see [Page.Capped]
	Previous, Next Neighbour // the zero value if there is none
}

// Neighbour is the ticket before or after a place, with its own place.
type Neighbour struct {
	ID int64
	At string // a cursor, see [Page.Cursor]
}

// placeRow is the first row of one part of a list around a place.
type placeRow struct {
	Part string // before, after, or self for the ticket itself
	N    int64  // the number of rows of the part

	ID           int64
	Priority     db.TicketPriority
	WaitingSince *time.Time
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// cursor returns the cursor of the row in an order.
func (r placeRow) cursor(sort string) cursor {
	return cursorOf(Row{ID: r.ID, Priority: r.Priority, WaitingSince: r.WaitingSince, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt}, sort)
}

// Place returns the place of a ticket in the list of a filter. The place is the cursor at, which
// the ticket had when it was opened: it stays the same if the ticket changes or leaves the list.
// The second result is false if at is no cursor of the list's order, or if the search of the filter
// is refused ([*fault.Limited], [fault.ErrBusy]); the place then has only the filter.
func (s *Service) Place(ctx context.Context, actor account.Actor, filter Filter, id int64, at string) (Place, bool, error) {
	sel, err := s.selection(ctx, actor, filter)
	if err != nil {
		return Place{}, false, err
	}
	none := Place{Filter: sel.FirstPage()}
	here, ok := parseCursor(at, sel.Sort)
	if !ok {
		return none, false, nil
	}
	found, numbers, err := s.search(ctx, sel, searchCap)
	if err != nil {
		return none, false, err
	}
	sel.found = append(found, numbers...)
	rows, err := collect(ctx, s.pool, placeOf(sel, here, id), db.RowsByName[placeRow])
	if err != nil {
		return Place{}, false, fmt.Errorf("read place in list: %w", err)
	}
	place := placeFrom(rows, sel.Sort)
	place.Filter, place.Capped = none.Filter, len(found) >= searchCap
	return place, true, nil
}

// maxSkipped is the number of tickets that [Service.NextFree] skips at most, because each is a query.
const maxSkipped = 10

// NextFree returns the first ticket after a place that is not busy, and the ids of those before it. It returns the zero value if
// there is none among the next ones, or if the search of the list is refused.
func (s *Service) NextFree(ctx context.Context, actor account.Actor, place Place, isBusy func(ticketID int64) bool) (free Neighbour, skipped []int64, err error) {
	next := place.Next
	for next.ID != 0 && isBusy(next.ID) {
		if len(skipped) == maxSkipped {
			return Neighbour{}, nil, nil
		}
		skipped = append(skipped, next.ID)
		after, _, err := s.Place(ctx, actor, place.Filter, next.ID, next.At)
		var limited *fault.Limited
		switch {
		case errors.As(err, &limited), errors.Is(err, fault.ErrBusy):
			return Neighbour{}, nil, nil
		case err != nil:
			return Neighbour{}, nil, err
		}
		next = after.Next
	}
	return next, skipped, nil
}

// placeFrom returns the place that rows describe.
func placeFrom(rows []placeRow, sort string) (p Place) {
	for _, r := range rows {
		next := Neighbour{ID: r.ID, At: r.cursor(sort).encode()}
		switch r.Part {
		case "before":
			p.Before, p.Previous = int(r.N), next
		case "after":
			p.After, p.Next = int(r.N), next
		default:
			p.Inside = true
		}
	}
	return p
}

// placeOf returns the statement that reads the rows before and after a place, without the ticket
// itself. It reads the columns of cursors only.
func placeOf(s selection, here cursor, id int64) *query {
	q := newQuery("PlaceOfTicket", "with before as materialized (")
	q.around(s, span{at: here, paged: true, back: true, max: PlaceCap + 1})
	q.add("), after as materialized (")
	q.around(s, span{at: here, paged: true, max: PlaceCap + 1})
	q.add(")")
	// A materialized query is read in its order, so its first row is the nearest one.
	q.add("\n(select 'before' as part, (select count(*) from before) as n, b.* from before b limit 1)")
	q.add("\nunion all (select 'after', (select count(*) from after), a.* from after a limit 1)")
	q.add("\nunion all (select 'self', 1, ", cursorColumns, " from tickets t where ").where(s)
	q.add("\n  and t.id = @ticket)")
	q.args["ticket"] = id
	return q
}

// cursorColumns are the columns of which cursors are made.
const cursorColumns = "t.id, t.priority, t.waiting_since, t.created_at, t.updated_at"

// around appends the statement of a page of a selection without the parameter @ticket.
func (q *query) around(s selection, page span) {
	q.add("select ", cursorColumns, " from tickets t where ").where(s)
	q.add("\n  and t.id <> @ticket")
	q.page(s, page)
}
