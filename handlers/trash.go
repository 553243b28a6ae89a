package handlers

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/views"
)

// listTrash is the page of deleted tickets.
func (s *server) listTrash(c echo.Context) error {
	page, err := s.desk.Tickets.Trash(c.Request().Context(), actorOf(c), c.QueryParam("after"))
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, views.Trash(page))
}

func (s *server) restoreTicket(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.desk.Tickets.Restore(c.Request().Context(), actorOf(c), id); err != nil {
		return err
	}
	return s.done(c, ticketURL(id), fmt.Sprintf("Ticket #%d is restored.", id))
}
