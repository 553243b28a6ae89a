package pages

import (
	"cmp"
	"context"
	"net/http"
	"path"
	"strconv"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Show shows a ticket. ?before=SEQ shows the entries before a sequence number.
func (s *Tickets) Show(c echo.Context) error {
	page, err := s.ticketPage(c, web.SeqParam(c, "before"))
	if err != nil {
		return err
	}
	page.Note.Open = c.QueryParam("compose") == "note"
	if err := s.restoreForms(c, page); err != nil {
		return err
	}
	if c.Request().Method == http.MethodGet && !web.IsPartial(c) {
		s.presence.Read(c, page.Timeline.Ticket)
	}
	return s.answerTicket(c, http.StatusOK, page, views.Ticket(page))
}

// ListEvents shows the entries after ?after=SEQ: htmx gets only these, other browsers get
// the ticket with these entries marked.
func (s *Tickets) ListEvents(c echo.Context) error {
	if web.IsPartial(c) {
		return s.showUpdates(c, web.SeqParam(c, "after"))
	}
	page, err := s.ticketPage(c, 0)
	if err != nil {
		return err
	}
	page.Since = web.SeqParam(c, "after")
	return s.answerTicket(c, http.StatusOK, page, views.Ticket(page))
}

// showUpdates answers a page that polls for new entries because it has no socket, or, with ?facts=SEQ, one that
// has the ticket's facts as of that entry.
func (s *Tickets) showUpdates(c echo.Context, after int64) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	t, err := s.Desk.Tickets.Get(ctx, actor, id)
	if err != nil {
		return err
	}
	facts := web.SeqParam(c, "facts")
	page, err := s.updatesPage(ctx, actor, t, cmp.Or(facts, after), facts > 0)
	if err != nil {
		return err
	}
	if facts > 0 {
		return s.RenderBackground(c, views.TicketFacts(page, after))
	}
	s.presence.Visit(c, t)
	if seen := web.SeqParam(c, "seen"); seen > 0 {
		if err := s.presence.See(c, t, seen); err != nil {
			return err
		}
	}
	polled := views.TicketPolled(page, s.presence.Present(id, page.Internal))
	if !page.Internal {
		return s.RenderBackground(c, polled)
	}
	deleted, err := s.Desk.Log.DeletedNotes(ctx, id, after)
	if err != nil {
		return err
	}
	return s.RenderBackground(c, templ.Join(polled, views.ChangedEntries(t, deleted)))
}

// updatesPage reads the entries of a ticket after one of them. With withFacts, the ticket is part of them also if they are
// messages of the chat alone.
func (s *Tickets) updatesPage(ctx context.Context, actor account.Actor, t desk.Ticket, after int64, withFacts bool) (views.UpdatesPage, error) {
	internal := desk.SeesInternal(actor, t)
	updates, err := s.Desk.Log.Updates(ctx, []desk.Position{{TicketID: t.ID, Seq: after, Upto: t.LastSeq, Internal: internal}})
	if err != nil {
		return views.UpdatesPage{}, err
	}
	page := views.UpdatesPage{TicketID: t.ID, Updates: updates[0], Internal: internal}
	if withFacts {
		page.Updates.Ticket = &t
	}
	if desk.May(actor, desk.ToTriage, t) && page.Updates.Ticket != nil {
		page.Categories, err = s.Desk.Categories.List(ctx)
	}
	return page, err
}

// ticketPage reads the page of the ticket in the path, with empty forms.
func (s *core) ticketPage(c echo.Context, before int64) (*views.TicketPage, error) {
	id, err := web.PathID(c, "id")
	if err != nil {
		return nil, err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	t, err := s.Desk.Log.Timeline(ctx, actor, id, desk.TimelineRange{Before: before})
	if err != nil {
		return nil, err
	}
	if err := s.Desk.Mail.AddDeliveryStatuses(ctx, actor, &t); err != nil {
		return nil, err
	}
	if t.Read.Notified && !t.Later {
		readOne(c)
	}
	page := &views.TicketPage{
		Timeline: t, Since: t.Read.Seq, MaxUpload: s.Desk.Files.MaxUpload(),
		Comment:  views.CommentForm{SubmissionID: web.NewSubmissionID()},
		Note:     views.NoteFields{SubmissionID: web.NewSubmissionID()},
		Message:  views.MessageForm{SubmissionID: web.NewSubmissionID()},
		Presence: s.presence.Present(id, desk.SideOf(actor, t.Ticket) == desk.StaffSide),
	}
	if page.View, err = s.ticketView(c, t.Ticket); err != nil {
		return nil, err
	}
	return page, s.fillForStaff(ctx, actor, page)
}

// fillForStaff reads what only staff see on the page of a ticket, as far as the actor may see it.
func (s *core) fillForStaff(ctx context.Context, actor account.Actor, page *views.TicketPage) (err error) {
	t := page.Timeline.Ticket
	if desk.May(actor, desk.ToTriage, t) {
		if page.Categories, err = s.Desk.Categories.List(ctx); err != nil {
			return err
		}
	}
	if desk.SeesInternal(actor, t) {
		if page.Followers, err = s.Desk.Followers.List(ctx, actor, t.ID); err != nil {
			return err
		}
		if page.Others, err = s.Desk.Tickets.OthersOf(ctx, actor, t); err != nil {
			return err
		}
		if page.Mailed, err = s.Desk.Mail.ReachesRequester(ctx, t); err != nil {
			return err
		}
	}
	if desk.May(actor, desk.ToAssign, t) {
		return s.fillAssignment(ctx, actor, page)
	}
	return nil
}

// restoreForms fills the forms with what was typed on this page before the session ended. If the actor
// may not send a form any more, its text is shown instead.
func (s *Tickets) restoreForms(c echo.Context, page *views.TicketPage) (err error) {
	f, ok := s.KeptForms.Take(c)
	if !ok {
		return nil
	}
	form, actor, t := path.Base(f.Get(web.KeptPath)), web.ActorOf(c), page.Timeline.Ticket
	switch act, isShown := restored[form]; {
	case !isShown: // a button
		web.Flash(c, "warn", web.NothingSaved)
		return nil
	case !desk.May(actor, act, t):
		if page.Lost = web.TypedIn(f); len(page.Lost) == 0 {
			web.Flash(c, "warn", web.NothingSaved)
		}
		return nil
	}
	id := f.Get("submission_id")
	switch form {
	case "messages":
		page.Message = views.MessageForm{Text: f.Get("text"), SubmissionID: cmp.Or(id, page.Message.SubmissionID), Notice: web.SessionHadEnded}
	case "notes": // it must never get into the form for a reply
		page.Note.Text, page.Note.Open, page.Note.Notice = f.Get("text"), true, web.SessionHadEnded
		page.Note.SubmissionID = cmp.Or(id, page.Note.SubmissionID)
		page.Note.Files, err = s.Desk.Files.Staged(c.Request().Context(), actor, page.Note.SubmissionID)
	case "triage":
		return s.restoreTriage(c, page, f)
	case "assignment":
		var in desk.AssignmentInput
		web.Bind(f, &in)
		return s.restoreAssignment(c, page, in)
	case "comments":
		page.Comment.Text, page.Comment.Stays, page.Comment.Notice = f.Get("text"), stays(f), web.SessionHadEnded
		page.Comment.SubmissionID = cmp.Or(id, page.Comment.SubmissionID)
		page.Comment.Files, err = s.Desk.Files.Staged(c.Request().Context(), actor, page.Comment.SubmissionID)
	}
	return err
}

// restored has the forms of a ticket's page that [Tickets.restoreForms] restores, by the last part of the
// path to which they are sent, with what their sender must be allowed to do.
var restored = map[string]desk.Act{"comments": desk.ToReply, "messages": desk.ToReply, "notes": desk.ToNote,
	"triage": desk.ToTriage, "assignment": desk.ToAssign}

// restoreTriage shows the choices of a form of triage that was not saved.
func (s *Tickets) restoreTriage(c echo.Context, page *views.TicketPage, f web.Form) error {
	var in desk.TriageInput
	web.Bind(f, &in)
	t := page.Timeline.Ticket
	page.Triage, _ = triageAgain(in, nil)
	page.Triage.Stale = f.Get("version") != strconv.Itoa(int(t.Version))
	page.Triage.Notice = web.SessionHadEnded
	to := triageAssignment(f)
	if to == (desk.AssignmentInput{}) || !desk.May(web.ActorOf(c), desk.ToAssign, t) {
		return nil
	}
	return s.restoreAssignment(c, page, to) // a row of the list has these fields, too
}

// restoreAssignment shows the assignee and the team of a form that was not saved.
func (s *Tickets) restoreAssignment(c echo.Context, page *views.TicketPage, in desk.AssignmentInput) (err error) {
	page.RestoreAssignment(in)
	page.Assignment.Notice = web.SessionHadEnded
	page.Assignment.Chosen, err = s.Desk.Tickets.Colleague(c.Request().Context(), web.ActorOf(c), page.Assignment.Assignee)
	return err
}

// answerTicket sends the page, or a part of it, and marks its entries as read, except for a
// HEAD request or a page of earlier entries. They are marked also if the client has closed the connection:
// curl and lynx do that as soon as they have the whole answer.
func (s *Tickets) answerTicket(c echo.Context, status int, page *views.TicketPage, part templ.Component) error {
	if err := s.Render(c, status, part); err != nil {
		return err
	}
	t := page.Timeline
	if c.Request().Method == http.MethodHead || t.Later {
		return nil
	}
	return s.Desk.Log.MarkRead(context.WithoutCancel(c.Request().Context()), web.ActorOf(c), t.Ticket.ID, t.Last(), t.Read)
}

// showAgain shows a form of the page after an error, with what fill sets: htmx gets only
// the form, other browsers get the whole page.
func (s *core) showAgain(c echo.Context, status int, part func(*views.TicketPage) templ.Component, fill func(*views.TicketPage)) error {
	page, err := s.ticketPage(c, 0)
	if err != nil {
		return err
	}
	fill(page)
	if web.IsPartial(c) {
		return s.Render(c, status, part(page))
	}
	return s.Render(c, status, views.Ticket(page))
}

// added answers an entry that was stored. A script gets its sequence number,
// htmx gets an empty form, and other browsers are redirected to the new entry. A page with
// scripts gets the entry itself through its socket or poll.
func (s *core) added(c echo.Context, id int64, e desk.Event, flash string, form func(*views.TicketPage) templ.Component) error {
	switch {
	case web.WantsJSON(c):
		return c.JSON(http.StatusCreated, map[string]int64{"seq": e.Seq})
	case web.IsPartial(c):
		return s.showPart(c, form, func(p *views.TicketPage) { p.Comment.SentSeq = e.Seq })
	}
	return web.Done(c, ticketURL(c, id)+"#s"+strconv.FormatInt(e.Seq, 10), flash)
}

// showPart answers htmx after an action with the part of the page that has the form, and the
// flash.
func (s *core) showPart(c echo.Context, part func(*views.TicketPage) templ.Component, fill func(*views.TicketPage)) error {
	page, err := s.ticketPage(c, 0)
	if err != nil {
		return err
	}
	fill(page)
	return s.Render(c, http.StatusOK, templ.Join(part(page), ui.FlashToast()))
}
