package pages

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/ticketquery"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Tickets has the pages of tickets, and their list.
type Tickets struct{ *core }

// filterOf returns the filter of a list's address, see [savedview.Service.Open].
func (s *core) filterOf(c echo.Context) (f ticketquery.Filter, ended []string, err error) {
	return s.Desk.Views.Open(c.Request().Context(), web.ActorOf(c), c.QueryParams())
}

// List shows customers their own tickets, and staff a view of tickets.
func (s *Tickets) List(c echo.Context) error {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	filter, ended, err := s.filterOf(c)
	if err != nil {
		return err
	}
	if actor.Can(account.WorkAsStaff) {
		return s.showQueue(c, filter, ended...)
	}
	list, err := s.Desk.Lists.List(ctx, actor, filter)
	if err != nil {
		return err
	}
	page := views.TicketsPage{Search: ui.NewSearch(filter.Q, list.Filter.Q), List: list, Partial: web.IsPartial(c)}
	return s.Render(c, http.StatusOK, views.Tickets(page), "results")
}
