package handlers

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
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
		if e, err = s.desk.Comment(c.Request().Context(), actorOf(c), id, in); err == nil {
			return s.said(c, id, e, "Your comment is sent.", views.Composer)
		}
	}
	form, status := commentAgain(in, err)
	if status == 0 {
		return err
	}
	if form.SubmissionID != in.SubmissionID {
		if err := s.desk.MoveStaged(c.Request().Context(), actorOf(c), in.SubmissionID, form.SubmissionID); err != nil {
			return err
		}
	}
	return s.showComment(c, status, form)
}

// dropCommentFile forgets one staged file and shows the form again.
func (s *server) dropCommentFile(c echo.Context, name string, in desk.CommentInput) error {
	if err := s.desk.Unstage(c.Request().Context(), actorOf(c), name); err != nil && !errors.Is(err, desk.ErrNotFound) {
		return err
	}
	return s.showComment(c, http.StatusOK, views.CommentForm{Text: in.Text, SubmissionID: in.SubmissionID})
}

// sendMessage takes a chat line.
func (s *server) sendMessage(c echo.Context) error {
	id, err := s.openTicket(c)
	if err != nil {
		return err
	}
	f, err := readForm(c, nil)
	if err != nil {
		return err
	}
	var in desk.MessageInput
	bind(f, &in)
	e, err := s.desk.SendMessage(c.Request().Context(), actorOf(c), id, in)
	if err == nil {
		return s.said(c, id, e, "", views.ChatForm)
	}
	form := views.LineForm{Text: in.Text, SubmissionID: in.SubmissionID}
	status := http.StatusUnprocessableEntity
	var ok bool
	if form.Invalid, ok = asInvalid(err); !ok {
		if !errors.Is(err, desk.ErrKeyReused) {
			return err
		}
		form.Notice, form.SubmissionID, status = lineReused, newSubmissionID(), http.StatusConflict
	}
	return s.showAgain(c, status, views.ChatForm, func(p *views.TicketPage) { p.Line = form })
}

const (
	commentReused = "This form was sent before with another text. That comment is below; send again to add this one too."
	lineReused    = "This was sent before with other words. Send again to add these too."
)

// openTicket is the id in the path of a ticket. Where files come with the form,
// it has to be one that the actor may see before any of them is read; without,
// the verb that takes the form tells.
func (s *server) openTicket(c echo.Context) (int64, error) {
	id, err := pathID(c, "id")
	if err != nil || !strings.HasPrefix(c.Request().Header.Get(echo.HeaderContentType), echo.MIMEMultipartForm) {
		return id, err
	}
	_, err = s.desk.Ticket(c.Request().Context(), actorOf(c), id)
	return id, err
}

// commentAgain is the form to show again, and with which status; 0 where the
// error is none that a form can answer.
func commentAgain(in desk.CommentInput, err error) (views.CommentForm, int) {
	again := views.CommentForm{Text: in.Text, SubmissionID: in.SubmissionID}
	if inv, ok := asInvalid(err); ok {
		again.Invalid = inv
		return again, http.StatusUnprocessableEntity
	}
	if errors.Is(err, desk.ErrKeyReused) {
		again.Notice, again.SubmissionID = commentReused, newSubmissionID()
		return again, http.StatusConflict
	}
	return again, 0
}

// showComment shows the form again with the files that arrived.
func (s *server) showComment(c echo.Context, status int, form views.CommentForm) error {
	if form.SubmissionID == "" {
		form.SubmissionID = newSubmissionID()
	}
	var err error
	if form.Files, err = s.desk.Staged(c.Request().Context(), actorOf(c), form.SubmissionID); err != nil {
		return err
	}
	return s.showAgain(c, status, views.Composer, func(p *views.TicketPage) { p.Comment = form })
}
