package pages

import (
	"cmp"
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

// ticketFormPage renders a page with the form of a ticket: a new one or an existing one.
type ticketFormPage = func(views.TicketForm) templ.Component

// Edit shows the form of an existing ticket.
func (s *Tickets) Edit(c echo.Context) error {
	form, err := s.editForm(c)
	if err != nil {
		return err
	}
	form.FillFrom(form.Ticket)
	form.SubmissionID = web.NewSubmissionID()
	if kept, ok := s.KeptForms.Restore(c, web.Has("subject")); ok {
		web.Bind(kept, &form.EditInput)
		form.SubmissionID = cmp.Or(form.SubmissionID, web.NewSubmissionID())
		if form.Version != int(form.Ticket.Version) { // it changed before the user signed in again
			form.Stale, form.Version = &form.Ticket, int(form.Ticket.Version)
		}
	}
	return s.showTicketForm(c, http.StatusOK, form, views.TicketEdit)
}

// editForm returns the form without its input. It returns [fault.ErrForbidden] if the actor
// may see the ticket but not change it.
func (s *Tickets) editForm(c echo.Context) (views.TicketForm, error) {
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

// Save changes a ticket. If the ticket has changed since the form was loaded, both
// texts are shown and the form can be sent again.
func (s *Tickets) Save(c echo.Context) error {
	form, err := s.editForm(c)
	if err != nil {
		return s.Forms.Refuse(c, err)
	}
	f, err := s.Forms.ReadWithFiles(c)
	web.Bind(f, &form.EditInput)
	if err == nil && f.Get("remove") != "" {
		return s.dropFile(c, f.Get("remove"), form, views.TicketEdit)
	}
	if err == nil {
		_, err = s.Desk.Tickets.Edit(c.Request().Context(), web.ActorOf(c), form.Ticket.ID, form.EditInput)
	}
	if err == nil {
		return web.Done(c, web.TicketURL(form.Ticket.ID), fmt.Sprintf("Ticket #%d is saved.", form.Ticket.ID))
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
