package ticketquery

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/listing"
	"frontdesk/internal/search"
)

// Orders of a list of tickets.
const (
	SortUpdated = "updated" // last updated first
	SortCreated = "created" // newest first
	SortOldest  = "oldest"  // oldest first
	SortUrgent  = "urgent"  // most urgent first
	SortWaiting = "waiting" // longest wait first; of tickets that are not done
)

var sorts = []string{SortUpdated, SortCreated, SortOldest, SortUrgent, SortWaiting}

// Statuses of a list that are no single status.
const (
	FilterActive  = "ACTIVE"  // open or in progress
	FilterWaiting = "WAITING" // waiting for us for more than [LongWait]
)

// LongWait is how long a requester may wait before the dashboard says so.
const LongWait = 24 * time.Hour

// Filter says which tickets, in which order, from where on. Values that
// mean nothing count as empty: an address somebody edited still shows a list.
type Filter struct {
	Q         string `form:"q"`         // words, or a ticket's number
	Status    string `form:"status"`    // a status, FilterActive, FilterWaiting or ""
	Category  string `form:"category"`  // a category's name or id
	Priority  string `form:"priority"`  // a priority
	Requester string `form:"requester"` // a user's id; staff only
	Sort      string `form:"sort"`      // one of the orders; "" is SortUpdated
	After     string `form:"after"`     // a cursor: the page behind it
	Before    string `form:"before"`    // a cursor: the page in front of it
}

// Row is one ticket in a list. Unread is -1 where the viewer never opened it.
type Row = db.FilterTicketsRow

// Page is one page of a list. Before and After lead to the pages around
// it; each is "" where there is none.
type Page struct {
	Filter        Filter // as it was understood
	Rows          []Row
	Before, After string
	Capped        bool // a search found as many as it looks for: there may be older ones
}

// clean drops what means nothing, so that links made from the filter are short and true.
func (f Filter) clean(actor account.Actor) Filter {
	f.Q = search.Clean(f.Q)
	if !slices.Contains(sorts, f.Sort) {
		f.Sort = SortUpdated
	}
	if !db.TicketStatus(f.Status).Valid() && f.Status != FilterActive && (f.Status != FilterWaiting || !actor.Can(account.SeeAllTickets)) {
		f.Status = ""
	}
	if f.Sort == SortWaiting && (!actor.Can(account.SeeAllTickets) || f.Status == string(db.TicketStatusRESOLVED) || f.Status == string(db.TicketStatusCLOSED)) {
		f.Sort = SortUpdated
	}
	if f.Sort == SortWaiting && f.Status == "" {
		f.Status = FilterActive
	}
	if !db.TicketPriority(f.Priority).Valid() {
		f.Priority = ""
	}
	if f.Requester = positive(f.Requester); !actor.Can(account.SeeAllTickets) {
		f.Requester = ""
	}
	return f
}

func positive(text string) string {
	if n, err := strconv.ParseInt(text, 10, 64); err != nil || n <= 0 {
		return ""
	}
	return text
}

// IsPlain reports whether nothing is filtered or sorted: the list as it opens.
func (f Filter) IsPlain() bool {
	return f == Filter{Sort: f.Sort, After: f.After, Before: f.Before} && (f.Sort == "" || f.Sort == SortUpdated)
}

// Page lists what the actor may see, a page at a time.
func (s *Service) Page(ctx context.Context, actor account.Actor, filter Filter) (Page, error) {
	f := filter.clean(actor)
	category, err := s.filterCategory(ctx, f.Category)
	if err != nil {
		return Page{}, err
	}
	f.Category = category.Name
	var p Page
	if place, back, paged := f.place(); f.IsPlain() && !paged {
		var rows []Row
		rows, err = s.plainList(ctx, actor)
		p = page(f, rows, back, paged)
	} else {
		p, err = s.filtered(ctx, actor, f, category.ID, place, back, paged)
	}
	if err != nil {
		return Page{}, fmt.Errorf("list tickets: %w", err)
	}
	return p, nil
}

// place is where the page begins, and whether it is read backwards.
func (f Filter) place() (c cursor, back, paged bool) {
	if c, ok := parseCursor(f.After, f.Sort); ok {
		return c, false, true
	}
	c, ok := parseCursor(f.Before, f.Sort)
	return c, ok, ok
}

// plainList is the list as it opens, by a query with a plan of its own.
func (s *Service) plainList(ctx context.Context, actor account.Actor) ([]Row, error) {
	if !actor.Can(account.SeeAllTickets) {
		own, err := s.q.ListOwnTickets(ctx, db.ListOwnTicketsParams{Viewer: actor.ID, Max: listing.PageSize + 1})
		return convert(own, func(r db.ListOwnTicketsRow) Row { return Row(r) }), err
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

// page cuts the row too many off and tells where the neighbours begin.
func page(f Filter, rows []Row, back, paged bool) Page {
	more := len(rows) > listing.PageSize
	rows = rows[:min(len(rows), listing.PageSize)]
	if back {
		slices.Reverse(rows)
	}
	p := Page{Filter: f, Rows: rows}
	p.Filter.After, p.Filter.Before = "", ""
	if len(rows) == 0 {
		return p
	}
	if back && more || !back && paged {
		p.Before = cursorOf(rows[0], f.Sort).encode()
	}
	if !back && more || back {
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

// List is the page of a list: its rows, and what stands around them.
type List struct {
	Page
	Categories []db.Category
	Counts     map[db.TicketStatus]int // a customer's own, see OwnCounts; nil for staff
}

// List reads what the page of a list shows. As a customer's list opens,
// it is one round trip, or two where there are more than fit on it.
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
	} else { // which are all they have
		list.Counts = map[db.TicketStatus]int{}
		for _, r := range read.Rows {
			list.Counts[r.Status]++
		}
	}
	list.Page = page(f, read.Rows, false, false)
	return list, err
}

// CountCap is how far a customer's tickets are counted: one more than is told.
const CountCap = 100

// OwnCounts tells a customer how many tickets they have of each status, each up to [CountCap].
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
