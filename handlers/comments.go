package handlers

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// addComment takes a comment with its files. htmx gets the form empty again and
// what changed on the page; others are led to the new entry.
func (s *server) addComment(c echo.Context) error {
	id, err := s.openTicket(c)
	if err != nil {
		return err
	}
	var in desk.CommentInput
	f, err := s.readWithFiles(c)
	bind(f, &in)
	if err == nil && f.get("remove") != "" {
		return s.dropCommentFile(c, f.get("remove"), in)
	}
	if err == nil {
		var e desk.Event
		if e, err = s.desk.Comments.Add(c.Request().Context(), actorOf(c), id, in); err == nil {
			return s.said(c, id, e, sentWord(id, in), views.Composer)
		}
	}
	form, status := commentAgain(in, err)
	if status == 0 || keepsForm(c, status) {
		return err
	}
	if form.SubmissionID != in.SubmissionID {
		if err := s.desk.Files.MoveStaged(c.Request().Context(), actorOf(c), in.SubmissionID, form.SubmissionID); err != nil {
			return err
		}
	}
	s.formAgain(c, err)
	return s.showComment(c, status, form)
}

// sentWord says what was sent, and what became of the ticket where the form said so.
func sentWord(id int64, in desk.CommentInput) string {
	switch in.Then {
	case "resolved":
		return fmt.Sprintf("Your reply is sent, and ticket #%d is resolved.", id)
	case "keep":
		return fmt.Sprintf("Your comment is sent, and ticket #%d stays as it is.", id)
	}
	return "Your comment is sent."
}

// dropCommentFile forgets one staged file and shows the form again.
func (s *server) dropCommentFile(c echo.Context, name string, in desk.CommentInput) error {
	if err := s.desk.Files.Unstage(c.Request().Context(), actorOf(c), name); err != nil && !errors.Is(err, fault.ErrNotFound) {
		return err
	}
	return s.showComment(c, http.StatusOK, views.CommentForm{Text: in.Text, SubmissionID: in.SubmissionID, Seen: in.Seen})
}

// sendMessage takes a chat line.
func (s *server) sendMessage(c echo.Context) error {
	id, err := s.openTicket(c)
	if err != nil {
		return err
	}
	f, err := s.readForm(c, nil)
	if err != nil {
		return err
	}
	var in desk.MessageInput
	bind(f, &in)
	e, err := s.desk.Comments.Add(c.Request().Context(), actorOf(c), id, in)
	if err == nil {
		return s.said(c, id, e, "", views.ChatForm)
	}
	form, status := messageAgain(in, err)
	if status == 0 || keepsForm(c, status) {
		return err
	}
	s.formAgain(c, err)
	return s.showAgain(c, status, views.ChatForm, func(p *views.TicketPage) { p.Message = form })
}

const (
	commentReused = "This form was already sent with other text. That comment is below; send again to add this one too."
	lineReused    = "This was already sent with other text. Send again to add this too."
)

// openTicket is the id in the path of a ticket. Where files come with the form,
// it has to be one that the actor may see before any of them is read; without,
// the verb that takes the form tells.
func (s *server) openTicket(c echo.Context) (int64, error) {
	id, err := pathID(c, "id")
	if err != nil || !strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
		return id, err
	}
	_, err = s.desk.Tickets.Get(c.Request().Context(), actorOf(c), id)
	return id, err
}

// keepsForm reports whether the client needs no form back: a script has it, and
// htmx leaves the one on the page if the same form can be sent again later.
func keepsForm(c echo.Context, status int) bool {
	return wantsJSON(c) || isPartial(c) && (status == http.StatusTooManyRequests || status >= http.StatusInternalServerError)
}

// commentAgain is the form to show again, and with which status; 0 where the
// error is none that a form can answer.
func commentAgain(in desk.CommentInput, err error) (again views.CommentForm, status int) {
	again = views.CommentForm{Text: in.Text, SubmissionID: in.SubmissionID, Seen: in.Seen}
	switch {
	case errors.As(err, &again.Invalid):
		return again, http.StatusUnprocessableEntity
	case errors.As(err, &again.Unseen):
		return again, http.StatusConflict
	case errors.Is(err, fault.ErrKeyReused):
		again.Notice, again.SubmissionID = commentReused, newSubmissionID()
		return again, http.StatusConflict
	}
	again.Notice, status = later(err)
	return again, status
}

// messageAgain is commentAgain for a chat message.
func messageAgain(in desk.MessageInput, err error) (again views.MessageForm, status int) {
	again = views.MessageForm{Text: in.Text, SubmissionID: in.SubmissionID}
	switch {
	case errors.As(err, &again.Invalid):
		return again, http.StatusUnprocessableEntity
	case errors.Is(err, fault.ErrKeyReused):
		again.Notice, again.SubmissionID = lineReused, newSubmissionID()
		return again, http.StatusConflict
	}
	again.Notice, status = later(err)
	return again, status
}

// showComment shows the form again with the files that arrived. A whole page
// shows the log anew with it, and marks what the page before did not show.
func (s *server) showComment(c echo.Context, status int, form views.CommentForm) error {
	if form.SubmissionID == "" {
		form.SubmissionID = newSubmissionID()
	}
	var err error
	if form.Files, err = s.desk.Files.Staged(c.Request().Context(), actorOf(c), form.SubmissionID); err != nil {
		return err
	}
	return s.showAgain(c, status, views.Composer, func(p *views.TicketPage) {
		if !isPartial(c) && form.Seen > 0 {
			p.Since, form.Seen = form.Seen, 0
		}
		p.Comment = form
	})
}
