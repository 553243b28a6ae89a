package desk

import (
	"context"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/listing"
)

// TicketChanges is what became of a list since somebody opened it.
type TicketChanges struct {
	Filter TicketFilter   // as it was understood
	Rows   []TicketRow    // of those shown: as they are now, in no order
	Gone   []int64        // of those shown: deleted, or never this actor's to see
	New    listing.Capped // opened since and not shown
	Counts map[Status]int // a customer's own, see OwnCounts; nil for staff
}

const (
	// MaxShown is how many rows of a list are looked after at once.
	MaxShown = 100
	// newCap is how far new tickets are counted.
	newCap = 99
	// lateCommit is how long a write may be under way: a ticket has the time of
	// its beginning, and can come to light after a list that was read later.
	lateCommit = 5 * time.Second
)

// TicketChanges tells what became of a list that was read at since, of which
// shown are the rows: those as they are now, and how many tickets of the filter
// are new. Where since is the zero time nothing counts as new.
func (d *Desk) TicketChanges(ctx context.Context, actor account.Actor, filter TicketFilter, since time.Time, shown []int64) (TicketChanges, error) {
	f := filter.clean(actor)
	category, err := d.filterCategory(ctx, f.Category)
	if err != nil {
		return TicketChanges{}, err
	}
	f.Category = category.Name
	shown = append([]int64{}, shown[:min(len(shown), MaxShown)]...) // never nil, which is none in SQL
	c := TicketChanges{Filter: f}
	if err := d.readShown(ctx, actor, shown, &c); err != nil {
		return TicketChanges{}, err
	}
	if c.New, err = d.countNew(ctx, actor, f, category.ID, since, shown); err != nil {
		return TicketChanges{}, err
	}
	if !actor.Can(account.SeeAllTickets) {
		c.Counts, err = d.OwnCounts(ctx, actor)
	}
	return c, err
}

func (d *Desk) readShown(ctx context.Context, actor account.Actor, shown []int64, c *TicketChanges) error {
	seesAll, viewer := actor.Scope()
	rows, err := d.q.ListShownTickets(ctx, db.ListShownTicketsParams{Viewer: viewer, SeesAll: seesAll, Shown: shown})
	if err != nil {
		return fmt.Errorf("read shown tickets: %w", err)
	}
	c.Rows = convert(rows, func(r db.ListShownTicketsRow) TicketRow { return TicketRow(r) })
	there := make(map[int64]bool, len(rows))
	for _, r := range rows {
		there[r.ID] = true
	}
	for _, id := range shown {
		if !there[id] {
			c.Gone = append(c.Gone, id)
		}
	}
	return nil
}

func (d *Desk) countNew(ctx context.Context, actor account.Actor, f TicketFilter, category int64, since time.Time, shown []int64) (listing.Capped, error) {
	if since.IsZero() {
		return listing.Capped{}, nil
	}
	q := db.New(db.Planned(d.pool))
	p, numbers, err := d.conditions(ctx, q, actor, f, category)
	if err != nil {
		return listing.Capped{}, err
	}
	n, err := q.CountNewTickets(ctx, db.CountNewTicketsParams{
		Since: since.Add(-lateCommit), Shown: shown, SeesAll: p.SeesAll, Viewer: p.Viewer, RequesterID: p.RequesterID, CategoryID: p.CategoryID,
		Priority: p.Priority, Status: p.Status, Active: p.Active, Waiting: p.Waiting, WaitingBefore: p.WaitingBefore,
		Searched: p.Searched, Found: append(numbers, p.Found...), Max: newCap + 1,
	})
	if err != nil {
		return listing.Capped{}, fmt.Errorf("count new tickets: %w", err)
	}
	return listing.Cap(n, newCap), nil
}
