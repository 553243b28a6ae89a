package desk

import (
	"context"
	"fmt"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
)

// TrendDays is the number of days in the dashboard's trend, including today.
const TrendDays = 30

// Dashboard has the figures of the tickets that an actor may read. For actors who may read every ticket they
// come from counters that every write updates, so that reading them costs the same with a thousand tickets and
// a million. For other actors their tickets are counted, up to a limit, see [ticketquery.Service.Figures].
type Dashboard struct {
	At         time.Time // in the desk's time zone
	ByStatus   map[Status]int64
	ByPriority map[Priority]int64 // of unresolved tickets: open or in progress
	ByCategory []CategoryCount    // of unresolved tickets, in the categories' order
	Days       []Day              // TrendDays of them, oldest first, today last; nil if tickets are hidden from the actor
	Overdue    listing.Capped     // tickets waiting longer than [ticketquery.LongWait], counted up to 99
	Waiting    []WaitingTicket    // the five tickets waiting longest
}

// CategoryCount is the number of unresolved tickets of a category.
type CategoryCount struct {
	Category Category
	N        int64
}

// Day has the numbers of tickets opened and resolved on one day in the desk's time zone.
type Day struct {
	Date             time.Time // midnight at the beginning of the day
	Opened, Resolved int64
}

// WaitingTicket is a ticket whose requester waits for an answer.
type WaitingTicket = db.WaitingLongestRow

// Dashboard returns the current figures of the desk. It returns [fault.ErrForbidden]
// without [account.SeeAllTickets].
func (d *Desk) Dashboard(ctx context.Context, actor account.Actor) (Dashboard, error) {
	if !actor.Can(account.SeeAllTickets) {
		return Dashboard{}, fault.ErrForbidden
	}
	now := d.Now().In(d.opts.Location)
	board := Dashboard{At: now}
	if whole, err := d.Lists.SeesWholeDesk(ctx, actor); err != nil || !whole {
		if err == nil {
			err = d.ownFigures(ctx, actor, &board)
		}
		return board, err
	}
	counts, err := d.q.TicketCounts(ctx)
	if err != nil {
		return Dashboard{}, fmt.Errorf("count tickets: %w", err)
	}
	groups := make([]ticketquery.FigureGroup, len(counts))
	for i, c := range counts {
		groups[i] = ticketquery.FigureGroup(c)
	}
	if err := d.countTickets(ctx, &board, groups); err != nil {
		return Dashboard{}, err
	}
	first := time.Date(now.Year(), now.Month(), now.Day()-TrendDays+1, 0, 0, 0, 0, d.opts.Location)
	hours, err := d.q.TicketHours(ctx, first)
	if err != nil {
		return Dashboard{}, fmt.Errorf("read trend: %w", err)
	}
	board.Days = daysOf(hours, first)
	overdue, err := d.q.CountWaiting(ctx, db.CountWaitingParams{Before: now.Add(-ticketquery.LongWait), Max: overdueCap + 1})
	if err != nil {
		return Dashboard{}, fmt.Errorf("count overdue tickets: %w", err)
	}
	board.Overdue = listing.Cap(overdue, overdueCap)
	if board.Waiting, err = d.q.WaitingLongest(ctx, 5); err != nil {
		return Dashboard{}, fmt.Errorf("read longest waits: %w", err)
	}
	return board, nil
}

// overdueCap is the number up to which overdue tickets are counted.
const overdueCap = 99

// ownFigures sets the figures for an actor from whom tickets of private teams are hidden. They are
// counted up to [ticketquery.FigureCap], because the counters of the desk include hidden tickets.
func (d *Desk) ownFigures(ctx context.Context, actor account.Actor, board *Dashboard) error {
	f, err := d.Lists.Figures(ctx, actor)
	if err != nil {
		return err
	}
	board.Overdue = listing.Cap(f.Overdue, overdueCap)
	for _, r := range f.Waiting {
		if r.WaitingSince != nil {
			board.Waiting = append(board.Waiting, WaitingTicket{ID: r.ID, Subject: r.Subject, Requester: r.RequesterName, WaitingSince: *r.WaitingSince})
		}
	}
	return d.countTickets(ctx, board, f.Groups)
}

// countTickets sets the counts by status, priority and category.
func (d *Desk) countTickets(ctx context.Context, board *Dashboard, counts []ticketquery.FigureGroup) error {
	categories, err := d.q.ListCategories(ctx)
	if err != nil {
		return fmt.Errorf("list categories: %w", err)
	}
	board.ByStatus, board.ByPriority = map[Status]int64{}, map[Priority]int64{}
	byCategory := map[int64]int64{}
	for _, c := range counts {
		board.ByStatus[c.Status] += c.N
		if c.Status.IsActive() {
			board.ByPriority[c.Priority] += c.N
			byCategory[c.CategoryID] += c.N
		}
	}
	for _, c := range categories {
		if n := byCategory[c.ID]; n > 0 || c.RetiredAt == nil {
			board.ByCategory = append(board.ByCategory, CategoryCount{c, n})
		}
	}
	return nil
}

// daysOf sums hourly counts into days that begin at midnight in the time zone of first.
// A day has 23, 24 or 25 hours. If the zone's offset is not a whole number of hours, the
// hour that contains midnight counts for the day in which that hour begins.
func daysOf(hours []db.TicketHoursRow, first time.Time) []Day {
	days := make([]Day, TrendDays)
	index := make(map[string]int, TrendDays)
	for i := range days {
		days[i].Date = time.Date(first.Year(), first.Month(), first.Day()+i, 0, 0, 0, 0, first.Location())
		index[days[i].Date.Format(time.DateOnly)] = i
	}
	for _, h := range hours {
		if i, ok := index[h.Hour.In(first.Location()).Format(time.DateOnly)]; ok {
			days[i].Opened += h.Opened
			days[i].Resolved += h.Resolved
		}
	}
	return days
}
