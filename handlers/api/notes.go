package api

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
)

// ListNotes lists a ticket's internal notes, the oldest first.
func (s *API) ListNotes(c echo.Context) error {
	return s.listEntries(c, event.KindNote, func(id int64, said desk.AuthoredEntry) any { return web.NewJSONNote(id, said) })
}

// AddNote adds an internal note.
func (s *API) AddNote(c echo.Context) error {
	return addEntry(s, c, func(id int64, key string, in desk.NoteInput) (desk.Event, error) {
		in.SubmissionID = key
		n, err := s.Desk.Notes.Add(c.Request().Context(), web.ActorOf(c), id, in)
		return n.Event, err
	}, func(id int64, said desk.AuthoredEntry) any { return web.NewJSONNote(id, said) })
}

// DeleteNote deletes the text and the files of the actor's own note.
func (s *API) DeleteNote(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	seq, err := web.PathID(c, "seq")
	if err != nil {
		return err
	}
	if err := s.Desk.Notes.Delete(c.Request().Context(), web.ActorOf(c), id, seq); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
