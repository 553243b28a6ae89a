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

// TrendDays is how many days the dashboard's trend shows, today included.
const TrendDays = 30

// Dashboard is how the desk stands. Its figures come from counters that every
// write keeps, so that they cost the same at a thousand tickets and a million.
type Dashboard struct {
	At         time.Time // in the desk's time zone
	ByStatus   map[Status]int64
	ByPriority map[Priority]int64 // of what is not done: open or in progress
	ByCategory []CategoryCount    // of what is not done, in the categories' order
	Days       []Day              // TrendDays of them, oldest first, today last
	Late       listing.Capped     // waiting longer than LongWait
	Waiting    []WaitingTicket    // the five that wait longest
}

// CategoryCount is how many tickets of a category are not done.
type CategoryCount struct {
	Category Category
	N        int64
}

// Day is what happened on one day of the desk's time zone.
type Day struct {
	Date             time.Time // its first moment
	Opened, Resolved int64
}

// WaitingTicket is a ticket whose requester waits for an answer.
type WaitingTicket = db.WaitingLongestRow

// Dashboard tells an admin how the desk stands now.
func (d *Desk) Dashboard(ctx context.Context, actor account.Actor) (Dashboard, error) {
	if !actor.Can(account.TriageTickets) {
		return Dashboard{}, fault.ErrForbidden
	}
	now := d.Now().In(d.opts.Location)
	board := Dashboard{At: now}
	if err := d.countTickets(ctx, &board); err != nil {
		return Dashboard{}, err
	}
	first := time.Date(now.Year(), now.Month(), now.Day()-TrendDays+1, 0, 0, 0, 0, d.opts.Location)
	hours, err := d.q.TicketHours(ctx, first)
	if err != nil {
		return Dashboard{}, fmt.Errorf("read trend: %w", err)
	}
	board.Days = daysOf(hours, first)
	const lateCap = 99
	late, err := d.q.CountWaiting(ctx, db.CountWaitingParams{Before: now.Add(-ticketquery.LongWait), Max: lateCap + 1})
	if err != nil {
		return Dashboard{}, fmt.Errorf("count late tickets: %w", err)
	}
	board.Late = listing.Cap(late, lateCap)
	if board.Waiting, err = d.q.WaitingLongest(ctx, 5); err != nil {
		return Dashboard{}, fmt.Errorf("read longest waits: %w", err)
	}
	return board, nil
}

func (d *Desk) countTickets(ctx context.Context, board *Dashboard) error {
	categories, err := d.q.ListCategories(ctx)
	if err != nil {
		return fmt.Errorf("list categories: %w", err)
	}
	counts, err := d.q.TicketCounts(ctx)
	if err != nil {
		return fmt.Errorf("count tickets: %w", err)
	}
	board.ByStatus, board.ByPriority = map[Status]int64{}, map[Priority]int64{}
	byCategory := map[int64]int64{}
	for _, c := range counts {
		board.ByStatus[c.Status] += c.N
		if c.Status == StatusOpen || c.Status == StatusInProgress {
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

// daysOf sums hours to days that begin at midnight of first's time zone, be
// they of 23, 24 or 25 hours. Where a zone is off by parts of an hour, the hour
// in which a day begins belongs to the day it began in.
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
