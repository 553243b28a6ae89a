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
}

// Assign sets the assignee and the team of a ticket.
func (s *API) Assign(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	return s.receive(c, "", func(got requestData) error {
		for _, name := range []string{"assignee", "team"} {
			switch value, sent := got.values[name]; v := value.(type) {
			case json.Number:
				got.values[name] = v.String()
			case nil:
				if sent {
					got.values[name] = "none"
				}
			}
		}
		var in JSONAssignment
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		out, err := s.Desk.Tickets.Assign(c.Request().Context(), web.ActorOf(c), id, desk.AssignmentInput{Assignee: in.Assignee, Team: in.Team})
		switch {
		case err != nil:
			return asAPI(err, in)
		case out.Gone:
			return c.NoContent(http.StatusNoContent)
		}
		return s.answerTicketJSON(c, http.StatusOK, id)
	})
}

// JSONTeam is a team of staff.
type JSONTeam struct {
	ID      int64  `json:"id"`
	Name    string `json:"name"`
	Private bool   `json:"private" doc:"Whether only members and admins see its tickets."`
	Retired bool   `json:"retired" doc:"Whether no ticket can get into it any more."`
	Members int32  `json:"members" doc:"How many members it has."`
	Member  bool   `json:"member" doc:"Whether you are a member."`
	Lead    bool   `json:"lead" doc:"Whether you are a lead, who may change the members."`
}

// ListTeams answers with all teams.
func (s *API) ListTeams(c echo.Context) error {
	all, err := s.Desk.Teams.List(c.Request().Context(), web.ActorOf(c))
	if err != nil {
		return err
	}
	out := make([]JSONTeam, len(all))
	for i, t := range all {
		out[i] = JSONTeam{t.ID, t.Name, t.Private, t.RetiredAt != nil, t.Members, t.IsMember, t.IsLead}
	}
	return sendJSON(c, http.StatusOK, out)
}
