package api

import (
	"net/http"
	"slices"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// TeamMembers has the endpoints of the members of teams.
type TeamMembers struct{ *core }

// JSONMember is a member of a team.
type JSONMember struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Email    string `json:"email"`
	Lead     bool   `json:"lead" doc:"Whether they may change the members of the team."`
	Disabled bool   `json:"disabled" doc:"Whether their account is disabled."`
	Away     bool   `json:"away" doc:"Whether they are away now."`
	Active   int32  `json:"active" doc:"How many open and in-progress tickets of the team are assigned to them, counted up to 1,000."`
}

// JSONMembership has the fields of a membership that a client can set. Fields that are not sent stay as they are.
type JSONMembership struct {
	Lead bool `form:"lead" json:"lead" doc:"Whether the member may change the members of the team."`
}

// JSONColleague is a member of staff whom a search found.
type JSONColleague struct {
	ID       int64  `json:"id"`
	Username string `json:"username"`
	Email    string `json:"email"`
	Away     bool   `json:"away" doc:"Whether they are away now."`
}

// staffQuery has the parameters of the search for staff.
type staffQuery struct {
	Q string `query:"q" doc:"A part of a name or e-mail address. Without it the list is empty."`
}

// FindStaff answers with staff whose name or e-mail address has a text.
func (s *TeamMembers) FindStaff(c echo.Context) error {
	found, err := s.Desk.Teams.FindStaff(c.Request().Context(), web.ActorOf(c), c.QueryParam("q"), 0)
	if err != nil {
		return err
	}
	out := make([]JSONColleague, len(found))
	for i, u := range found {
		out[i] = JSONColleague{u.ID, u.Username, u.Email, u.AwayUntil.After(s.Desk.Now())}
	}
	return sendJSON(c, http.StatusOK, out)
}

// List answers with the members of a team.
func (s *TeamMembers) List(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	page, err := s.Desk.Teams.ManagedPage(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	out := make([]JSONMember, len(page.Members))
	for i, m := range page.Members {
		out[i] = JSONMember{m.ID, m.Username, m.Email, m.Lead, m.DisabledAt != nil, m.AwayUntil.After(s.Desk.Now()), m.Active}
	}
	return sendJSON(c, http.StatusOK, out)
}

// Put adds a member to a team, or changes whether they are a lead.
func (s *TeamMembers) Put(c echo.Context) error {
	id, user, err := teamAndUser(c)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	if _, err := s.Desk.Teams.GetManaged(ctx, actor, id); err != nil {
		return err
	}
	return s.receive(c, "", func(got requestData) error {
		page, err := s.Desk.Teams.ManagedPage(ctx, actor, id)
		if err != nil {
			return err
		}
		in := JSONMembership{Lead: slices.ContainsFunc(page.Members, func(m desk.TeamMember) bool { return m.ID == user && m.Lead })}
		if err := got.into(&in); err != nil {
			return asAPI(err, in)
		}
		if _, err := s.Desk.Teams.AddMember(ctx, actor, id, desk.MemberInput{User: user, Lead: in.Lead}); err != nil {
			return err
		}
		return c.NoContent(http.StatusNoContent)
	})
}

// Remove removes a member from a team.
func (s *TeamMembers) Remove(c echo.Context) error {
	id, user, err := teamAndUser(c)
	if err != nil {
		return err
	}
	if err := s.Desk.Teams.RemoveMember(c.Request().Context(), web.ActorOf(c), id, user); err != nil {
		return err
	}
	return c.NoContent(http.StatusNoContent)
}

// teamAndUser returns the ids in the path of a member. It returns [fault.ErrNotFound] if one is
// malformed.
func teamAndUser(c echo.Context) (team, user int64, err error) {
	if team, err = web.PathID(c, "id"); err != nil {
		return 0, 0, fault.ErrNotFound
	}
	user, err = web.PathID(c, "user")
	return team, user, err
}
