package handlers

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/views"
)

// confirmDeletion asks before the deed and says what goes.
func (s *server) confirmDeletion(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	actor := actorOf(c)
	d, err := s.desk.DeletionOf(c.Request().Context(), actor, id)
	if err != nil {
		return err
	}
	if !actor.CanDelete(d.Ticket) {
		return desk.ErrForbidden
	}
	return s.render(c, http.StatusOK, views.Deletion(d))
}

func (s *server) deleteTicket(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.desk.DeleteTicket(c.Request().Context(), actorOf(c), id); err != nil {
		return err
	}
	return s.done(c, "/tickets", fmt.Sprintf("Ticket #%d is deleted.", id))
}
