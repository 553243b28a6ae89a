package ticketquery

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/input"
	"frontdesk/internal/listing"
)

// filtered is a page of the list that a filter gives. Tickets whose number the search names come first
// on the first page, in the order in which they are named, beside as many others as a page has.
func (s *Service) filtered(ctx context.Context, actor account.Actor, f Filter, category int64, place cursor, back, paged bool) (Page, error) {
	q := db.New(db.Planned(s.pool))
	p, numbers, err := s.conditions(ctx, q, actor, f, category)
	if err != nil {
		return Page{}, err
	}
	capped := len(p.Found) >= searchCap
	isNamed := func(id int64) bool { return slices.Contains(numbers, id) }
	p.Found = append(slices.DeleteFunc(p.Found, isNamed), numbers...)
	p.Sort, p.Paged, p.Back, p.At, p.ID, p.AtPriority = f.Sort, paged, back, place.at, place.id, db.TicketPriorityLow
	p.Max = listing.PageSize + 1 + int32(len(numbers)) // one more than a page has
	if place.priority != "" {
		p.AtPriority = place.priority
	}
	rows, err := q.FilterTickets(ctx, p)
	if err != nil {
		return Page{}, err
	}
	whole := !paged && len(rows) < int(p.Max)
	named, others := divide(rows, func(r Row) bool { return isNamed(r.ID) })
	out := page(f, others, back, paged)
	if out.Capped = capped; len(numbers) == 0 || out.Before != "" {
		return out, nil
	}
	if !whole && len(named) < len(numbers) { // the others are further on
		p.Found, p.Paged, p.Back = numbers, false, false
		if named, err = q.FilterTickets(ctx, p); err != nil {
			return Page{}, err
		}
	}
	slices.SortFunc(named, func(a, b Row) int {
		return cmp.Compare(slices.Index(numbers, a.ID), slices.Index(numbers, b.ID))
	})
	out.Rows = append(named, out.Rows...)
	return out, nil
}

// divide returns the elements that are chosen, and the others.
func divide[T any](all []T, chosen func(T) bool) (yes, no []T) {
	for _, v := range all {
		if chosen(v) {
			yes = append(yes, v)
		} else {
			no = append(no, v)
		}
	}
	return yes, no
}

// conditions are those of the filter, for this actor: in no order, from no place on. numbers are
// tickets that the search names, which are found where the other conditions allow it.
func (s *Service) conditions(ctx context.Context, planned *db.Queries, actor account.Actor, f Filter, category int64) (p db.FilterTicketsParams, numbers []int64, err error) {
	seesAll, viewer := actor.Scope()
	p = db.FilterTicketsParams{
		Viewer: viewer, SeesAll: seesAll, CategoryID: category, Priority: f.Priority, Active: f.Status == FilterActive || f.Status == FilterWaiting,
		Waiting: f.Status == FilterWaiting, WaitingBefore: s.now().Add(-LongWait), Found: []int64{},
	}
	if db.TicketStatus(f.Status).Valid() {
		p.Status = f.Status
		p.Active = f.Status == string(db.TicketStatusOPEN) || f.Status == string(db.TicketStatusINPROGRESS)
	}
	p.RequesterID, _ = strconv.ParseInt(f.Requester, 10, 64) // checked by clean
	if f.Q == "" {
		return p, nil, nil
	}
	p.Searched = true
	p.Found, numbers, err = s.find(ctx, planned, f.Q, p, searchCap)
	return p, numbers, err
}

// FindCategory finds a category by its number, or by its name in any spelling. A
// twin is found by its own spelling alone (see migration 00009).
func FindCategory(all []db.Category, named string) (db.Category, bool) {
	key := input.NameKey(named)
	for _, is := range []func(db.Category) bool{
		func(c db.Category) bool { return c.Name == named },
		func(c db.Category) bool { return strconv.FormatInt(c.ID, 10) == named },
		func(c db.Category) bool { return !c.NameTwin && input.NameKey(c.Name) == key },
	} {
		if i := slices.IndexFunc(all, is); i >= 0 {
			return all[i], true
		}
	}
	return db.Category{}, false
}
