package handlers

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// confirmDeletion asks before the deed and says what goes.
func (s *server) confirmDeletion(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	actor := actorOf(c)
	d, err := s.desk.Tickets.DeletionOf(c.Request().Context(), actor, id)
	if err != nil {
		return err
	}
	if !desk.May(actor, desk.ToDelete, d.Ticket) {
		return fault.ErrForbidden
	}
	return s.render(c, http.StatusOK, views.Deletion(d))
}

func (s *server) deleteTicket(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.desk.Tickets.Delete(c.Request().Context(), actorOf(c), id); err != nil {
		return err
	}
	s.flash(c, "ok", fmt.Sprintf("Ticket #%d is deleted.", id))
	if actorOf(c).Can(account.ManageTrash) {
		s.offerUndo(c, views.Undo{Ticket: id, Restore: true})
	}
	return s.done(c, "/tickets", "")
}
