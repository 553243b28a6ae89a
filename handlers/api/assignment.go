package api

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
)

// Assignment has the endpoint that assigns a ticket.
type Assignment struct{ *core }

// Set sets the assignee and the team of a ticket. Fields that are not sent stay as they are.
func (s *Assignment) Set(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	return s.receive(c, "", func(got requestData) error {
		got.idsAsText("assignee", "team", "wasAssignee", "wasTeam")
		var in desk.AssignmentInput
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		out, err := s.Desk.Tickets.Assign(c.Request().Context(), web.ActorOf(c), id, in)
		switch {
		case err != nil:
			return asAPI(err, in)
		case out.Gone:
			return c.NoContent(http.StatusNoContent)
		}
		return s.answerTicketJSON(c, http.StatusOK, id)
	})
}

// idsAsText turns ids that were sent as numbers into texts, and null into [desk.AssignNone].
func (s requestData) idsAsText(names ...string) {
	for _, name := range names {
		switch value, sent := s.values[name]; v := value.(type) {
		case json.Number:
			s.values[name] = v.String()
		case nil:
			if sent {
				s.values[name] = desk.AssignNone
			}
		}
	}
}
