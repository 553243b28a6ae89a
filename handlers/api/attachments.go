package api

import (
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// Attachments has the endpoints of attachments.
type Attachments struct{ *core }

// JSONLink is a signed link.
type JSONLink struct {
	URL       string `json:"url" doc:"A path of the desk, which can be fetched without a token."`
	ExpiresIn int    `json:"expiresIn" doc:"Seconds."`
}

// Link answers with a signed link to a file that the actor may see.
func (s *Attachments) Link(c echo.Context) error {
	name := c.Param("name")
	return s.idempotentAnonymous(c, func() (int, any, error) {
		by, err := s.Desk.Files.Link(c.Request().Context(), web.ActorOf(c), name)
		if err != nil {
			return 0, nil, err
		}
		return http.StatusCreated, JSONLink{s.FileLinks.Address(name, by), int(web.LinkTime / time.Second)}, nil
	})
}

// Replace replaces the ticket's file.
func (s *Attachments) Replace(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	actor := web.ActorOf(c)
	t, err := s.Desk.Lists.Full(c.Request().Context(), actor, id)
	switch {
	case err != nil:
		return err
	case !desk.May(actor, desk.ToEdit, desk.Ticket{RequesterID: t.RequesterID}):
		return fault.ErrForbidden
	}
	return s.receive(c, "file", func(got requestData) error {
		if len(got.files) == 0 {
			return &fault.Invalid{Fields: []fault.FieldError{{Field: "file", Message: "Send a file as multipart/form-data in the field file."}}}
		}
		return s.idempotent(c, got, func() (int, any, error) {
			if err := s.attach(c, id, submissionKey(c, got)); err != nil {
				return 0, nil, err
			}
			body, err := s.ticketBody(c, id)
			return http.StatusOK, body, err
		})
	})
}

// attach puts the file that is staged under key on the ticket. If none is staged, the same
// request has attached it before, and the program ended before it answered.
func (s *Attachments) attach(c echo.Context, id int64, key string) error {
	waiting, err := s.Desk.Files.Staged(c.Request().Context(), web.ActorOf(c), key)
	if err != nil || len(waiting) == 0 {
		return err
	}
	return s.update(c, id, key, requestData{})
}
