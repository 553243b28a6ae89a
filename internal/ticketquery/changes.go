package ticketquery

import (
	"context"
	"fmt"
	"slices"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/listing"
)

// Changes has the changes of a list since a page with it was opened.
type Changes struct {
	Filter Filter                  // without values that have no meaning
	Rows   []Row                   // of those shown: as they are now, in no order
	Gone   []int64                 // of those shown: deleted, or not readable by the actor
	New    listing.Capped          // opened since and not shown
	Counts map[db.TicketStatus]int // a customer's own, see OwnCounts; nil for staff
}

const (
	// MaxShown is for how many rows of a list changes are read at most.
	MaxShown = 100
	// newCap is up to what number new tickets are counted.
	newCap = 99
	// lateCommit is how long a write may take. A ticket has the time when its write began, so
	// it can be missing from a list that was read after that time.
	lateCommit = 5 * time.Second
)

// Changes returns the changes of a list that was read at since and shows the given tickets:
// their rows as they are now, and the number of new tickets of the filter. If since is the
// zero time, no ticket is new.
func (s *Service) Changes(ctx context.Context, actor account.Actor, filter Filter, since time.Time, shown []int64) (Changes, error) {
	sel, err := s.selection(ctx, actor, filter)
	if err != nil {
		return Changes{}, err
	}
	shown = append([]int64{}, shown[:min(len(shown), MaxShown)]...) // never nil, which is null in SQL
	c := Changes{Filter: sel.Filter}
	if err := s.readShown(ctx, actor, shown, &c); err != nil {
		return Changes{}, err
	}
	if c.New, err = s.countNew(ctx, sel, since, shown); err != nil {
		return Changes{}, err
	}
	if !actor.Can(account.SeeAllTickets) {
		c.Counts, err = s.OwnCounts(ctx, actor)
	}
	return c, err
}

// readShown reads the rows and the missing tickets of c.
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

// countNew counts the tickets of a selection that were opened since a time and are not shown.
func (s *Service) countNew(ctx context.Context, sel selection, since time.Time, shown []int64) (listing.Capped, error) {
	if since.IsZero() {
		return listing.Capped{}, nil
	}
	found, numbers, err := s.search(ctx, sel, searchCap)
	if err != nil {
		return listing.Capped{}, err
	}
	sel.found = slices.Concat(found, numbers)
	n, err := one(ctx, s.pool, countNewTickets(sel, since.Add(-lateCommit), shown), integers)
	if err != nil {
		return listing.Capped{}, fmt.Errorf("count new tickets: %w", err)
	}
	return listing.Cap(n, newCap), nil
}

// countNewTickets returns the statement that counts as far as one more than newCap. A ticket that
// was opened later was also updated later: that is the column that the index of requesters has.
func countNewTickets(s selection, since time.Time, shown []int64) *query {
	q := newQuery("CountNewTickets", "select count(*) from (select from tickets t where ").where(s)
	q.and("t.created_at > @since::timestamptz and t.updated_at > @since::timestamptz", "since", since)
	q.and("t.id <> all (@shown::bigint[])", "shown", shown)
	q.add("\nlimit @max::int) n")
	q.args["max"] = newCap + 1
	return q
}
