package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
)

// Notes has the endpoints of internal notes.
type Notes struct{ *core }

// List lists a ticket's internal notes, the oldest first.
func (s *Notes) List(c echo.Context) error {
	return s.listEntries(c, event.KindNote, func(id int64, e desk.AuthoredEntry) any { return web.NewJSONNote(id, e) })
}

// JSONAddedNote is an internal note that was just added.
type JSONAddedNote struct {
	web.JSONNote
	Unmentioned []JSONUnmentioned `json:"unmentioned" doc:"The names after an @ that mention no colleague, each once."`
}

// JSONUnmentioned is a name in a note that mentions no colleague.
type JSONUnmentioned struct {
	Name   string `json:"name"`
	Reason string `json:"reason" enum:"unknown ambiguous beyond" doc:"Why: no colleague who may read the ticket has the name; several have it, so that the whole name or the e-mail address is needed; or 30 names precede it: it and the names after it were not looked up."`
}

// Add adds an internal note.
func (s *Notes) Add(c echo.Context) error {
	if err := s.checkUpload(c, desk.ToNote); err != nil {
		return err
	}
	return addEntry(s.core, c, "attachment", func(id int64, key string, in desk.NoteInput) (any, error) {
		in.SubmissionID = key
		actor := web.ActorOf(c)
		n, err := s.Desk.Notes.Add(c.Request().Context(), actor, id, in)
		out := JSONAddedNote{web.NewJSONNote(id, web.AuthoredBy(actor, n.Event)), []JSONUnmentioned{}}
		for _, u := range n.Unmentioned {
			out.Unmentioned = append(out.Unmentioned, JSONUnmentioned{u.Name, string(u.Reason)})
		}
		return out, err
	})
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
	return c.NoContent(http.StatusNoContent)
}
