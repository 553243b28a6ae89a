package ticketquery

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/db"
	"frontdesk/internal/listing"
)

// filterTickets returns the statement of a page of a selection. Its columns are the fields of [Row].
func filterTickets(s selection, page span) *query {
	q := newQuery("FilterTickets", `select t.id, t.subject, t.requester_id, (select u.username from users u where u.id = t.requester_id) as requester_name,
       (select c.name from categories c where c.id = t.category_id) as category, t.priority, t.status, t.version,
       t.comment_count, t.file_count, t.waiting_since, t.created_at, t.updated_at,
       coalesce((select r.unread from ticket_reads r where r.ticket_id = t.id and r.user_id = @viewer), -1)::int as unread`)
	if !s.isOwn() {
		q.add(assignmentColumns)
	}
	q.add("\nfrom tickets t\nwhere ")
	q.args["viewer"] = s.viewer
	q.where(s).page(s, page)
	return q
}

// seesAssignment is the condition that staff see the assignee and the team of a ticket. It is
// on_staff_side(true, @viewer, t.requester_id), which is not called here because these
// statements are planned for each call.
const seesAssignment text = "t.requester_id <> @viewer"

// assignmentColumns has the assignee and the team of a ticket, for staff. They are empty for
// the viewer's own tickets.
const assignmentColumns = `,
       coalesce(case when ` + seesAssignment + ` then t.assignee_id end, 0) as assignee_id,
       coalesce((select a.username from users a where a.id = t.assignee_id and ` + seesAssignment + `), '') as assignee,
       coalesce((select g.name from teams g where g.id = t.team_id and ` + seesAssignment + `), '') as team`

// readPage reads a page of a selection.
func (s *Service) readPage(ctx context.Context, sel selection, page span) ([]Row, error) {
	return collect(ctx, s.pool, filterTickets(sel, page), db.RowsByName[Row])
}

// filtered returns a page of a selection. Tickets whose number is in the search text come
// first on the first page, in the order of the text, in addition to a full page of others.
func (s *Service) filtered(ctx context.Context, sel selection, from span) (Page, error) {
	found, numbers, err := s.search(ctx, sel, searchCap)
	if err != nil {
		return Page{}, err
	}
	isNamed := func(id int64) bool { return slices.Contains(numbers, id) }
	capped := len(found) >= searchCap
	sel.found = slices.Concat(slices.DeleteFunc(found, isNamed), numbers)
	from.max = listing.PageSize + 1 + int32(len(numbers)) // one more than a page shows, to know whether there is a further page
	rows, err := s.readPage(ctx, sel, from)
	if err != nil {
		return Page{}, err
	}
	whole := !from.paged && len(rows) < int(from.max)
	named, others := divide(rows, func(r Row) bool { return isNamed(r.ID) })
	out := page(sel.Filter, others, from)
	if out.Capped = capped; len(numbers) == 0 || out.Before != "" {
		return out, nil
	}
	if !whole && len(named) < len(numbers) { // some of them belong to later pages
		sel.found = numbers
		if named, err = s.readPage(ctx, sel, span{max: from.max}); err != nil {
			return Page{}, err
		}
	}
	slices.SortFunc(named, func(a, b Row) int {
		return cmp.Compare(slices.Index(numbers, a.ID), slices.Index(numbers, b.ID))
	})
	out.Rows = append(named, out.Rows...)
	return out, nil
}

// divide returns the elements for which chosen returns true, and the others.
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
