package pages

import (
	"errors"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
)

// Notes has the forms of internal notes.
type Notes struct{ *core }

// Add adds an internal note with its files. htmx gets an empty form; other browsers are
// redirected to the new entry.
func (s *Notes) Add(c echo.Context) error {
	id, err := s.openTicket(c, desk.ToNote)
	if err != nil {
		return err
	}
	var in desk.NoteInput
	f, err := s.Forms.ReadWithFiles(c)
	web.Bind(f, &in)
	if err == nil && f.Get("remove") != "" {
		return s.dropNoteFile(c, f.Get("remove"), in)
	}
	if err == nil {
		var n desk.Note
		if n, err = s.Desk.Notes.Add(c.Request().Context(), web.ActorOf(c), id, in); err == nil {
			return s.noted(c, id, n)
		}
	}
	form, status := noteAgain(in, err)
	if status == 0 || keepsForm(c, status) {
		return err
	}
	if form.SubmissionID != in.SubmissionID {
		if err := s.Desk.Files.MoveStaged(c.Request().Context(), web.ActorOf(c), in.SubmissionID, form.SubmissionID); err != nil {
			return err
		}
	}
	s.FormAgain(c, err)
	return s.showNote(c, status, form)
}

// noted answers a note that was stored.
func (s *Notes) noted(c echo.Context, id int64, n desk.Note) error {
	s.presence.WroteNote(id, n.AuthorID)
	hint := views.Unmentioned(n.Unmentioned)
	if web.IsPartial(c) {
		return s.showPart(c, views.NoteSaved, func(p *views.TicketPage) {
			p.Note.Open, p.Note.SentSeq, p.Note.Hint = true, n.Seq, hint
		})
	}
	tone := "ok"
	if hint != "" {
		tone = "warn"
	}
	if !web.WantsJSON(c) {
		web.Flash(c, tone, strings.TrimSpace("Your internal note is saved. "+hint))
	}
	return s.added(c, id, n.Event, "", views.NoteForm)
}

// noteAgain is [commentAgain] for a note.
func noteAgain(in desk.NoteInput, err error) (again views.NoteFields, status int) {
	again = views.NoteFields{Text: in.Text, SubmissionID: in.SubmissionID}
	switch {
	case errors.As(err, &again.Invalid):
		return again, http.StatusUnprocessableEntity
	case errors.Is(err, fault.ErrKeyReused):
		again.Notice, again.SubmissionID = noteReused, web.NewSubmissionID()
		return again, http.StatusConflict
	}
	again.Notice, status = web.Later(err)
	return again, status
}

// noteReused is the notice for a form that was changed and sent again after it had been
// accepted.
const noteReused = "This form was already sent with other text. That note is above; save again to add this one too."

// dropNoteFile removes one staged file and shows the form again.
func (s *Notes) dropNoteFile(c echo.Context, name string, in desk.NoteInput) error {
	if err := s.unstage(c, name); err != nil {
		return err
	}
	return s.showNote(c, http.StatusOK, views.NoteFields{Text: in.Text, SubmissionID: in.SubmissionID})
}

// showNote shows the form again with the files that arrived.
func (s *Notes) showNote(c echo.Context, status int, form views.NoteFields) error {
	form.Open = true
	if form.SubmissionID == "" {
		form.SubmissionID = web.NewSubmissionID()
	}
	var err error
	if form.Files, err = s.Desk.Files.Staged(c.Request().Context(), web.ActorOf(c), form.SubmissionID); err != nil {
		return err
	}
	return s.showAgain(c, status, views.NoteForm, func(p *views.TicketPage) { p.Note = form })
}

// Delete deletes the text and the files of the actor's own note.
func (s *Notes) Delete(c echo.Context) error {
	id, seq, err := web.PathEntry(c)
	if err != nil {
		return err
	}
	if err := s.Desk.Notes.Delete(c.Request().Context(), web.ActorOf(c), id, seq); err != nil {
		return err
	}
	return web.Done(c, ticketURL(c, id)+"#s"+c.Param("seq"), "Your internal note is deleted.")
}

// suggestedName is a colleague whom the editor of notes offers.
type suggestedName struct {
	Name string `json:"name"`
	Text string `json:"text"` // what mentions them, without the @
}

// SuggestMentions returns the colleagues whom a note can mention and whose name begins with ?q=, as JSON.
func (s *Notes) SuggestMentions(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	found, err := s.Desk.Notes.SuggestMentions(c.Request().Context(), web.ActorOf(c), id, c.QueryParam("q"))
	if err != nil {
		return err
	}
	names := make([]suggestedName, len(found))
	for i, f := range found {
		names[i] = suggestedName{f.Name, f.Text}
	}
	return c.JSON(http.StatusOK, map[string][]suggestedName{"names": names})
}
