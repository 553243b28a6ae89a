package pages

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/views"
)

// Trash has the page of deleted tickets.
type Trash struct{ *core }

// List shows the deleted tickets.
func (s *Trash) List(c echo.Context) error {
	page, err := s.Desk.Tickets.Trash(c.Request().Context(), web.ActorOf(c), c.QueryParam("after"))
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, views.Trash(page))
}

// Restore restores a deleted ticket.
func (s *Trash) Restore(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Desk.Tickets.Restore(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err
	}
	return web.Done(c, web.TicketURL(id), fmt.Sprintf("Ticket #%d is restored.", id))
}
