package ticketquery

import (
	"context"
	"fmt"
	"math"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/search"
)

// FullTicket is a ticket with all that programs get of it. Attachment is the
// name of its newest own file, "" where it has none.
type FullTicket = db.OneTicketForAPIRow

// Full reads one ticket; not visible is [fault.ErrNotFound].
func (s *Service) Full(ctx context.Context, actor account.Actor, id int64) (FullTicket, error) {
	seesAll, viewer := actor.Scope()
	t, err := s.q.OneTicketForAPI(ctx, db.OneTicketForAPIParams{ID: id, SeesAll: seesAll, Viewer: viewer})
	return t, db.Found(err, "read ticket")
}

// FeedFilter says which tickets a program wants. Values that mean nothing are [*fault.Invalid].
type FeedFilter struct {
	Q        string `query:"q" form:"q" json:"q" validate:"max=200,text" doc:"Words, or a ticket’s number."`
	Status   string `query:"status" form:"status" json:"status" validate:"omitempty,oneof=OPEN IN_PROGRESS RESOLVED CLOSED"`
	Category string `query:"category" form:"category" json:"category" validate:"max=60,text"`
	Priority string `query:"priority" form:"priority" json:"priority" validate:"omitempty,oneof=Low Medium High Urgent"`
}

// feedBatch is how many tickets are read at once: few enough that others get
// their turn between two (p99 of 20 connections beside a whole list: 1.8 times that
// without it; with 1000 it was 2.4 times), many enough that the round trips count little.
const feedBatch = 100

// Each yields what the actor may see, the newest ticket first, from before
// on downwards (0: from the newest), at most limit of them (0: all). It reads
// batches, each as it is by then; batch is called after each but the last.
func (s *Service) Each(ctx context.Context, actor account.Actor, filter FeedFilter, before int64, limit int, yield func(FullTicket) error, batch func() error) error {
	read, err := s.feed(ctx, actor, filter)
	if err != nil {
		return err
	}
	if before == 0 {
		before = math.MaxInt64
	}
	for left := limit; ; {
		most := feedBatch
		if limit > 0 {
			most = min(left, feedBatch)
		}
		tickets, err := read(ctx, before, int32(most))
		if err != nil {
			return fmt.Errorf("list tickets: %w", err)
		}
		for _, t := range tickets {
			if err := yield(t); err != nil {
				return err
			}
			before = t.ID
		}
		left -= len(tickets)
		if len(tickets) < most || limit > 0 && left == 0 {
			return nil
		}
		if err := batch(); err != nil {
			return err
		}
	}
}

// feed is how the tickets of a filter are read: at most so many below a number.
func (s *Service) feed(ctx context.Context, actor account.Actor, filter FeedFilter) (func(ctx context.Context, before int64, most int32) ([]FullTicket, error), error) {
	seesAll, viewer := actor.Scope()
	switch {
	case filter != FeedFilter{}:
		p, err := s.feedParams(ctx, actor, filter)
		return func(ctx context.Context, before int64, most int32) ([]FullTicket, error) {
			p.Before, p.Max = before, most
			rows, err := db.New(db.Planned(s.pool)).FeedTickets(ctx, p)
			return convert(rows, func(r db.FeedTicketsRow) FullTicket { return FullTicket(r) }), err
		}, err
	case seesAll:
		return func(ctx context.Context, before int64, most int32) ([]FullTicket, error) {
			rows, err := s.q.FeedAllTickets(ctx, db.FeedAllTicketsParams{Before: before, Max: most})
			return convert(rows, func(r db.FeedAllTicketsRow) FullTicket { return FullTicket(r) }), err
		}, nil
	}
	return func(ctx context.Context, before int64, most int32) ([]FullTicket, error) {
		rows, err := s.q.FeedOwnTickets(ctx, db.FeedOwnTicketsParams{Viewer: viewer, Before: before, Max: most})
		return convert(rows, func(r db.FeedOwnTicketsRow) FullTicket { return FullTicket(r) }), err
	}, nil
}

func (s *Service) feedParams(ctx context.Context, actor account.Actor, filter FeedFilter) (db.FeedTicketsParams, error) {
	seesAll, viewer := actor.Scope()
	p := db.FeedTicketsParams{SeesAll: seesAll, Viewer: viewer, Found: []int64{}}
	if err := input.Check(&filter); err != nil {
		return p, err
	}
	p.Priority, p.Status = filter.Priority, filter.Status
	if filter.Category != "" {
		c, err := s.filterCategory(ctx, filter.Category)
		if err != nil {
			return p, err
		}
		if c.ID == 0 {
			return p, fault.NewInvalid("category", "There is no such category.")
		}
		p.CategoryID = c.ID
	}
	if words := search.Clean(filter.Q); words != "" {
		among := db.FilterTicketsParams{SeesAll: p.SeesAll, Viewer: p.Viewer, CategoryID: p.CategoryID, Priority: p.Priority, Status: p.Status}
		found, numbers, err := s.find(ctx, db.New(db.Planned(s.pool)), words, among, searchCapFeed)
		p.Searched, p.Found = true, append(numbers, found...)
		return p, err
	}
	return p, nil
}
