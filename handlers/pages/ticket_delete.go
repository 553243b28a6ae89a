package pages

import (
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// ConfirmDeletion shows what will be deleted with a ticket, and asks for confirmation.
func (s *Tickets) ConfirmDeletion(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	d, err := s.Desk.Tickets.DeletionOf(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, views.Deletion(d))
}

// Delete deletes a ticket. Staff who may restore it get a button to undo that.
func (s *Tickets) Delete(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Desk.Tickets.Delete(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err
	}
	web.Flash(c, "ok", fmt.Sprintf("Ticket #%d is deleted.", id))
	if web.ActorOf(c).Can(account.ManageTrash) {
		web.OfferUndo(c, ui.Undo{Ticket: id, Restore: true})
	}
	return web.Done(c, "/tickets", "")
}
