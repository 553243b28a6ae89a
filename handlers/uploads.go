package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// stageUpload takes the files of a form while that is still being filled in.
func (s *server) stageUpload(c echo.Context) error {
	_, staged, err := s.stageForm(c)
	if err != nil {
		return err
	}
	if len(staged) == 0 {
		return &fault.Invalid{Fields: []fault.FieldError{{Field: "attachment", Message: "Choose a file."}}}
	}
	file := staged[len(staged)-1]
	return c.JSON(http.StatusCreated, map[string]any{
		"name": file.Name, "filename": file.Filename, "size": file.Size, "contentType": desk.MediaType(file),
	})
}

// discardUpload takes away a staged file, or one of a ticket.
func (s *server) discardUpload(c echo.Context) error {
	ticketID, err := s.desk.Files.Discard(c.Request().Context(), actorOf(c), c.Param("name"))
	switch {
	case err != nil:
		return err
	case wantsJSON(c):
		return c.NoContent(http.StatusNoContent)
	case ticketID == 0:
		return s.done(c, "/tickets/new", "The file is removed.")
	}
	return s.done(c, ticketURL(ticketID), "The file is removed.")
}

// download serves a file. Whatever its bytes are, a browser shows only images
// and runs nothing of it.
func (s *server) download(c echo.Context) error {
	if s.isLinked(c) {
		return s.downloadLinked(c)
	}
	file, content, err := s.desk.Files.Open(c.Request().Context(), actorOf(c), c.Param("name"))
	if err != nil {
		return err
	}
	return serveFile(c, file, &rightsReader{content, s.whileSignedIn(c)})
}
