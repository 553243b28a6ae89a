package pages

import (
	"errors"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/fault"
	"frontdesk/internal/upload"
)

// Uploads has uploads and downloads of attachments.
type Uploads struct{ *core }

// Stage stages a file of a form that the user is still filling in.
func (s *Uploads) Stage(c echo.Context) error {
	_, staged, err := s.Forms.Stage(c)
	if err != nil {
		return err
	}
	if len(staged) == 0 {
		return &fault.Invalid{Fields: []fault.FieldError{{Field: "attachment", Message: "Choose a file."}}}
	}
	file := staged[len(staged)-1]
	return c.JSON(http.StatusCreated, map[string]any{
		"name": file.Name, "filename": file.Filename, "size": file.Size, "contentType": upload.MediaType(file.ContentType, file.Charset),
	})
}

// unstage removes a staged file. It is no error if the button was pressed twice.
func (s *core) unstage(c echo.Context, name string) error {
	err := s.Desk.Files.Unstage(c.Request().Context(), web.ActorOf(c), name)
	if errors.Is(err, fault.ErrNotFound) {
		return nil
	}
	return err
}

// Discard removes a staged file, or a file of a ticket.
func (s *Uploads) Discard(c echo.Context) error {
	ticketID, err := s.Desk.Files.Discard(c.Request().Context(), web.ActorOf(c), c.Param("name"))
	switch {
	case err != nil:
		return err
	case web.WantsJSON(c):
		return c.NoContent(http.StatusNoContent)
	case ticketID == 0:
		return web.Done(c, "/tickets/new", "The file is removed.")
	}
	return web.Done(c, web.TicketURL(ticketID), "The file is removed.")
}

// Download serves a file. Browsers show only images; they download other files and run no
// script in any.
func (s *Uploads) Download(c echo.Context) error {
	if s.FileLinks.Has(c) {
		return s.downloadLinked(c)
	}
	file, content, err := s.Desk.Files.Open(c.Request().Context(), web.ActorOf(c), c.Param("name"))
	if err != nil {
		return err
	}
	return web.ServeFile(c, file, web.NewRightsReader(content, s.Rights.WhileSignedIn(c)))
}

// downloadLinked serves a file to a client with a signed link. The download ends when the
// right of the link's maker ends.
func (s *Uploads) downloadLinked(c echo.Context) error {
	maker, file, content, err := s.Desk.Files.OpenLinked(c.Request().Context(), c.QueryParam("by"), c.Param("name"))
	if err != nil {
		return err
	}
	return web.ServeFile(c, file, web.NewRightsReader(content, s.Rights.WhileHolds(c, maker)))
}
