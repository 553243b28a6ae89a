package handlers

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/views"
)

// newTicket is the form of a new ticket.
func (s *server) newTicket(c echo.Context) error {
	form := views.TicketForm{}
	form.Priority, form.SubmissionID = string(desk.PriorityMedium), newSubmissionID()
	if kept, ok := s.kept(c); ok {
		bind(kept, &form.TicketInput)
		form.SubmissionID = newSubmissionID()
	}
	return s.showTicketForm(c, http.StatusOK, form, views.TicketNew)
}

// createTicket opens a ticket. What is wrong, or a file to remove, gives the
// form again with all that was typed and every file that arrived.
func (s *server) createTicket(c echo.Context) error {
	f, err := s.readWithFiles(c)
	form := views.TicketForm{}
	bind(f, &form.EditInput)
	if err == nil && f.get("remove") != "" {
		return s.dropFile(c, f.get("remove"), form, views.TicketNew)
	}
	var t desk.Ticket
	if err == nil {
		t, err = s.desk.Tickets.Open(c.Request().Context(), actorOf(c), form.TicketInput)
	}
	if err == nil {
		return s.done(c, ticketURL(t.ID), fmt.Sprintf("Ticket #%d is sent.", t.ID))
	}
	status, err := s.ticketFormAgain(c, &form, err)
	if err != nil {
		return err
	}
	return s.showTicketForm(c, status, form, views.TicketNew)
}

// ticketReused is what happened when somebody went back, wrote on and sent again.
const ticketReused = "This form was already sent with other text, and that ticket exists. Send again to open another ticket with this text."

// ticketFormAgain is with which status the form is shown again, and what it
// says; an error that no form can answer is returned.
func (s *server) ticketFormAgain(c echo.Context, form *views.TicketForm, err error) (int, error) {
	if inv, ok := asInvalid(err); ok {
		form.Invalid = inv
		if inv.Field("attachment") != "" { // the text was not looked at yet
			in := form.TicketInput
			form.Invalid = input.Faults(&in, inv)
		}
		return http.StatusUnprocessableEntity, nil
	}
	if notice, status := later(err); status != 0 {
		form.Notice = notice
		s.formAgain(c, err)
		return status, nil
	}
	if errors.Is(err, fault.ErrKeyReused) {
		old := form.SubmissionID
		form.Notice, form.SubmissionID = ticketReused, newSubmissionID()
		return http.StatusConflict, s.desk.Files.MoveStaged(c.Request().Context(), actorOf(c), old, form.SubmissionID)
	}
	return 0, err
}

// dropFile forgets one staged file and shows the form again.
func (s *server) dropFile(c echo.Context, name string, form views.TicketForm, page ticketFormPage) error {
	err := s.desk.Files.Unstage(c.Request().Context(), actorOf(c), name)
	if err != nil && !errors.Is(err, fault.ErrNotFound) { // pressed twice
		return err
	}
	return s.showTicketForm(c, http.StatusOK, form, page)
}

func (s *server) showTicketForm(c echo.Context, status int, form views.TicketForm, page ticketFormPage) error {
	ctx, actor := c.Request().Context(), actorOf(c)
	var err error
	if form.Categories, err = s.desk.Categories.List(ctx); err != nil {
		return err
	}
	if form.SubmissionID == "" {
		form.SubmissionID = newSubmissionID()
	}
	if form.Kept, err = s.desk.Files.Staged(ctx, actor, form.SubmissionID); err != nil {
		return err
	}
	if form.Ticket.ID == 0 {
		if form.Last, err = s.desk.Tickets.Last(ctx, actor); err != nil {
			return err
		}
	}
	form.MaxUpload = s.desk.Files.MaxUpload()
	return s.render(c, status, page(form))
}
