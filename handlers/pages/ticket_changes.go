package pages

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/ticketquery"
	"frontdesk/views"
)

// ListChanges tells the page of a list what became of it; opened as a page it is
// the list.
func (s *Pages) ListChanges(c echo.Context) error {
	if !web.IsPartial(c) {
		return web.SeeOther(c, listOf("/tickets", c.QueryParams()))
	}
	var filter ticketquery.Filter
	web.BindQuery(c, &filter)
	changes, err := s.changesOf(c, filter)
	if err != nil {
		return err
	}
	page := views.TicketsPage{List: ticketquery.List{Page: ticketquery.Page{Filter: changes.Filter, Rows: changes.Rows}, Counts: changes.Counts}}
	page.Requester = requesterOf(page.List)
	return s.RenderUnasked(c, views.TicketsChanged(page, changes))
}

// QueueChanges tells the dashboard the same of its queue, with the figures around it.
func (s *Pages) QueueChanges(c echo.Context) error {
	if !web.IsPartial(c) {
		return web.SeeOther(c, listOf("/dashboard", c.QueryParams()))
	}
	var page views.DashboardPage
	web.BindQuery(c, &page.Filter)
	changes, err := s.changesOf(c, queueFilter(page.Filter))
	if err != nil {
		return err
	}
	if page.Dashboard, err = s.Desk.Dashboard(c.Request().Context(), web.ActorOf(c)); err != nil {
		return err
	}
	page.Filter = asked(page.Filter, changes.Filter)
	page.Queue = ticketquery.Page{Filter: changes.Filter, Rows: changes.Rows}
	page.Presence = s.nowAt(changes.Rows, web.ActorOf(c))
	return s.RenderUnasked(c, views.QueueChanged(page, changes))
}

func (s *Pages) changesOf(c echo.Context, filter ticketquery.Filter) (ticketquery.Changes, error) {
	since, err := time.Parse(time.RFC3339, c.QueryParam("since"))
	if err != nil {
		since = time.Time{} // nothing counts as new then
	}
	return s.Desk.Lists.Changes(c.Request().Context(), web.ActorOf(c), filter, since, shownIDs(c.QueryParam("shown")))
}

// shownIDs reads the numbers of "1,2,3" and passes over what is none.
func shownIDs(text string) []int64 {
	var ids []int64
	for part := range strings.SplitSeq(text, ",") {
		if id, err := strconv.ParseInt(part, 10, 64); err == nil && len(ids) < ticketquery.MaxShown {
			ids = append(ids, id)
		}
	}
	return ids
}

// listOf is the list whose changes are asked for.
func listOf(path string, query url.Values) string {
	query.Del("since")
	query.Del("shown")
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}
