package ticketquery

import (
	"context"
	"fmt"
	"slices"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/listing"
)

// Row is one ticket in a list. Unread is -1 if the viewer never opened it.
type Row = db.ListOwnTicketsRow

// Page is one page of a list. Before and After are the cursors of the pages around it, ""
// if there is none.
type Page struct {
	Filter        Filter // without values that have no meaning
	Rows          []Row
	Before, After string
	Capped        bool // a search found as many as it may: there can be older ones
}

// Page returns a page of the tickets of a filter that the actor may read.
func (s *Service) Page(ctx context.Context, actor account.Actor, filter Filter) (Page, error) {
	sel, err := s.selection(ctx, actor, filter)
	if err != nil {
		return Page{}, err
	}
	var p Page
	if from := sel.span(); sel.IsPlain() && !from.paged {
		var rows []Row
		rows, err = s.plainList(ctx, actor)
		p = page(sel.Filter, rows, from)
	} else {
		p, err = s.filtered(ctx, sel, from)
	}
	if err != nil {
		return Page{}, fmt.Errorf("list tickets: %w", err)
	}
	return p, nil
}

// span returns the part of the list that the cursors of the filter ask for.
func (f Filter) span() span {
	if c, ok := parseCursor(f.After, f.Sort); ok {
		return span{at: c, paged: true}
	}
	c, ok := parseCursor(f.Before, f.Sort)
	return span{at: c, paged: ok, back: ok}
}

// plainList returns the first page of the list without a filter. Its statements keep a plan.
func (s *Service) plainList(ctx context.Context, actor account.Actor) ([]Row, error) {
	if !actor.Can(account.SeeAllTickets) {
		return s.q.ListOwnTickets(ctx, db.ListOwnTicketsParams{Viewer: actor.ID, Max: listing.PageSize + 1})
	}
	all, err := s.q.ListAllTickets(ctx, db.ListAllTicketsParams{Viewer: actor.ID, Max: listing.PageSize + 1})
	return convert(all, func(r db.ListAllTicketsRow) Row { return Row(r) }), err
}

func convert[From, To any](rows []From, f func(From) To) []To {
	out := make([]To, len(rows))
	for i, r := range rows {
		out[i] = f(r)
	}
	return out
}

// page returns the page of rows, which may be one more than it has room for, with the
// cursors of the pages around it.
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

// List is all that the page of a list shows.
type List struct {
	Page
	Categories []db.Category
	Counts     map[db.TicketStatus]int // a customer's own, see OwnCounts; nil for staff
}

// List reads all that the page of a list shows. A customer's list without a filter takes
// one round trip, or two if it has more than one page.
func (s *Service) List(ctx context.Context, actor account.Actor, filter Filter) (List, error) {
	if f := filter.clean(actor); !actor.Can(account.SeeAllTickets) && f.IsPlain() && f.After == "" && f.Before == "" {
		return s.ownList(ctx, actor, f)
	}
	var list List
	var err error
	if list.Page, err = s.Page(ctx, actor, filter); err != nil {
		return List{}, err
	}
	if list.Categories, err = s.q.ListCategories(ctx); err != nil || actor.Can(account.SeeAllTickets) {
		return list, err
	}
	list.Counts, err = s.OwnCounts(ctx, actor)
	return list, err
}

func (s *Service) ownList(ctx context.Context, actor account.Actor, f Filter) (List, error) {
	read, err := db.ReadOwnListPage(ctx, s.pool, db.ListOwnTicketsParams{Viewer: actor.ID, Max: listing.PageSize + 1})
	if err != nil {
		return List{}, fmt.Errorf("list own tickets: %w", err)
	}
	list := List{Categories: read.Categories}
	if len(read.Rows) > listing.PageSize {
		list.Counts, err = s.OwnCounts(ctx, actor)
	} else { // these are all
		list.Counts = map[db.TicketStatus]int{}
		for _, r := range read.Rows {
			list.Counts[r.Status]++
		}
	}
	list.Page = page(f, read.Rows, span{})
	return list, err
}

// CountCap is up to what number a customer's tickets are counted: one more than pages show.
const CountCap = 100

// OwnCounts returns the number of the actor's own tickets of each status, each up to [CountCap].
func (s *Service) OwnCounts(ctx context.Context, actor account.Actor) (map[db.TicketStatus]int, error) {
	rows, err := s.q.CountOwnTickets(ctx, db.CountOwnTicketsParams{Viewer: actor.ID, Cap: CountCap})
	if err != nil {
		return nil, fmt.Errorf("count tickets: %w", err)
	}
	counts := make(map[db.TicketStatus]int, len(rows))
	for _, r := range rows {
		counts[r.Status] = int(r.N)
	}
	return counts, nil
}
