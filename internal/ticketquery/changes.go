package ticketquery

import (
	"context"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/listing"
)

// Changes is what became of a list since somebody opened it.
type Changes struct {
	Filter Filter                  // as it was understood
	Rows   []Row                   // of those shown: as they are now, in no order
	Gone   []int64                 // of those shown: deleted, or never this actor's to see
	New    listing.Capped          // opened since and not shown
	Counts map[db.TicketStatus]int // a customer's own, see OwnCounts; nil for staff
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

// Changes tells what became of a list that was read at since, of which
// shown are the rows: those as they are now, and how many tickets of the filter
// are new. Where since is the zero time nothing counts as new.
func (s *Service) Changes(ctx context.Context, actor account.Actor, filter Filter, since time.Time, shown []int64) (Changes, error) {
	f := filter.clean(actor)
	category, err := s.filterCategory(ctx, f.Category)
	if err != nil {
		return Changes{}, err
	}
	f.Category = category.Name
	shown = append([]int64{}, shown[:min(len(shown), MaxShown)]...) // never nil, which is none in SQL
	c := Changes{Filter: f}
	if err := s.readShown(ctx, actor, shown, &c); err != nil {
		return Changes{}, err
	}
	if c.New, err = s.countNew(ctx, actor, f, category.ID, since, shown); err != nil {
		return Changes{}, err
	}
	if !actor.Can(account.SeeAllTickets) {
		c.Counts, err = s.OwnCounts(ctx, actor)
	}
	return c, err
}

func (s *Service) readShown(ctx context.Context, actor account.Actor, shown []int64, c *Changes) error {
	seesAll, viewer := actor.Scope()
	rows, err := s.q.ListShownTickets(ctx, db.ListShownTicketsParams{Viewer: viewer, SeesAll: seesAll, Shown: shown})
	if err != nil {
		return fmt.Errorf("read shown tickets: %w", err)
	}
	c.Rows = convert(rows, func(r db.ListShownTicketsRow) Row { return Row(r) })
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

func (s *Service) countNew(ctx context.Context, actor account.Actor, f Filter, category int64, since time.Time, shown []int64) (listing.Capped, error) {
	if since.IsZero() {
		return listing.Capped{}, nil
	}
	q := db.New(db.Planned(s.pool))
	p, numbers, err := s.conditions(ctx, q, actor, f, category)
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
