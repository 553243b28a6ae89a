package api

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
)

// Tickets has the endpoints of tickets.
type Tickets struct{ *core }

// Show answers with one ticket.
func (s *Tickets) Show(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	return s.answerTicketJSON(c, http.StatusOK, id)
}

// answerTicketJSON answers with the ticket as it is now.
func (s *core) answerTicketJSON(c echo.Context, status int, id int64) error {
	body, err := s.ticketBody(c, id)
	if err != nil {
		return err
	}
	return sendJSON(c, status, body)
}

// ticketBody returns the ticket as the actor may see it, and sets its ETag.
func (s *core) ticketBody(c echo.Context, id int64) (web.JSONTicket, error) {
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

// Create opens a ticket. As a form it may have one file.
func (s *Tickets) Create(c echo.Context) error {
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

// Update changes the fields that were sent. A new file replaces the ticket's file.
func (s *Tickets) Update(c echo.Context) error {
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
func (s *core) update(c echo.Context, id int64, key string, got requestData) error {
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
func (s *Tickets) SetStatus(c echo.Context) error {
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

// readInput reads a body without files into the struct that into points to.
func (s *Tickets) readInput(c echo.Context, into any) error {
	return s.receive(c, "", func(got requestData) error {
		return asAPI(got.into(into), reflect.ValueOf(into).Elem().Interface())
	})
}

// Delete deletes a ticket. Users with the permission ManageTrash can restore it for [desk.Grace].
func (s *Tickets) Delete(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.Desk.Tickets.Delete(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}
