package ticketquery

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/listing"
)

// Row is one ticket in a list. Unread is -1 if the viewer never opened it. Who works on it is for
// staff only.
type Row = db.ListAllTicketsRow

// Page is one page of a list. Before and After are the cursors of the previous and the
// next page, or "".
type Page struct {
	Filter        Filter // without invalid values
	Rows          []Row
	Before, After string
	Capped        bool // the search reached its limit, and there may be older results
}

// Page returns a page of the tickets of a filter that the actor may read.
func (s *Service) Page(ctx context.Context, actor account.Actor, filter Filter) (Page, error) {
	sel, err := s.selection(ctx, actor, filter)
	if err != nil {
		return Page{}, err
	}
	var p Page
	if from := sel.span(); sel.IsPlain() && !from.paged && sel.isWhole() {
		var rows []Row
		rows, err = s.plainList(ctx, sel.scope)
		p = page(sel.Filter, rows, from)
	} else {
		p, err = s.filtered(ctx, sel, from)
	}
	if err != nil {
		return Page{}, fmt.Errorf("list tickets: %w", err)
	}
	return p, nil
}

// span returns the part of the list that the cursors of the filter select.
func (f Filter) span() span {
	if c, ok := parseCursor(f.After, f.Sort); ok {
		return span{at: c, paged: true}
	}
	c, ok := parseCursor(f.Before, f.Sort)
	return span{at: c, paged: ok, back: ok}
}

// plainList returns the first page of the list without a filter. Its statements are
// prepared, and their plan is cached. The scope must be whole.
func (s *Service) plainList(ctx context.Context, of scope) ([]Row, error) {
	if of.isOwn() {
		read, err := db.ReadOwnListPage(ctx, s.pool, db.ListOwnTicketsParams{Viewer: of.viewer, Max: listing.PageSize + 1})
		return read.Rows, err
	}
	return s.q.ListAllTickets(ctx, db.ListAllTicketsParams{Viewer: of.viewer, Max: listing.PageSize + 1})
}

// convert returns the results of f for all rows.
func convert[From, To any](rows []From, f func(From) To) []To {
	out := make([]To, len(rows))
	for i, r := range rows {
		out[i] = f(r)
	}
	return out
}

// page returns the page of rows with the cursors of the previous and the next page. One
// row more than a page shows means that there is a further page.
func page(f Filter, rows []Row, from span) Page {
	more := len(rows) > listing.PageSize
	rows = rows[:min(len(rows), listing.PageSize)]
	if from.back {
		slices.Reverse(rows)
	}
	p := Page{Filter: f, Rows: rows}
	p.Filter.After, p.Filter.Before = "", ""
	if len(rows) == 0 {
		return p
	}
	if from.back && more || !from.back && from.paged {
		p.Before = cursorOf(rows[0], f.Sort).encode()
	}
	if more || from.back {
		p.After = cursorOf(rows[len(rows)-1], f.Sort).encode()
	}
	return p
}

// Cursor returns the cursor of a row in the order of the page.
func (p Page) Cursor(r Row) string { return cursorOf(r, p.Filter.Sort).encode() }

// cursorOf returns the cursor of a row in an order.
func cursorOf(r Row, sort string) cursor {
	c := cursor{sort: sort, id: r.ID, at: r.UpdatedAt}
	switch sort {
	case SortCreated, SortOldest:
		c.at = r.CreatedAt
	case SortUrgent:
		c.priority = r.Priority
	case SortWaiting:
		c.at = Never
		if r.WaitingSince != nil {
			c.at = *r.WaitingSince
		}
	}
	return c
}

// List has the data of the page of tickets.
type List struct {
	Page
	Categories []db.Category
	Teams      []db.ListTeamsRow       // for staff: all teams; nil for a customer
	Counts     map[db.TicketStatus]int // for a customer, see [Service.OwnCounts]; nil for staff
}

// Team returns the team by which the list is filtered, or false if it is filtered by none, or by one that does not exist.
func (l List) Team() (db.ListTeamsRow, bool) { return teamOf(l.Teams, l.Filter.Team) }

// Successor returns the team that took the tickets of a retired team, or false if none did.
func (l List) Successor(of db.ListTeamsRow) (db.ListTeamsRow, bool) {
	return teamOf(l.Teams, strconv.FormatInt(of.SuccessorID, 10))
}

// teamOf returns the team with an id.
func teamOf(all []db.ListTeamsRow, id string) (db.ListTeamsRow, bool) {
	i := slices.IndexFunc(all, func(t db.ListTeamsRow) bool { return strconv.FormatInt(t.ID, 10) == id })
	if i < 0 {
		return db.ListTeamsRow{}, false
	}
	return all[i], true
}

// List returns the data of the page of tickets. A customer's list without a filter takes
// one round trip to the database, or two if it has more than one page.
func (s *Service) List(ctx context.Context, actor account.Actor, filter Filter) (List, error) {
	if f := filter.clean(actor); !actor.Can(account.WorkAsStaff) && f.IsPlain() && f.After == "" && f.Before == "" {
		return s.ownList(ctx, actor, f)
	}
	var list List
	var err error
	if list.Page, err = s.Page(ctx, actor, filter); err != nil {
		return List{}, err
	}
	if actor.Can(account.WorkAsStaff) {
		choices, err := db.ReadFilterChoices(ctx, s.pool, actor.ID)
		list.Categories, list.Teams = choices.Categories, choices.Teams
		return list, err
	}
	if list.Categories, err = s.q.ListCategories(ctx); err != nil {
		return list, err
	}
	list.Counts, err = s.OwnCounts(ctx, actor)
	return list, err
}

// ownList is [Service.List] for the first page of a customer without a filter.
func (s *Service) ownList(ctx context.Context, actor account.Actor, f Filter) (List, error) {
	read, err := db.ReadOwnListPage(ctx, s.pool, db.ListOwnTicketsParams{Viewer: actor.ID, Max: listing.PageSize + 1})
	if err != nil {
		return List{}, fmt.Errorf("list own tickets: %w", err)
	}
	list := List{Categories: read.Categories}
	if len(read.Rows) > listing.PageSize {
		list.Counts, err = s.OwnCounts(ctx, actor)
	} else { // the page has all tickets
		list.Counts = map[db.TicketStatus]int{}
		for _, r := range read.Rows {
			list.Counts[r.Status]++
		}
	}
	list.Page = page(f, read.Rows, span{})
	return list, err
}

// CountCap is the number up to which a customer's tickets are counted.
const CountCap = 99

// OwnCounts returns the number of the actor's own tickets for each status, each counted up
// to one more than [CountCap].
func (s *Service) OwnCounts(ctx context.Context, actor account.Actor) (map[db.TicketStatus]int, error) {
	rows, err := s.q.CountOwnTickets(ctx, db.CountOwnTicketsParams{Viewer: actor.ID, Cap: CountCap + 1})
	if err != nil {
		return nil, fmt.Errorf("count tickets: %w", err)
	}
	counts := make(map[db.TicketStatus]int, len(rows))
	for _, r := range rows {
		counts[r.Status] = int(r.N)
	}
	return counts, nil
}
