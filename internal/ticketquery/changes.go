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
	Filter Filter                  // without invalid values
	Rows   []Row                   // the current rows of the shown tickets, in no order
	Gone   []int64                 // the shown tickets that are deleted or not readable by the actor
	New    listing.Capped          // the number of new tickets that are not shown
	Counts map[db.TicketStatus]int // for a customer, see [Service.OwnCounts]; nil for staff
}

const (
	// MaxShown is the maximum number of shown tickets for which changes are read.
	MaxShown = 100
	// newCap is the number up to which new tickets are counted.
	newCap = 99
	// lateCommit is the assumed maximum duration of a transaction. The time of a ticket is
	// when its transaction began, so a list that was read after that time may not have it.
	lateCommit = 5 * time.Second
)

// Changes returns the changes of a list that was read at the time since and shows the
// given tickets: the current rows of these, and the number of new tickets of the filter.
// If since is the zero time, it counts no new tickets.
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
	if !actor.Can(account.WorkAsStaff) {
		c.Counts, err = s.OwnCounts(ctx, actor)
	}
	return c, err
}

// readShown reads the rows and the missing tickets of c.
func (s *Service) readShown(ctx context.Context, actor account.Actor, shown []int64, c *Changes) error {
	reach, viewer := actor.Scope()
	rows, err := s.q.ListShownTickets(ctx, db.ListShownTicketsParams{Viewer: viewer, Reach: reach, Shown: shown})
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

// countNewTickets returns the statement that counts new tickets, up to one more than
// newCap. It also has a condition on updated_at, which new tickets always meet, because the
// index of requesters has that column and not created_at.
func countNewTickets(s selection, since time.Time, shown []int64) *query {
	q := newQuery("CountNewTickets", "select count(*) from (select from tickets t where ").where(s)
	q.and("t.created_at > @since::timestamptz and t.updated_at > @since::timestamptz", "since", since)
	q.and("t.id <> all (@shown::bigint[])", "shown", shown)
	q.add("\nlimit @max::int) n")
	q.args["max"] = newCap + 1
	return q
}
