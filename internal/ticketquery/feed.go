package ticketquery

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/listing"
)

// FullTicket is a ticket as the API returns it. Attachment is the name of its newest file
// that does not belong to a comment, or "".
type FullTicket = db.OneTicketForAPIRow

// Full returns a ticket. It returns [fault.ErrNotFound] if there is none that the actor may
// read.
func (s *Service) Full(ctx context.Context, actor account.Actor, id int64) (FullTicket, error) {
	reach, viewer := actor.Scope()
	t, err := s.q.OneTicketForAPI(ctx, db.OneTicketForAPIParams{ID: id, Reach: reach, Viewer: viewer})
	return t, db.Found(err, "read ticket")
}

// feedBatch is the maximum number of tickets in a batch. While a whole list is read, the
// p99 of 20 other connections rises to 1.8 times with 100, and to 2.4 times with 1,000.
// With fewer than 100, round trips make the list slower.
const feedBatch = 100

// feedBytes is the maximum size of the descriptions of a batch in bytes: the ticket that
// reaches it is the last of its batch. One batch for each slow client is in memory.
const feedBytes = 256 << 10

// Each calls visit for the tickets of part, newest first: a range of ids of those tickets of
// the filter that the actor may read. It reads them in batches at different times. It
// returns the first error of visit, and [*fault.Invalid] for an invalid filter. The order
// and the cursors of the filter have no effect.
func (s *Service) Each(ctx context.Context, actor account.Actor, filter Filter, part listing.Range, visit listing.Visitor[FullTicket]) error {
	read, err := s.feed(ctx, actor, filter)
	if err != nil {
		return err
	}
	before := cmp.Or(part.After, math.MaxInt64)
	for left := part.Limit; ; {
		most := feedBatch
		if part.Limit > 0 {
			most = min(left, feedBatch)
		}
		tickets, err := read(ctx, before, int32(most))
		if err != nil {
			return fmt.Errorf("list tickets: %w", err)
		}
		bytes := 0
		for _, t := range tickets {
			if err := visit.Entry(t); err != nil {
				return err
			}
			before, bytes = t.ID, bytes+len(t.Description)
		}
		left -= len(tickets)
		if len(tickets) < most && bytes < feedBytes || part.Limit > 0 && left == 0 {
			return nil
		}
		if err := visit.EndBatch(); err != nil {
			return err
		}
	}
}

// feed returns a function that reads at most most tickets of a filter with an id below
// before. Without a filter it uses prepared statements, whose plan is cached.
func (s *Service) feed(ctx context.Context, actor account.Actor, filter Filter) (func(ctx context.Context, before int64, most int32) ([]FullTicket, error), error) {
	of, err := s.scope(ctx, actor)
	switch {
	case err != nil:
		return nil, err
	case filter != Filter{} || !of.isWhole():
		sel, err := s.feedSelection(ctx, actor, filter)
		return func(ctx context.Context, before int64, most int32) ([]FullTicket, error) {
			return collect(ctx, s.pool, feedTickets(sel, before, most), db.RowsByName[FullTicket])
		}, err
	case of.seesAll():
		return func(ctx context.Context, before int64, most int32) ([]FullTicket, error) {
			rows, err := s.q.FeedAllTickets(ctx, db.FeedAllTicketsParams{Viewer: of.viewer, Before: before, Max: most, MaxBytes: feedBytes})
			return convert(rows, func(r db.FeedAllTicketsRow) FullTicket { return FullTicket(r) }), err
		}, nil
	}
	return func(ctx context.Context, before int64, most int32) ([]FullTicket, error) {
		rows, err := s.q.FeedOwnTickets(ctx, db.FeedOwnTicketsParams{Viewer: of.viewer, Before: before, Max: most, MaxBytes: feedBytes})
		return convert(rows, func(r db.FeedOwnTicketsRow) FullTicket { return FullTicket(r) }), err
	}, nil
}

// feedSelection is [Service.selection] for programs: an invalid value is [*fault.Invalid].
func (s *Service) feedSelection(ctx context.Context, actor account.Actor, filter Filter) (selection, error) {
	if err := input.Check(&filter); err != nil {
		return selection{}, err
	}
	sel, err := s.selection(ctx, actor, filter)
	if err != nil {
		return selection{}, err
	}
	if filter.Category != "" && sel.category == 0 {
		return selection{}, fault.NewInvalid("category", "There is no such category.")
	}
	if filter.Assignee != sel.Assignee || filter.Team != sel.Team {
		return selection{}, fault.NewInvalid("assignee", "The filters assignee and team take an id or none, and are for staff.")
	}
	found, numbers, err := s.search(ctx, sel, searchCapFeed)
	sel.found = slices.Concat(numbers, found)
	return sel, err
}

// feedTickets returns the statement of a batch. Its columns are the fields of [FullTicket].
func feedTickets(s selection, before int64, most int32) *query {
	q := newQuery("FeedTickets", `select id, subject, description, category, priority, status, requester_id, requester_name, requester_email, created_at, updated_at, version, attachment, assignee_id, assignee, team_id, team
from (select f.*, sum(octet_length(f.description)) over (order by f.id desc rows unbounded preceding) - octet_length(f.description) as ahead from (
select t.id, t.subject, t.description, c.name as category, t.priority, t.status, t.requester_id, u.username as requester_name,
       u.email as requester_email, t.created_at, t.updated_at, t.version,
       coalesce((select a.name from attachments a join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq
                 where a.ticket_id = t.id and a.removed_at is null and e.kind in ('opened', 'attachment')
                 order by a.id desc limit 1), '') as attachment`+assignmentColumns+`,
       coalesce(case when t.requester_id <> @viewer then t.team_id end, 0) as team_id
from tickets t
join users u on u.id = t.requester_id
join categories c on c.id = t.category_id
where `).where(s)
	q.args["viewer"] = s.viewer
	q.and("t.id < @before", "before", before)
	q.add("\norder by t.id desc\nlimit @max::int) f) g\nwhere ahead < @max_bytes::bigint\norder by id desc")
	q.args["max"], q.args["max_bytes"] = most, int64(feedBytes)
	return q
}
