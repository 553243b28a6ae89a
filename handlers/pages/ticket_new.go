package pages

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/views"
)

// New shows the form of a new ticket. With ?requester=NAME, htmx gets only the choice among
// the users with this name.
func (s *Tickets) New(c echo.Context) error {
	form := views.TicketForm{}
	form.Priority, form.SubmissionID = string(desk.DefaultPriority), web.NewSubmissionID()
	form.Requester = c.QueryParam("requester")
	if web.IsPartial(c) {
		if err := s.findRequesters(c, &form); err != nil {
			return err
		}
		return s.Render(c, http.StatusOK, views.Requesters(form.Requesters))
	}
	if kept, ok := s.KeptForms.Restore(c, web.Has("subject")); ok {
		web.Bind(kept, &form.TicketInput)
		web.Bind(kept, &form.ForInput)
		form.SubmissionID = cmp.Or(form.SubmissionID, web.NewSubmissionID())
	}
	return s.showTicketForm(c, http.StatusOK, form, views.TicketNew)
}

// Create opens a ticket. After an error, or to remove a file, it shows the form again
// with all that was typed and every file that arrived.
func (s *Tickets) Create(c echo.Context) error {
	f, err := s.Forms.ReadWithFiles(c)
	form := views.TicketForm{}
	web.Bind(f, &form.EditInput)
	web.Bind(f, &form.ForInput)
	if f.Get("requester_found") == form.Requester { // the choice is among the users with another name otherwise
		form.Requester = cmp.Or(f.Get("requester_choice"), form.Requester)
	}
	if err == nil && f.Get("remove") != "" {
		return s.dropFile(c, f.Get("remove"), form, views.TicketNew)
	}
	var t desk.Ticket
	if err == nil {
		t, err = s.Desk.Tickets.OpenFor(c.Request().Context(), web.ActorOf(c), desk.NewTicketInput{TicketInput: form.TicketInput, ForInput: form.ForInput})
	}
	if err == nil {
		if t.RequesterID != web.ActorOf(c).ID {
			s.Sessions.Put(c.Request().Context(), keyOpened, strconv.FormatInt(t.ID, 10))
		}
		return web.Done(c, web.TicketURL(t.ID), fmt.Sprintf("Ticket #%d is sent.", t.ID))
	}
	status, err := s.ticketFormAgain(c, &form, err)
	if err != nil {
		return err
	}
	return s.showTicketForm(c, status, form, views.TicketNew)
}

// keyOpened is the key of the last ticket that was opened for another user, in the data of the session.
const keyOpened = "opened"

// ticketReused is the notice for a form that was changed and sent again after it had been
// accepted.
const ticketReused = "This form was already sent with other text, and that ticket exists. Send again to open another ticket with this text."

// ticketFormAgain sets the errors and the notice of a form that is shown again, and returns
// the status. It returns err if that is not about the form.
func (s *Tickets) ticketFormAgain(c echo.Context, form *views.TicketForm, err error) (int, error) {
	if inv, ok := web.AsInvalid(err); ok {
		form.Invalid = inv
		if inv.Field("attachment") != "" { // the text was not looked at yet
			in := form.TicketInput
			form.Invalid = input.Faults(&in, inv)
		}
		return http.StatusUnprocessableEntity, nil
	}
	if notice, status := web.Later(err); status != 0 {
		form.Notice = notice
		s.FormAgain(c, err)
		return status, nil
	}
	if errors.Is(err, fault.ErrKeyReused) {
		old := form.SubmissionID
		form.Notice, form.SubmissionID = ticketReused, web.NewSubmissionID()
		return http.StatusConflict, s.Desk.Files.MoveStaged(c.Request().Context(), web.ActorOf(c), old, form.SubmissionID)
	}
	return 0, err
}

// findRequesters fills the choice among the users with the name in the field for the requester. The error of the
// field then says what to do.
func (s *Tickets) findRequesters(c echo.Context, form *views.TicketForm) (err error) {
	actor := web.ActorOf(c)
	if !desk.MayOpenFor(actor) {
		return nil
	}
	if form.Requesters, err = s.Desk.Tickets.FindRequesters(c.Request().Context(), actor, form.Requester); err != nil {
		return err
	}
	switch found := form.Requesters; {
	case len(found.Rows) > 0:
		form.Invalid = form.Invalid.WithMessage("requester", "Choose below who it is.")
	case found.Searched:
		form.Invalid = form.Invalid.WithMessage("requester", "Write another part of the name, or the whole e-mail address, such as ana@example.org.")
	}
	return nil
}

// dropFile removes one staged file and shows the form again.
func (s *Tickets) dropFile(c echo.Context, name string, form views.TicketForm, page ticketFormPage) error {
	if err := s.unstage(c, name); err != nil {
		return err
	}
	return s.showTicketForm(c, http.StatusOK, form, page)
}

// showTicketForm shows the page with the form, its categories and its staged files.
func (s *Tickets) showTicketForm(c echo.Context, status int, form views.TicketForm, page ticketFormPage) error {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	var err error
	if form.Categories, err = s.Desk.Categories.List(ctx); err != nil {
		return err
	}
	if form.SubmissionID == "" {
		form.SubmissionID = web.NewSubmissionID()
	}
	if form.Kept, err = s.Desk.Files.Staged(ctx, actor, form.SubmissionID); err != nil {
		return err
	}
	if form.Ticket.ID == 0 {
		if err := s.findRequesters(c, &form); err != nil {
			return err
		}
		if form.Last, err = s.Desk.Tickets.Last(ctx, actor); err != nil {
			return err
		}
		opened, _ := strconv.ParseInt(s.Sessions.GetString(ctx, keyOpened), 10, 64)
		form.Last = max(form.Last, opened)
	}
	form.MaxUpload = s.Desk.Files.MaxUpload()
	return s.Render(c, status, page(form))
}
