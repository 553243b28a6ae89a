package pages

import (
	"context"
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/search"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Assignment has the form that assigns a ticket.
type Assignment struct{ *core }

// fillAssignment reads what the form of the assignee offers: teams, and members of the ticket's team.
func (s *core) fillAssignment(ctx context.Context, actor account.Actor, page *views.TicketPage) (err error) {
	if page.Assignment.Teams, err = s.Desk.Teams.List(ctx, actor); err != nil {
		return err
	}
	page.Assignment.People, err = s.Desk.Tickets.Assignable(ctx, page.Timeline.Ticket)
	return err
}

// Set sets the assignee and the team of a ticket. If another user changed the same field first, it answers 409 with
// a page that names them.
func (s *Assignment) Set(c echo.Context) error {
	var in desk.AssignmentInput
	id, f, err := s.readTicketForm(c, &in)
	if err != nil {
		return err
	}
	actor := web.ActorOf(c)
	out, err := s.Desk.Tickets.Assign(c.Request().Context(), actor, id, in)
	form, status := assignmentAgain(in, err)
	if status != 0 && !keepsForm(c, status) {
		s.FormAgain(c, err)
		if form.Chosen, err = s.Desk.Tickets.Colleague(c.Request().Context(), actor, form.Assignee); err != nil {
			return err
		}
		return s.showAgain(c, status, views.Assignment, func(p *views.TicketPage) {
			form.Teams, form.People = p.Assignment.Teams, p.Assignment.People
			p.Assignment = form
		})
	}
	if err != nil {
		return err
	}
	return s.assigned(c, out, web.LocalPath(f.Get("return"), ""))
}

// assigned answers an assignment that was stored.
func (s *Assignment) assigned(c echo.Context, out desk.Assigned, back string) error {
	actor := web.ActorOf(c)
	text := views.Assigned(out.Ticket, actor, out.Gone)
	switch {
	case back != "":
		return web.Done(c, back, text)
	case out.Gone:
		web.Flash(c, "ok", text)
		return web.Leave(c, ui.Home(actor))
	case web.IsPartial(c):
		web.Flash(c, "ok", text)
		return s.showPart(c, views.AssignmentSaved, func(*views.TicketPage) {})
	}
	return web.Done(c, ticketURL(c, out.Ticket.ID), text)
}

// assignmentAgain returns the form to show again with what was chosen in it, and the status. The
// status is 0 if the error is not about the form.
func assignmentAgain(in desk.AssignmentInput, err error) (views.AssignmentForm, int) {
	again := views.AssignmentForm{Assignee: in.Assignee, Team: in.Team}
	switch {
	case errors.As(err, &again.Taken):
		if again.Taken.Team {
			again.Team = ""
		} else {
			again.Assignee = ""
		}
		return again, http.StatusConflict
	case errors.As(err, &again.Invalid):
		return again, http.StatusUnprocessableEntity
	}
	var status int
	again.Notice, status = web.Later(err)
	return again, status
}

// Find shows the page that finds an assignee by name or e-mail address.
func (s *Assignment) Find(c echo.Context) error {
	t, err := s.ticketFor(c, desk.ToAssign)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	page := views.AssigneePage{Ticket: t, Q: search.Clean(c.QueryParam("q"))}
	if page.Found, err = s.Desk.Teams.FindStaff(ctx, actor, page.Q, t.TeamID); err != nil {
		return err
	}
	return s.Render(c, http.StatusOK, views.AssigneeSearch(page))
}
