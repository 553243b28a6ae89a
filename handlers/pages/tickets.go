package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/ticketquery"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// ListTickets shows customers their own tickets, and staff all tickets.
func (s *Pages) ListTickets(c echo.Context) error {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	filter := ticketquery.ReadFilter(c.QueryParams())
	list, err := s.Desk.Lists.List(ctx, actor, filter)
	if err != nil {
		return err
	}
	page := views.TicketsPage{Search: ui.NewSearch(filter.Q, list.Filter.Q), List: list, Requester: requesterOf(list), Partial: web.IsPartial(c)}
	return s.Render(c, http.StatusOK, views.Tickets(page), "results")
}

// requesterOf returns the name of the requester by whom a list is filtered, or "".
func requesterOf(list ticketquery.List) string {
	if list.Filter.Requester == "" || len(list.Rows) == 0 {
		return ""
	}
	return list.Rows[0].RequesterName
}
