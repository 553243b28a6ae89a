package api

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
)

// Teams has the endpoints of teams.
type Teams struct{ *core }

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

// teamJSON returns a team as the API writes it.
func teamJSON(t desk.Team) JSONTeam {
	return JSONTeam{t.ID, t.Name, t.Private, t.RetiredAt != nil, t.Members, t.IsMember, t.IsLead}
}

// List answers with all teams.
func (s *Teams) List(c echo.Context) error {
	all, err := s.Desk.Teams.List(c.Request().Context(), web.ActorOf(c))
	if err != nil {
		return err
	}
	out := make([]JSONTeam, len(all))
	for i, t := range all {
		out[i] = teamJSON(t)
	}
	return sendJSON(c, http.StatusOK, out)
}

// Show answers with one team.
func (s *Teams) Show(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	team, err := s.Desk.Teams.Get(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	return sendJSON(c, http.StatusOK, teamJSON(team))
}

// Add adds a team.
func (s *Teams) Add(c echo.Context) error {
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	return s.receive(c, "", func(got requestData) error {
		var in desk.TeamInput
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		return s.idempotent(c, got, func() (int, any, error) {
			id, err := s.Desk.Teams.Add(ctx, actor, in)
			if err != nil {
				return 0, nil, asAPI(err, in)
			}
			c.Response().Header().Set(echo.HeaderLocation, "/api/teams/"+strconv.FormatInt(id, 10))
			team, err := s.Desk.Teams.Get(ctx, actor, id)
			return http.StatusCreated, teamJSON(team), err
		})
	})
}

// Update changes the fields of a team that were sent.
func (s *Teams) Update(c echo.Context) error {
	return s.changeTeam(c, func(team desk.Team, got requestData) error {
		current := desk.TeamInput{Name: team.Name, Private: team.Private}
		in := current
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		return asAPI(s.Desk.Teams.Update(c.Request().Context(), web.ActorOf(c), team.ID, in, &current), in)
	})
}

// Retire takes a team out of use, and moves its active tickets.
func (s *Teams) Retire(c echo.Context) error {
	return s.changeTeam(c, func(team desk.Team, got requestData) error {
		got.idsAsText("team")
		var in desk.RetireInput
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		return asAPI(s.Desk.Teams.Retire(c.Request().Context(), web.ActorOf(c), team.ID, in), in)
	})
}

// Restore puts a retired team back into use.
func (s *Teams) Restore(c echo.Context) error {
	return s.changeTeam(c, func(team desk.Team, _ requestData) error {
		return s.Desk.Teams.Restore(c.Request().Context(), web.ActorOf(c), team.ID)
	})
}

// changeTeam reads a body, calls change with the team in the path, and answers with the team as it is
// then.
func (s *Teams) changeTeam(c echo.Context, change func(desk.Team, requestData) error) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	if _, err := s.Desk.Teams.GetManaged(ctx, actor, id); err != nil {
		return err
	}
	return s.receive(c, "", func(got requestData) error {
		team, err := s.Desk.Teams.GetManaged(ctx, actor, id)
		if err != nil {
			return err
		}
		if err := change(team, got); err != nil {
			return err
		}
		return s.Show(c)
	})
}
