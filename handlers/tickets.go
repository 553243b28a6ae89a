package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/ticketquery"
	"frontdesk/views"
)

// listTickets shows a customer's own tickets, or staff everybody's.
func (s *server) listTickets(c echo.Context) error {
	ctx, actor := c.Request().Context(), actorOf(c)
	var filter ticketquery.Filter
	bindQuery(c, &filter)
	list, err := s.desk.Lists.List(ctx, actor, filter)
	if err != nil {
		return err
	}
	page := views.TicketsPage{Search: views.NewSearch(filter.Q, list.Filter.Q), List: list, Requester: requesterOf(list), Partial: isPartial(c)}
	return s.render(c, http.StatusOK, views.Tickets(page), "results")
}

// requesterOf is whose tickets a list shows, where staff asked for somebody's.
func requesterOf(list ticketquery.List) string {
	if list.Filter.Requester == "" || len(list.Rows) == 0 {
		return ""
	}
	return list.Rows[0].RequesterName
}
