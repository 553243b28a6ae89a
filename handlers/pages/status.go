package pages

import (
	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/views"
)

// Status has the form with which a requester says that a ticket is solved.
type Status struct{ *core }

// Set sets only the status. Its form is the requester's "This is solved".
func (s *Status) Set(c echo.Context) error {
	var in desk.StatusInput
	id, _, err := s.readTicketForm(c, &in)
	if err != nil {
		return err
	}
	t, err := s.Desk.Tickets.SetStatus(c.Request().Context(), web.ActorOf(c), id, in)
	if form, status := triageAgain(desk.TriageInput{Status: in.Status}, err); status != 0 && !keepsForm(c, status) {
		s.FormAgain(c, err)
		return s.showTriage(c, status, form)
	}
	if err != nil {
		return err
	}
	text := views.Changed(t, desk.TriageInput{Status: in.Status})
	if !desk.May(web.ActorOf(c), desk.ToTriage, t) {
		text += " If it is not solved after all, write a comment and it opens again."
	}
	web.Flash(c, "ok", text)
	if web.IsPartial(c) {
		return s.showPart(c, views.Facts, func(*views.TicketPage) {})
	}
	return web.Done(c, ticketURL(c, id), "")
}

// readTicketForm reads a form without files and binds it to in. It returns the ticket's id
// from the path, and the form.
func (s *core) readTicketForm(c echo.Context, in any) (int64, web.Form, error) {
	id, err := s.openTicket(c)
	if err != nil {
		return 0, web.Form{}, err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return 0, web.Form{}, err
	}
	web.Bind(f, in)
	return id, f, nil
}
