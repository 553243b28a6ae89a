package pages

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Comments has the forms of comments and chat messages.
type Comments struct{ *core }

// Add adds a comment with its files. htmx gets an empty form and what changed on the
// page; other browsers are redirected to the new entry.
func (s *Comments) Add(c echo.Context) error {
	id, err := s.openTicket(c, desk.ToReply)
	if err != nil {
		return err
	}
	var in desk.CommentInput
	f, err := s.Forms.ReadWithFiles(c)
	web.Bind(f, &in)
	chosen := in.Then
	then, opensNext := strings.CutSuffix(chosen, "next") // "Send and next", "Send, resolve and next"
	opensNext = opensNext && web.ActorOf(c).Can(account.WorkAsStaff)
	in.Then, in.Leaves = strings.TrimSpace(then), opensNext
	if err == nil && f.Get("remove") != "" {
		return s.dropCommentFile(c, f, in)
	}
	if err == nil {
		var e desk.Event
		if e, err = s.Desk.Comments.Add(c.Request().Context(), web.ActorOf(c), id, in); err == nil {
			s.presence.Wrote(id, e.AuthorID)
			if opensNext {
				return s.openNext(c, id, e, in)
			}
			text, err := s.sentText(c, id, in)
			if err != nil {
				return err
			}
			return s.added(c, id, e, text, views.ReplyForm)
		}
	}
	form, status := commentAgain(in, err)
	form.Then, form.Stays = chosen, stays(f)
	if status == 0 || keepsForm(c, status) {
		return err
	}
	if form.SubmissionID != in.SubmissionID {
		if err := s.Desk.Files.MoveStaged(c.Request().Context(), web.ActorOf(c), in.SubmissionID, form.SubmissionID); err != nil {
			return err
		}
	}
	s.FormAgain(c, err)
	return s.showComment(c, status, form)
}

// sentText returns the message after a comment: for staff with the ticket and the status that it
// has, if the form set it.
func (s *Comments) sentText(c echo.Context, id int64, in desk.CommentInput) (string, error) {
	switch {
	case in.Then == "keep":
		return fmt.Sprintf("Your comment is sent, and ticket #%d stays as it is.", id), nil
	case !web.ActorOf(c).Can(account.WorkAsStaff):
		return "Your comment is sent.", nil
	case in.Then == "" && !in.Start:
		return fmt.Sprintf("Your reply to ticket #%d is sent.", id), nil
	}
	t, err := s.Desk.Tickets.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("Your reply is sent, and ticket #%d is %s.", id, strings.ToLower(ui.StatusLabel(t.Status))), nil
}

// openNext answers a comment that was stored with the next ticket of the view in which its ticket
// was opened, or with the view after the last one. If that view is gone, it answers with the queue.
func (s *Comments) openNext(c echo.Context, id int64, e desk.Event, in desk.CommentInput) error {
	text, err := s.sentText(c, id, in)
	if err != nil {
		return err
	}
	t, err := s.Desk.Tickets.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	view, err := s.ticketView(c, t)
	if err != nil {
		return err
	}
	to := ui.WaitingView
	switch {
	case view == nil:
	case view.Gone:
		text += " You no longer have the view in which you opened it."
	default:
		skipped, err := s.skipBusy(c, view)
		if err != nil {
			return err
		}
		text += skipped
		if to = view.Next(); to == "" {
			to = view.Address()
			text += " " + view.End()
		}
	}
	web.Flash(c, "ok", text)
	web.LinkFlash(c, id)
	return web.Leave(c, to)
}

// skipBusy moves the next ticket of a view on to the first one that no colleague has open, and marks the actor as present
// there, so that a colleague who goes on in the same moment gets another one. If there is none, the next
// ticket stays. It returns a sentence about the skipped tickets.
func (s *Comments) skipBusy(c echo.Context, view *views.TicketView) (text string, err error) {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	free, skipped, err := s.Desk.Lists.NextFree(ctx, actor, view.Place, func(ticketID int64) bool { return s.hasColleague(ticketID, actor) })
	if err != nil || free.ID == 0 {
		return "", err
	}
	next, err := s.Desk.Tickets.Get(ctx, actor, free.ID)
	switch {
	case errors.Is(err, fault.ErrNotFound): // it was deleted since
		return "", nil
	case err != nil:
		return "", err
	}
	s.presence.Visit(c, next)
	view.Place.Next = free
	if len(skipped) == 0 {
		return "", nil
	}
	numbers := make([]string, len(skipped))
	for i, id := range skipped {
		numbers[i] = fmt.Sprintf("#%d", id)
	}
	return fmt.Sprintf(" Skipped, because colleagues have them open: %s.", strings.Join(numbers, ", ")), nil
}

// hasColleague reports whether another member of staff has a ticket open.
func (s *Comments) hasColleague(ticketID int64, actor account.Actor) bool {
	return slices.ContainsFunc(s.presence.Present(ticketID, true).People, func(p views.Person) bool { return p.Staff && p.ID != actor.ID })
}

// dropCommentFile removes one staged file and shows the form again.
func (s *Comments) dropCommentFile(c echo.Context, f web.Form, in desk.CommentInput) error {
	if err := s.unstage(c, f.Get("remove")); err != nil {
		return err
	}
	form := commentForm(in)
	form.Stays = stays(f)
	return s.showComment(c, http.StatusOK, form)
}

// Send adds a chat message.
func (s *Comments) Send(c echo.Context) error {
	id, err := s.openTicket(c)
	if err != nil {
		return err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in desk.MessageInput
	web.Bind(f, &in)
	e, err := s.Desk.Comments.Add(c.Request().Context(), web.ActorOf(c), id, in)
	if err == nil {
		s.presence.Wrote(id, e.AuthorID)
		return s.added(c, id, e, "", views.ChatForm)
	}
	form, status := messageAgain(in, err)
	if status == 0 || keepsForm(c, status) {
		return err
	}
	s.FormAgain(c, err)
	return s.showAgain(c, status, views.ChatForm, func(p *views.TicketPage) { p.Message = form })
}

// Notices for a form that was changed and sent again after it had been accepted.
const (
	commentReused = "This form was already sent with other text. That comment is below; send again to add this one too."
	messageReused = "This was already sent with other text. Send again to add this too."
)

// openTicket returns the ticket id in the path. For a form with files it also checks, before any
// file is read, that the actor may see the ticket and perform acts on it. For other forms the
// method of the desk checks.
func (s *core) openTicket(c echo.Context, acts ...desk.Act) (int64, error) {
	id, err := web.PathID(c, "id")
	if err != nil || !hasFiles(c) {
		return id, err
	}
	t, err := s.Desk.Tickets.Get(c.Request().Context(), web.ActorOf(c), id)
	for _, act := range acts {
		if err == nil && !desk.May(web.ActorOf(c), act, t) {
			err = fault.ErrForbidden
		}
	}
	if err != nil {
		return id, s.Forms.Refuse(c, err)
	}
	return id, nil
}

// ticketFor returns the ticket of the path, or [fault.ErrForbidden] if the actor may not perform act on it.
func (s *core) ticketFor(c echo.Context, act desk.Act) (t desk.Ticket, err error) {
	id, err := web.PathID(c, "id")
	if err != nil {
		return t, err
	}
	t, err = s.Desk.Tickets.Get(c.Request().Context(), web.ActorOf(c), id)
	if err == nil && !desk.May(web.ActorOf(c), act, t) {
		err = fault.ErrForbidden
	}
	return t, err
}

// hasFiles reports whether the form of the request may have files.
func hasFiles(c echo.Context) bool {
	return strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm)
}

// keepsForm reports whether the client still has the form, so that the answer need not
// show it: a script does, and so does htmx if the same form can be sent again later.
func keepsForm(c echo.Context, status int) bool {
	return web.WantsJSON(c) || web.IsPartial(c) && (status == http.StatusTooManyRequests || status >= http.StatusInternalServerError)
}

// commentForm returns the form with what was sent.
func commentForm(in desk.CommentInput) views.CommentForm {
	return views.CommentForm{Text: in.Text, SubmissionID: in.SubmissionID, Seen: in.Seen}
}

// stays reports whether the form of a comment had the box that sets the ticket to in progress, and it was
// not checked.
func stays(f web.Form) bool { return f.Values.Has("may_start") && f.Get("start") == "" }

// commentAgain returns the form to show again for an error, and the status. The status is 0
// if the error is not about the form.
func commentAgain(in desk.CommentInput, err error) (again views.CommentForm, status int) {
	again = commentForm(in)
	switch {
	case errors.As(err, &again.Invalid):
		return again, http.StatusUnprocessableEntity
	case errors.As(err, &again.Unseen):
		return again, http.StatusConflict
	case errors.Is(err, fault.ErrKeyReused):
		again.Notice, again.SubmissionID = commentReused, web.NewSubmissionID()
		return again, http.StatusConflict
	}
	again.Notice, status = web.Later(err)
	return again, status
}

// messageAgain is [commentAgain] for a chat message.
func messageAgain(in desk.MessageInput, err error) (again views.MessageForm, status int) {
	again = views.MessageForm{Text: in.Text, SubmissionID: in.SubmissionID}
	switch {
	case errors.As(err, &again.Invalid):
		return again, http.StatusUnprocessableEntity
	case errors.Is(err, fault.ErrKeyReused):
		again.Notice, again.SubmissionID = messageReused, web.NewSubmissionID()
		return again, http.StatusConflict
	}
	again.Notice, status = web.Later(err)
	return again, status
}

// showComment shows the form again with the files that arrived. On a whole page the entries
// that the previous page did not show are marked.
func (s *Comments) showComment(c echo.Context, status int, form views.CommentForm) error {
	if form.SubmissionID == "" {
		form.SubmissionID = web.NewSubmissionID()
	}
	var err error
	if form.Files, err = s.Desk.Files.Staged(c.Request().Context(), web.ActorOf(c), form.SubmissionID); err != nil {
		return err
	}
	return s.showAgain(c, status, views.ReplyForm, func(p *views.TicketPage) {
		if !web.IsPartial(c) && form.Seen > 0 {
			p.Since, form.Seen = form.Seen, 0
		}
		p.Comment = form
	})
}
