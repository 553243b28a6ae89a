package pages

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/ticketquery"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Dashboard shows staff the figures of the desk, and the queue. htmx gets the queue and the
// figures as fragments.
func (s *Pages) Dashboard(c echo.Context) error {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	page := views.DashboardPage{Filter: ticketquery.ReadFilter(c.QueryParams()), Partial: web.IsPartial(c)}
	page.Change = web.SeqParam(c, "change")
	var err error
	if page.Dashboard, err = s.Desk.Dashboard(ctx, actor); err != nil {
		return err
	}
	if page.Queue, err = s.Desk.Lists.Page(ctx, actor, queueFilter(page.Filter)); err != nil {
		return err
	}
	if page.Categories, err = s.Desk.Categories.List(ctx); err != nil {
		return err
	}
	page.Search = ui.NewSearch(page.Filter.Q, page.Queue.Filter.Q)
	page.Filter = linkFilter(page.Filter, page.Queue.Filter)
	page.Presence = s.presenceAt(page.Queue.Rows, actor)
	return s.Render(c, http.StatusOK, views.DashboardShow(page), "queue", "figures")
}

// presenceAt returns the users who have a ticket of the queue open, by ticket id.
func (s *Pages) presenceAt(rows []ticketquery.Row, actor account.Actor) map[int64]views.Presence {
	all := map[int64]views.Presence{}
	for _, r := range rows {
		if n := s.presence.Present(r.ID, actor.ID != r.RequesterID); len(n.People) > 0 {
			all[r.ID] = n
		}
	}
	return all
}

// queueFilter returns the filter for the desk. By default these are the active tickets,
// those that wait longest first.
func queueFilter(f ticketquery.Filter) ticketquery.Filter {
	switch f.Status {
	case "":
		f.Status = ticketquery.FilterActive
	case views.QueueAll:
		f.Status = ""
	}
	if f.Sort == "" {
		f.Sort = queueSort(f.Status)
	}
	return f
}

// queueSort returns the default order of a tab of the queue: by last change for tabs with
// resolved or closed tickets, otherwise the longest waiting first.
func queueSort(status string) string {
	switch desk.Status(status) {
	case "", desk.StatusResolved, desk.StatusClosed:
		return ticketquery.SortUpdated
	}
	return ticketquery.SortWaiting
}

// linkFilter returns the filter for the links of the page: the one that the desk applied,
// with the names of the queue's tabs, and the position within the list.
func linkFilter(f, understood ticketquery.Filter) ticketquery.Filter {
	after, before := f.After, f.Before
	f = understood
	f.After, f.Before = after, before
	if f.Sort == queueSort(f.Status) {
		f.Sort = ""
	}
	switch {
	case f.Status == ticketquery.FilterActive:
		f.Status = ""
	case f.Status == "":
		f.Status = views.QueueAll
	}
	return f
}

// QueueRow answers htmx with one row of the queue; with ?change= the row is open for
// changes. Other browsers are redirected to that row of the queue.
func (s *Pages) QueueRow(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	page := views.DashboardPage{Filter: ticketquery.ReadFilter(c.QueryParams())}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	row, err := s.Desk.Lists.Changes(ctx, actor, queueFilter(page.Filter), time.Time{}, []int64{id})
	if err != nil {
		return err
	}
	if len(row.Rows) == 0 {
		return fault.ErrNotFound
	}
	query := c.QueryParams()
	open := query.Get("change") != ""
	if query.Del("change"); open {
		query.Set("change", strconv.FormatInt(id, 10))
		page.Change = id
	}
	if !web.IsPartial(c) {
		return c.Redirect(http.StatusSeeOther, fmt.Sprintf("%s#row-%d", listPath("/dashboard", query), id))
	}
	if page.Categories, err = s.Desk.Categories.List(ctx); err != nil {
		return err
	}
	page.Filter = linkFilter(page.Filter, row.Filter)
	page.Dashboard.At, page.Presence = s.Desk.Now(), s.presenceAt(row.Rows, actor)
	return s.Render(c, http.StatusOK, views.QueueRow(&page, &row.Rows[0]))
}

// withChange returns the address of the queue with the row of a ticket open for changes.
func withChange(queue string, id int64) string {
	u, err := url.Parse(queue)
	if err != nil {
		return queue
	}
	query := u.Query()
	query.Set("change", strconv.FormatInt(id, 10))
	u.RawQuery = query.Encode()
	return u.String()
}

// triagedInQueue answers a triage in a row of the queue. It redirects to back, with the row
// open again if the ticket had changed in the meantime.
func (s *Pages) triagedInQueue(c echo.Context, back string, id int64, err error) error {
	var stale *desk.Stale
	if errors.As(err, &stale) {
		s.Flash(c, "warn", fmt.Sprintf("Ticket #%d changed while you were choosing. Nothing was saved; choose again.", id))
		back = withChange(back, id)
	} else if err != nil {
		return err
	}
	return s.Done(c, back, "")
}
