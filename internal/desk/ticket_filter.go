package desk

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/listing"
)

// filtered is a page of the list that a filter gives. Tickets whose number the search names come first
// on the first page, in the order in which they are named, beside as many others as a page has.
func (d *Desk) filtered(ctx context.Context, actor account.Actor, f TicketFilter, category int64, place cursor, back, paged bool) (TicketPage, error) {
	q := db.New(db.Planned(d.pool))
	p, numbers, err := d.conditions(ctx, q, actor, f, category)
	if err != nil {
		return TicketPage{}, err
	}
	capped := len(p.Found) >= searchCap
	isNamed := func(id int64) bool { return slices.Contains(numbers, id) }
	p.Found = append(slices.DeleteFunc(p.Found, isNamed), numbers...)
	p.Sort, p.Paged, p.Back, p.At, p.ID, p.AtPriority = f.Sort, paged, back, place.at, place.id, PriorityLow
	p.Max = listing.PageSize + 1 + int32(len(numbers)) // one more than a page has
	if place.priority != "" {
		p.AtPriority = place.priority
	}
	rows, err := q.FilterTickets(ctx, p)
	if err != nil {
		return TicketPage{}, err
	}
	whole := !paged && len(rows) < int(p.Max)
	named, others := divide(rows, func(r TicketRow) bool { return isNamed(r.ID) })
	out := page(f, others, back, paged)
	if out.Capped = capped; len(numbers) == 0 || out.Before != "" {
		return out, nil
	}
	if !whole && len(named) < len(numbers) { // the others are further on
		p.Found, p.Paged, p.Back = numbers, false, false
		if named, err = q.FilterTickets(ctx, p); err != nil {
			return TicketPage{}, err
		}
	}
	slices.SortFunc(named, func(a, b TicketRow) int {
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
func (d *Desk) conditions(ctx context.Context, planned *db.Queries, actor account.Actor, f TicketFilter, category int64) (p db.FilterTicketsParams, numbers []int64, err error) {
	seesAll, viewer := actor.Scope()
	p = db.FilterTicketsParams{
		Viewer: viewer, SeesAll: seesAll, CategoryID: category, Priority: f.Priority, Active: f.Status == FilterActive || f.Status == FilterWaiting,
		Waiting: f.Status == FilterWaiting, WaitingBefore: d.Now().Add(-LongWait), Found: []int64{},
	}
	if Status(f.Status).Valid() {
		p.Status = f.Status
		p.Active = f.Status == string(StatusOpen) || f.Status == string(StatusInProgress)
	}
	p.RequesterID, _ = strconv.ParseInt(f.Requester, 10, 64) // checked by clean
	if f.Q == "" {
		return p, nil, nil
	}
	p.Searched = true
	p.Found, numbers, err = d.find(ctx, planned, f.Q, p, searchCap)
	return p, numbers, err
}
