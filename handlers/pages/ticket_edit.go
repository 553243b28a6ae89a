package pages

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// ticketFormPage is one of the two pages with a ticket's form.
type ticketFormPage = func(views.TicketForm) templ.Component

// EditTicket is the form of a ticket that there is.
func (s *Pages) EditTicket(c echo.Context) error {
	form, err := s.editForm(c)
	if err != nil {
		return err
	}
	form.FillFrom(form.Ticket)
	form.SubmissionID = web.NewSubmissionID()
	if kept, ok := s.Kept(c); ok {
		web.Bind(kept, &form.EditInput)
		form.SubmissionID = web.NewSubmissionID()
		if form.Version != int(form.Ticket.Version) { // it changed before they were back
			form.Stale, form.Version = &form.Ticket, int(form.Ticket.Version)
		}
	}
	return s.showTicketForm(c, http.StatusOK, form, views.TicketEdit)
}

// editForm is the form without what is typed. Who may see the ticket but not
// change it is forbidden.
func (s *Pages) editForm(c echo.Context) (views.TicketForm, error) {
	id, err := web.PathID(c, "id")
	if err != nil {
		return views.TicketForm{}, err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	form := views.TicketForm{}
	if form.Ticket, err = s.Desk.Tickets.Get(ctx, actor, id); err != nil {
		return form, err
	}
	if !desk.May(actor, desk.ToEdit, form.Ticket) {
		return form, fault.ErrForbidden
	}
	form.Files, err = s.Desk.Files.Own(ctx, actor, id)
	return form, err
}

// SaveTicket changes a ticket. Where it changed meanwhile, both texts are shown
// and the form can be sent again.
func (s *Pages) SaveTicket(c echo.Context) error {
	form, err := s.editForm(c)
	if err != nil {
		return err
	}
	f, err := s.ReadWithFiles(c)
	web.Bind(f, &form.EditInput)
	if err == nil && f.Get("remove") != "" {
		return s.dropFile(c, f.Get("remove"), form, views.TicketEdit)
	}
	if err == nil {
		_, err = s.Desk.Tickets.Edit(c.Request().Context(), web.ActorOf(c), form.Ticket.ID, form.EditInput)
	}
	if err == nil {
		return s.Done(c, web.TicketURL(form.Ticket.ID), fmt.Sprintf("Ticket #%d is saved.", form.Ticket.ID))
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
