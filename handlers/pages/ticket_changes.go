package pages

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/ticketquery"
	"frontdesk/views"
)

// ListChanges answers the page of a list with what changed in it. Other requests are
// redirected to the list.
func (s *Tickets) ListChanges(c echo.Context) error {
	if !web.IsPartial(c) {
		return web.SeeOther(c, listPath(c.QueryParams()))
	}
	asked, _, err := s.filterOf(c)
	if err != nil {
		return err
	}
	asked = queueFilter(asked)
	changes, err := s.changesOf(c, asked)
	if err != nil {
		return err
	}
	list := ticketquery.List{Page: ticketquery.Page{Filter: changes.Filter, Rows: changes.Rows}, Counts: changes.Counts}
	if !web.ActorOf(c).Can(account.WorkAsStaff) {
		return s.RenderBackground(c, views.TicketsChanged(views.TicketsPage{List: list}, changes))
	}
	if list.Categories, err = s.Desk.Categories.List(c.Request().Context()); err != nil {
		return err
	}
	page, err := s.queuePage(c, list, asked)
	if err != nil {
		return err
	}
	return s.RenderBackground(c, views.QueueChanged(page, changes))
}

// changesOf reads the changes since ?since= (RFC 3339) of a list that shows the tickets of
// ?shown=.
func (s *Tickets) changesOf(c echo.Context, filter ticketquery.Filter) (ticketquery.Changes, error) {
	since, err := time.Parse(time.RFC3339, c.QueryParam("since"))
	if err != nil {
		since = time.Time{} // then no ticket counts as new
	}
	return s.Desk.Lists.Changes(c.Request().Context(), web.ActorOf(c), filter, since, shownIDs(c.QueryParam("shown")))
}

// shownIDs returns the numbers of "1,2,3", at most [ticketquery.MaxShown]. It ignores what is
// not a number.
func shownIDs(text string) []int64 {
	var ids []int64
	for part := range strings.SplitSeq(text, ",") {
		if id, err := strconv.ParseInt(part, 10, 64); err == nil && len(ids) < ticketquery.MaxShown {
			ids = append(ids, id)
		}
	}
	return ids
}

// listPath returns the address of the list with a query, without the parameters of requests for
// changes, which it removes from query.
func listPath(query url.Values) string {
	query.Del("since")
	query.Del("shown")
	if len(query) == 0 {
		return "/tickets"
	}
	return "/tickets" + "?" + query.Encode()
}
