package ticketquery

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

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

// Each calls visit for the tickets of filter that the actor may read, with their cursors, from
// filter.After on: at most limit tickets, or all for 0. Without filter.Sort the highest number
// comes first, and a cursor is a number. It reads the tickets in batches at different times, so
// in other orders a ticket that changes meanwhile may be missing or be visited twice. It
// returns the first error of visit, and [*fault.Invalid] for an invalid filter.
func (s *Service) Each(ctx context.Context, actor account.Actor, filter Filter, limit int, visit listing.Visitor[FeedTicket]) error {
	read, from, err := s.feed(ctx, actor, filter)
	if err != nil {
		return err
	}
	for left := limit; ; {
		from.max = feedBatch
		if limit > 0 {
			from.max = int32(min(left, feedBatch))
		}
		tickets, err := read(ctx, from)
		if err != nil {
			return fmt.Errorf("list tickets: %w", err)
		}
		bytes := 0
		for _, t := range tickets {
			from.at, from.paged = feedCursor(t, from.at.sort), true
			if err := visit.Entry(FeedTicket{t, from.at.feedText()}); err != nil {
				return err
			}
			bytes += len(t.Description)
		}
		left -= len(tickets)
		if len(tickets) < int(from.max) && bytes < feedBytes || limit > 0 && left == 0 {
			return nil
		}
		if err := visit.EndBatch(); err != nil {
			return err
		}
	}
}

// FeedTicket is a ticket of a feed. After is its cursor: the value of [Filter].After with which
// a feed begins after this ticket.
type FeedTicket struct {
	FullTicket
	After string
}

// feedCursor returns the cursor of a ticket in an order.
func feedCursor(t FullTicket, sort string) cursor {
	return cursorOf(Row{ID: t.ID, Priority: t.Priority, WaitingSince: t.WaitingSince, CreatedAt: t.CreatedAt, UpdatedAt: t.UpdatedAt}, sort)
}

// feedText returns the cursor as text. In the order by number it is the number.
func (c cursor) feedText() string {
	if c.sort == sortNumber {
		return strconv.FormatInt(c.id, 10)
	}
	return c.encode()
}

// parseFeedCursor is the reverse of feedText. It reports whether text is "" or a cursor of
// the order.
func parseFeedCursor(text, sort string) (from span, ok bool) {
	switch {
	case text == "":
		return span{at: cursor{sort: sort}}, true
	case sort == sortNumber:
		id, err := strconv.ParseInt(text, 10, 64)
		return span{at: cursor{sort: sort, id: id}, paged: true}, err == nil && id > 0
	}
	at, ok := parseCursor(text, sort)
	return span{at: at, paged: true}, ok
}

// feed returns a function that reads a batch of the tickets of a filter, and where the first
// one begins. Without a filter it uses prepared statements, whose plan is cached.
func (s *Service) feed(ctx context.Context, actor account.Actor, filter Filter) (func(context.Context, span) ([]FullTicket, error), span, error) {
	sel, from, err := s.feedSelection(ctx, actor, filter)
	filter.After = ""
	switch {
	case err != nil:
		return nil, span{}, err
	case filter != Filter{} || !sel.isWhole():
		return func(ctx context.Context, from span) ([]FullTicket, error) {
			return collect(ctx, s.pool, feedTickets(sel, from), db.RowsByName[FullTicket])
		}, from, nil
	case sel.seesAll():
		return func(ctx context.Context, from span) ([]FullTicket, error) {
			rows, err := s.q.FeedAllTickets(ctx, db.FeedAllTicketsParams{Viewer: sel.viewer, Before: from.below(), Max: from.max, MaxBytes: feedBytes})
			return convert(rows, func(r db.FeedAllTicketsRow) FullTicket { return FullTicket(r) }), err
		}, from, nil
	}
	return func(ctx context.Context, from span) ([]FullTicket, error) {
		rows, err := s.q.FeedOwnTickets(ctx, db.FeedOwnTicketsParams{Viewer: sel.viewer, Before: from.below(), Max: from.max, MaxBytes: feedBytes})
		return convert(rows, func(r db.FeedOwnTicketsRow) FullTicket { return FullTicket(r) }), err
	}, from, nil
}

// below returns the number below which a span of the order by number begins.
func (p span) below() int64 { return cmp.Or(p.at.id, math.MaxInt64) }

// feedSelection is [Service.selection] for programs, with the span of filter.After: an invalid
// value is [*fault.Invalid].
func (s *Service) feedSelection(ctx context.Context, actor account.Actor, filter Filter) (selection, span, error) {
	if err := input.Check(&filter); err != nil {
		return selection{}, span{}, err
	}
	sel, err := s.selection(ctx, actor, filter)
	if err != nil {
		return selection{}, span{}, err
	}
	filter.Q = sel.Q // spaces only are no filter
	inv := &fault.Invalid{}
	for _, name := range filter.Ignored(sel.Filter) {
		inv.Fields = append(inv.Fields, fault.FieldError{Field: name, Message: "There is no such value, or you may not filter by it."})
	}
	if filter.Sort == "" {
		sel.Sort = sortNumber
	}
	from, ok := parseFeedCursor(filter.After, sel.Sort)
	if !ok {
		inv.Fields = append(inv.Fields, fault.FieldError{Field: "after", Message: listing.WrongAfter})
	}
	if len(inv.Fields) > 0 {
		return selection{}, span{}, inv
	}
	found, numbers, err := s.search(ctx, sel, searchCapFeed)
	sel.found = slices.Concat(numbers, found)
	return sel, from, err
}

// feedTickets returns the statement of a batch. Its columns are the fields of [FullTicket].
func feedTickets(s selection, from span) *query {
	q := newQuery("FeedTickets", `select t.id, t.subject, t.description, c.name as category, t.priority, t.status, t.requester_id, u.username as requester_name,
       u.email as requester_email, t.created_at, t.updated_at, t.version, t.waiting_since,
       coalesce((select a.name from attachments a join ticket_events e on e.ticket_id = a.ticket_id and e.seq = a.seq
                 where a.ticket_id = t.id and a.removed_at is null and e.kind in ('opened', 'attachment')
                 order by a.id desc limit 1), '') as attachment`+assignmentColumns+`,
       coalesce(case when `+seesAssignment+` then t.team_id end, 0) as team_id
from (select t.*, sum(octet_length(t.description)) over (`).orderBy(s, from)
	q.add(" rows unbounded preceding) - octet_length(t.description) as ahead from (\nselect t.* from tickets t where ").where(s).page(s, from)
	q.add(`) t) t
join users u on u.id = t.requester_id
join categories c on c.id = t.category_id
where t.ahead < @max_bytes::bigint
`).orderBy(s, from)
	q.args["viewer"], q.args["max_bytes"] = s.viewer, int64(feedBytes)
	return q
}
