package api

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// ShowTicket answers with one ticket.
func (s *API) ShowTicket(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	return s.answerTicketJSON(c, http.StatusOK, id)
}

// answerTicketJSON answers with the ticket as it is now.
func (s *API) answerTicketJSON(c echo.Context, status int, id int64) error {
	body, err := s.ticketBody(c, id)
	if err != nil {
		return err
	}
	return sendJSON(c, status, body)
}

// ticketBody returns the ticket as the actor may see it, and sets its ETag.
func (s *API) ticketBody(c echo.Context, id int64) (web.JSONTicket, error) {
	actor := web.ActorOf(c)
	t, err := s.Desk.Lists.Full(c.Request().Context(), actor, id)
	if err != nil {
		return web.JSONTicket{}, err
	}
	body := web.NewJSONTicket(t, actor)
	c.Response().Header().Set("ETag", ticketTag(body))
	return body, nil
}

// ticketTag returns the ETag of a ticket: its version, and a hash of the answer, because a
// name in the answer may change without the version.
func ticketTag(t web.JSONTicket) string {
	raw, err := json.Marshal(t)
	if err != nil {
		panic(err) // a plain struct
	}
	sum := sha256.Sum256(raw)
	return fmt.Sprintf(`"%d.%x"`, t.Version, sum[:8])
}

// matches compares entity tags weakly (RFC 9110, 13.1.2).
func matches(header, tag string) bool {
	for part := range strings.SplitSeq(header, ",") {
		if part = strings.TrimPrefix(strings.TrimSpace(part), "W/"); part == tag || part == "*" {
			return true
		}
	}
	return false
}

// CreateTicket opens a ticket. As a form it may have one file.
func (s *API) CreateTicket(c echo.Context) error {
	return s.receive(c, "attachment", func(got requestData) error {
		defaults, err := s.Desk.Tickets.Defaults(c.Request().Context())
		if err != nil {
			return err
		}
		in := desk.NewTicketInput{TicketInput: defaults}
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		in.SubmissionID = submissionKey(c, got)
		return s.idempotent(c, got, func() (int, any, error) {
			t, err := s.Desk.Tickets.OpenFor(c.Request().Context(), web.ActorOf(c), in)
			if err != nil {
				return 0, nil, asAPI(err, in)
			}
			c.Response().Header().Set(echo.HeaderLocation, "/api/tickets/"+strconv.FormatInt(t.ID, 10))
			body, err := s.ticketBody(c, t.ID)
			return http.StatusCreated, body, err
		})
	})
}

// JSONUpdate is a change of a ticket. Fields that are not sent stay as they are.
type JSONUpdate struct {
	desk.TicketInput
	Version          int  `form:"version" json:"version" rules:"min=1" doc:"The version of the ticket that you change. Without it the last change wins."`
	RemoveAttachment bool `form:"removeAttachment" json:"removeAttachment" doc:"true removes the ticket’s file."`
}

// UpdateTicket changes the fields that were sent. A new file replaces the ticket's file.
func (s *API) UpdateTicket(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if _, err := s.Desk.Lists.Full(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err // so that no file is read for it
	}
	return s.receive(c, "attachment", func(got requestData) error {
		if err := s.update(c, id, got.key, got); err != nil {
			return asAPI(err, JSONUpdate{})
		}
		return s.answerTicketJSON(c, http.StatusOK, id)
	})
}

// update changes the fields of a ticket that were sent. key is the submission id of a file,
// which replaces the ticket's.
func (s *API) update(c echo.Context, id int64, key string, got requestData) error {
	var in JSONUpdate
	if err := got.into(&in); err != nil {
		return err
	}
	version, err := wantedVersion(c, in.Version)
	if err != nil {
		return err
	}
	_, err = s.Desk.Tickets.Update(c.Request().Context(), web.ActorOf(c), id, desk.PartialEdit{
		Fields:  func(form *desk.TicketInput) { _ = got.into(form) }, // its values were checked above
		Version: version, SubmissionID: key, RemoveFile: in.RemoveAttachment,
	})
	return err
}

// wantedVersion returns the version of the ticket that the client changes, from If-Match or
// the body, or 0 if there is none. A number that is too large for a version is returned as
// a version that no ticket has.
func wantedVersion(c echo.Context, body int) (int, error) {
	header := c.Request().Header.Get("If-Match")
	if header == "" || header == "*" {
		return body, nil
	}
	text, _, _ := strings.Cut(strings.Trim(strings.TrimPrefix(header, "W/"), `"`), ".")
	version, err := strconv.ParseUint(text, 10, 63)
	if err != nil && !errors.Is(err, strconv.ErrRange) || version == 0 {
		return 0, echo.NewHTTPError(http.StatusBadRequest, "If-Match is the ETag of a ticket, or its version.")
	}
	return int(version), nil
}

// SetStatus sets the status.
func (s *API) SetStatus(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	var in desk.StatusInput
	if err := s.readInput(c, &in); err != nil {
		return err
	}
	if in.Version, err = wantedVersion(c, in.Version); err != nil {
		return err
	}
	if _, err := s.Desk.Tickets.TriageStatus(c.Request().Context(), web.ActorOf(c), id, in); err != nil {
		return asAPI(err, in)
	}
	return s.answerTicketJSON(c, http.StatusOK, id)
}

// DeleteTicket deletes a ticket. Users with the permission ManageTrash can restore it for 30 days.
func (s *API) DeleteTicket(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Desk.Tickets.Delete(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// Attach replaces the ticket's file.
func (s *API) Attach(c echo.Context) error {
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
func (s *API) attach(c echo.Context, id int64, key string) error {
	waiting, err := s.Desk.Files.Staged(c.Request().Context(), web.ActorOf(c), key)
	if err != nil || len(waiting) == 0 {
		return err
	}
	return s.update(c, id, key, requestData{})
}
