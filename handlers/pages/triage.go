package pages

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Triage has the form in which staff change the status, priority and category of a ticket.
type Triage struct{ *core }

// Save saves the status, priority, category, assignee and team that staff chose for a ticket.
func (s *Triage) Save(c echo.Context) error {
	var in desk.TriageInput
	id, f, err := s.readTicketForm(c, &in)
	if err != nil {
		return err
	}
	to := triageAssignment(f)
	actor := web.ActorOf(c)
	out, err := s.Desk.Tickets.TriageAndAssign(c.Request().Context(), actor, id, in, to)
	form, status := triageAgain(in, err)
	back := web.LocalPath(f.Get("return"), "")
	if err == nil {
		web.Flash(c, "ok", views.Triaged(out, actor, in, to))
		if to == (desk.AssignmentInput{}) { // undo restores the other fields only
			web.OfferUndo(c, undoOf(out.Ticket, in, back))
		}
	}
	if back != "" && status != http.StatusTooManyRequests {
		return s.triagedInQueue(c, back, id, err)
	}
	if status != 0 && !keepsForm(c, status) {
		s.FormAgain(c, err)
		return s.showTriage(c, status, form)
	}
	if err != nil {
		return err
	}
	switch {
	case out.Gone:
		return web.Leave(c, ui.Home(actor))
	case web.IsPartial(c):
		return s.showPart(c, views.Triage, func(*views.TicketPage) {})
	}
	return web.Done(c, ticketURL(c, id), "")
}

// triageAssignment returns the assignee and the team that were chosen in a form of triage. A field
// that the form does not have, or that was left as it is, is empty.
func triageAssignment(f web.Form) (to desk.AssignmentInput) {
	if f.Values.Has("assignee") && f.Get("assignee") != f.Get("was_assignee") {
		to.Assignee, to.WasAssignee = f.Get("assignee"), f.Get("was_assignee")
	}
	if f.Values.Has("team") && f.Get("team") != f.Get("was_team") {
		to.Team, to.WasTeam = f.Get("team"), f.Get("was_team")
	}
	return to
}

// undoOf returns the undo of a triage whose result is t. It returns the zero value if
// nothing changed, or if the form did not have the values from before.
func undoOf(t desk.Ticket, in desk.TriageInput, back string) ui.Undo {
	now := ui.Choice{Status: t.Status, Priority: t.Priority, Category: t.CategoryID}
	was, changed := now, in.Changed()
	if changed.Status != "" {
		was.Status = desk.Status(in.WasStatus)
	}
	if changed.Priority != "" {
		was.Priority = desk.Priority(in.WasPriority)
	}
	if changed.Category != "" {
		was.Category, _ = strconv.ParseInt(in.WasCategory, 10, 64)
	}
	if was == now || len(back) > web.MaxFlash || !was.Status.Valid() || !was.Priority.Valid() || was.Category == 0 {
		return ui.Undo{}
	}
	return ui.Undo{Ticket: t.ID, Was: was, Now: now, Version: t.Version, Return: back}
}

// triageAgain returns the form to show again with what was changed in it, and the status.
// The status is 0 if the error is not about the form.
func triageAgain(in desk.TriageInput, err error) (views.TriageForm, int) {
	chosen := in.Changed()
	again := views.TriageForm{Status: chosen.Status, Priority: chosen.Priority, Category: chosen.Category}
	var stale *desk.Stale
	if errors.As(err, &stale) {
		again.Stale = true
		return again, http.StatusConflict
	}
	if inv, ok := web.AsInvalid(err); ok {
		again.Invalid = inv
		return again, http.StatusUnprocessableEntity
	}
	var status int
	again.Notice, status = web.Later(err)
	return again, status
}

// showTriage shows the ticket with the form of the triage as given.
func (s *core) showTriage(c echo.Context, status int, form views.TriageForm) error {
	return s.showAgain(c, status, views.Triage, func(p *views.TicketPage) { p.Triage = form })
}
