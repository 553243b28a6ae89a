package pages

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// AddComment adds a comment with its files. htmx gets an empty form and what changed on the
// page; other browsers are redirected to the new entry.
func (s *Pages) AddComment(c echo.Context) error {
	id, err := s.openTicket(c)
	if err != nil {
		return err
	}
	var in desk.CommentInput
	f, err := s.ReadWithFiles(c)
	web.Bind(f, &in)
	if err == nil && f.Get("remove") != "" {
		return s.dropCommentFile(c, f.Get("remove"), in)
	}
	if err == nil {
		var e desk.Event
		if e, err = s.Desk.Comments.Add(c.Request().Context(), web.ActorOf(c), id, in); err == nil {
			return s.added(c, id, e, sentText(id, in), views.Composer)
		}
	}
	form, status := commentAgain(in, err)
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

// sentText returns the message after a comment, with the ticket's new status if the form
// set it.
func sentText(id int64, in desk.CommentInput) string {
	switch in.Then {
	case "resolved":
		return fmt.Sprintf("Your reply is sent, and ticket #%d is resolved.", id)
	case "keep":
		return fmt.Sprintf("Your comment is sent, and ticket #%d stays as it is.", id)
	}
	return "Your comment is sent."
}

// dropCommentFile removes one staged file and shows the form again.
func (s *Pages) dropCommentFile(c echo.Context, name string, in desk.CommentInput) error {
	if err := s.Desk.Files.Unstage(c.Request().Context(), web.ActorOf(c), name); err != nil && !errors.Is(err, fault.ErrNotFound) {
		return err
	}
	return s.showComment(c, http.StatusOK, views.CommentForm{Text: in.Text, SubmissionID: in.SubmissionID, Seen: in.Seen})
}

// SendMessage adds a chat message.
func (s *Pages) SendMessage(c echo.Context) error {
	id, err := s.openTicket(c)
	if err != nil {
		return err
	}
	f, err := s.ReadForm(c, nil)
	if err != nil {
		return err
	}
	var in desk.MessageInput
	web.Bind(f, &in)
	e, err := s.Desk.Comments.Add(c.Request().Context(), web.ActorOf(c), id, in)
	if err == nil {
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

// openTicket returns the ticket id in the path. For a form with files it also checks that
// the actor may see the ticket, before any file is read. For other forms the verb checks.
func (s *Pages) openTicket(c echo.Context) (int64, error) {
	id, err := web.PathID(c, "id")
	if err != nil || !strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
		return id, err
	}
	_, err = s.Desk.Tickets.Get(c.Request().Context(), web.ActorOf(c), id)
	return id, err
}

// keepsForm reports whether the client still has the form, so that the answer need not
// show it: a script does, and so does htmx if the same form can be sent again later.
func keepsForm(c echo.Context, status int) bool {
	return web.WantsJSON(c) || web.IsPartial(c) && (status == http.StatusTooManyRequests || status >= http.StatusInternalServerError)
}

// commentAgain returns the form to show again for an error, and the status. The status is 0
// if the error is not about the form.
func commentAgain(in desk.CommentInput, err error) (again views.CommentForm, status int) {
	again = views.CommentForm{Text: in.Text, SubmissionID: in.SubmissionID, Seen: in.Seen}
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
func (s *Pages) showComment(c echo.Context, status int, form views.CommentForm) error {
	if form.SubmissionID == "" {
		form.SubmissionID = web.NewSubmissionID()
	}
	var err error
	if form.Files, err = s.Desk.Files.Staged(c.Request().Context(), web.ActorOf(c), form.SubmissionID); err != nil {
		return err
	}
	return s.showAgain(c, status, views.Composer, func(p *views.TicketPage) {
		if !web.IsPartial(c) && form.Seen > 0 {
			p.Since, form.Seen = form.Seen, 0
		}
		p.Comment = form
	})
}
