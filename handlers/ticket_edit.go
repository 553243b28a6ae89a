package handlers

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// ticketFormPage is one of the two pages with a ticket's form.
type ticketFormPage = func(views.TicketForm) templ.Component

// editTicket is the form of a ticket that there is.
func (s *server) editTicket(c echo.Context) error {
	form, err := s.editForm(c)
	if err != nil {
		return err
	}
	form.FillFrom(form.Ticket)
	form.SubmissionID = newSubmissionID()
	if kept, ok := s.kept(c); ok {
		bind(kept, &form.EditInput)
		form.SubmissionID = newSubmissionID()
		if form.Version != int(form.Ticket.Version) { // it changed before they were back
			form.Stale, form.Version = &form.Ticket, int(form.Ticket.Version)
		}
	}
	return s.showTicketForm(c, http.StatusOK, form, views.TicketEdit)
}

// editForm is the form without what is typed. Who may see the ticket but not
// change it is forbidden.
func (s *server) editForm(c echo.Context) (views.TicketForm, error) {
	id, err := pathID(c, "id")
	if err != nil {
		return views.TicketForm{}, err
	}
	ctx, actor := c.Request().Context(), actorOf(c)
	form := views.TicketForm{}
	if form.Ticket, err = s.desk.Tickets.Get(ctx, actor, id); err != nil {
		return form, err
	}
	if !desk.May(actor, desk.ToEdit, form.Ticket) {
		return form, fault.ErrForbidden
	}
	form.Files, err = s.desk.Files.Own(ctx, actor, id)
	return form, err
}

// saveTicket changes a ticket. Where it changed meanwhile, both texts are shown
// and the form can be sent again.
func (s *server) saveTicket(c echo.Context) error {
	form, err := s.editForm(c)
	if err != nil {
		return err
	}
	f, err := s.readWithFiles(c)
	bind(f, &form.EditInput)
	if err == nil && f.get("remove") != "" {
		return s.dropFile(c, f.get("remove"), form, views.TicketEdit)
	}
	if err == nil {
		_, err = s.desk.Tickets.Edit(c.Request().Context(), actorOf(c), form.Ticket.ID, form.EditInput)
	}
	if err == nil {
		return s.done(c, ticketURL(form.Ticket.ID), fmt.Sprintf("Ticket #%d is saved.", form.Ticket.ID))
	}
	var stale *desk.Stale
	if errors.As(err, &stale) {
		form.Stale, form.Version = &stale.Current, int(stale.Current.Version)
		return s.showTicketForm(c, http.StatusConflict, form, views.TicketEdit)
	}
	status, err := s.ticketFormAgain(c, &form, err)
	if err != nil {
		return err
	}
	return s.showTicketForm(c, status, form, views.TicketEdit)
}
