package handlers

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// apiShowTicket gives one ticket.
func (s *server) apiShowTicket(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	return s.answerTicketJSON(c, http.StatusOK, id)
}

// answerTicketJSON answers with the ticket as it is now.
func (s *server) answerTicketJSON(c echo.Context, status int, id int64) error {
	body, err := s.ticketBody(c, id)
	if err != nil {
		return err
	}
	return sendJSON(c, status, body)
}

// ticketBody is the ticket as the actor gets it. Its tag goes into the header.
func (s *server) ticketBody(c echo.Context, id int64) (apiTicket, error) {
	actor := actorOf(c)
	t, err := s.desk.Lists.Full(c.Request().Context(), actor, id)
	if err != nil {
		return apiTicket{}, err
	}
	body := ticketJSON(t, actor)
	c.Response().Header().Set("ETag", ticketTag(body))
	return body, nil
}

// ticketTag changes with whatever the answer holds, such as a name, which moves no
// version. Its first part is the version.
func ticketTag(t apiTicket) string {
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

// apiCreateTicket opens a ticket, with one file where it comes as a form.
func (s *server) apiCreateTicket(c echo.Context) error {
	return s.receive(c, "attachment", func(got sent) error {
		in := desk.TicketInput{Category: "General", Priority: string(desk.PriorityMedium)}
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		in.SubmissionID = submissionKey(c, got)
		return s.once(c, got, func() (int, any, error) {
			t, err := s.desk.Tickets.Open(c.Request().Context(), actorOf(c), in)
			if err != nil {
				return 0, nil, asAPI(err, in)
			}
			c.Response().Header().Set(echo.HeaderLocation, "/api/tickets/"+strconv.FormatInt(t.ID, 10))
			body, err := s.ticketBody(c, t.ID)
			return http.StatusCreated, body, err
		})
	})
}

// apiUpdate is what may be changed of a ticket; what is not sent stays.
type apiUpdate struct {
	desk.TicketInput
	Version          int  `form:"version" json:"version" doc:"The version that the change is meant for. Without it the last one to write wins."`
	RemoveAttachment bool `form:"removeAttachment" json:"removeAttachment" doc:"true takes the ticket’s file away."`
}

// apiUpdateTicket changes what was sent. A new file takes the place of the one there is.
func (s *server) apiUpdateTicket(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if _, err := s.desk.Lists.Full(c.Request().Context(), actorOf(c), id); err != nil {
		return err // before any file is read
	}
	return s.receive(c, "attachment", func(got sent) error {
		if err := s.update(c, id, got.key, got); err != nil {
			return asAPI(err, apiUpdate{})
		}
		return s.answerTicketJSON(c, http.StatusOK, id)
	})
}

// update lays what was sent over the ticket. Without a version from the client
// the last one to write wins, and what changed in between is read again.
func (s *server) update(c echo.Context, id int64, key string, got sent) error {
	for try := 0; ; try++ {
		now, err := s.desk.Lists.Full(c.Request().Context(), actorOf(c), id)
		if err != nil {
			return err
		}
		in := apiUpdate{TicketInput: desk.TicketInput{Subject: now.Subject, Description: now.Description, Category: now.Category, Priority: string(now.Priority)}}
		if err := got.into(&in); err != nil {
			return err
		}
		asked, err := wantedVersion(c, in.Version)
		if err != nil {
			return err
		}
		edit := desk.EditInput{TicketInput: in.TicketInput, Version: int(now.Version)}
		if asked != 0 {
			edit.Version = asked
		}
		edit.SubmissionID = key
		if now.Attachment != "" && (len(got.files) > 0 || in.RemoveAttachment) {
			edit.Remove = []string{now.Attachment}
		}
		_, err = s.desk.Tickets.Edit(c.Request().Context(), actorOf(c), id, edit)
		var stale *desk.Stale
		if errors.As(err, &stale) && asked == 0 && try < 3 {
			continue
		}
		return err
	}
}

// wantedVersion is the version that the client's change is meant for, by If-Match
// or in the body; 0 where it does not say. A number that no version can be, such
// as one beyond all integers, is one that no ticket has.
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

// apiSetStatus sets the status.
func (s *server) apiSetStatus(c echo.Context) error {
	id, err := pathID(c, "id")
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
	if !actorOf(c).Can(account.TriageTickets) { // the contract gives it to admins alone
		if _, err := s.desk.Tickets.Get(c.Request().Context(), actorOf(c), id); err != nil {
			return err
		}
		return fault.ErrForbidden
	}
	if _, err := s.desk.Tickets.SetStatus(c.Request().Context(), actorOf(c), id, in); err != nil {
		return asAPI(err, in)
	}
	return s.answerTicketJSON(c, http.StatusOK, id)
}

// apiDeleteTicket takes a ticket away; an admin can bring it back for 30 days.
func (s *server) apiDeleteTicket(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if err := s.desk.Tickets.Delete(c.Request().Context(), actorOf(c), id); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// apiAttach puts a file in the place of the ticket's own.
func (s *server) apiAttach(c echo.Context) error {
	id, err := pathID(c, "id")
	if err != nil {
		return err
	}
	if _, err := s.desk.Lists.Full(c.Request().Context(), actorOf(c), id); err != nil {
		return err
	}
	return s.receive(c, "file", func(got sent) error {
		if len(got.files) == 0 {
			return &fault.Invalid{Fields: []fault.FieldError{{Field: "file", Message: "Send a file as multipart/form-data in the field file."}}}
		}
		return s.once(c, got, func() (int, any, error) {
			if err := s.attach(c, id, submissionKey(c, got), got); err != nil {
				return 0, nil, err
			}
			body, err := s.ticketBody(c, id)
			return http.StatusOK, body, err
		})
	})
}

// attach puts the file that waits under key on the ticket. Where none waits, the
// same request brought it before, and its process ended before it answered.
func (s *server) attach(c echo.Context, id int64, key string, got sent) error {
	waiting, err := s.desk.Files.Staged(c.Request().Context(), actorOf(c), key)
	if err != nil || len(waiting) == 0 {
		return err
	}
	return s.update(c, id, key, sent{files: got.files})
}
