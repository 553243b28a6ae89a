package api

import (
	"encoding/json"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
)

// JSONAssignment sets who works on a ticket. Fields that are not sent stay as they are.
type JSONAssignment struct {
	Assignee string `form:"assignee" json:"assignee" rules:"max=20" doc:"A user’s id, me, or none; null is none. With me an assigned ticket is not taken: the answer is 409."`
	Team     string `form:"team" json:"team" rules:"max=20" doc:"A team’s id, or none; null is none."`

	WasAssignee string `form:"wasAssignee" json:"wasAssignee" rules:"max=20" doc:"The assignee that you know, or none. If there is another one now, the answer is 409."`
	WasTeam     string `form:"wasTeam" json:"wasTeam" rules:"max=20" doc:"The team that you know, or none. If there is another one now, the answer is 409."`
}

// Assign sets the assignee and the team of a ticket.
func (s *API) Assign(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	return s.receive(c, "", func(got requestData) error {
		got.idsAsText("assignee", "team", "wasAssignee", "wasTeam")
		var in JSONAssignment
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		out, err := s.Desk.Tickets.Assign(c.Request().Context(), web.ActorOf(c), id, desk.AssignmentInput(in))
		switch {
		case err != nil:
			return asAPI(err, in)
		case out.Gone:
			return c.NoContent(http.StatusNoContent)
		}
		return s.answerTicketJSON(c, http.StatusOK, id)
	})
}

// idsAsText turns ids that were sent as numbers into texts, and null into "none".
func (s requestData) idsAsText(names ...string) {
	for _, name := range names {
		switch value, sent := s.values[name]; v := value.(type) {
		case json.Number:
			s.values[name] = v.String()
		case nil:
			if sent {
				s.values[name] = "none"
			}
		}
	}
}
