package pages

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"

	"frontdesk/handlers/web"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/views"
	"frontdesk/views/ui"
)

// Teams has the pages of teams and their members.
type Teams struct{ *core }

// List shows the teams that the actor may manage, and the form for a new one.
func (s *Teams) List(c echo.Context) error {
	var page views.TeamsPage
	if kept, ok := s.KeptForms.Restore(c, web.Has("name")); ok {
		web.Bind(kept, &page.Form)
	}
	return s.renderTeams(c, http.StatusOK, page)
}

// renderTeams shows the list of teams with its form as in page.
func (s *Teams) renderTeams(c echo.Context, status int, page views.TeamsPage) error {
	var err error
	if page.Teams, err = s.Desk.Teams.Managed(c.Request().Context(), web.ActorOf(c)); err != nil {
		return err
	}
	return s.Render(c, status, views.TeamList(page))
}

// Add adds a team.
func (s *Teams) Add(c echo.Context) error {
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	var in desk.TeamInput
	web.Bind(f, &in)
	id, err := s.Desk.Teams.Add(c.Request().Context(), web.ActorOf(c), in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderTeams(c, http.StatusUnprocessableEntity, views.TeamsPage{Form: in, Invalid: inv})
	}
	if err != nil {
		return err
	}
	return web.Done(c, teamURL(id), fmt.Sprintf("Team %s is added. Now add its members.", ui.Isolated(in.Name)))
}

// Show shows a team with its members.
func (s *Teams) Show(c echo.Context) error {
	return s.renderTeam(c, http.StatusOK, func(p *views.TeamPage) {
		if kept, ok := s.KeptForms.Restore(c, web.Has("member", "name")); ok {
			restoreTeamForm(p, kept)
		}
	})
}

// restoreTeamForm fills the form of the page that was sent after the session had ended.
func restoreTeamForm(p *views.TeamPage, kept web.Form) {
	if kept.Values.Has("member") {
		web.Bind(kept, &p.Member)
		return
	}
	in, was := readTeamForm(kept)
	p.Stale = was != nil && *was != p.Form
	p.Form = in
}

// renderTeam shows the team in the path, with its forms as change sets them.
func (s *Teams) renderTeam(c echo.Context, status int, change func(*views.TeamPage)) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	team, err := s.Desk.Teams.ManagedPage(c.Request().Context(), web.ActorOf(c), id)
	if err != nil {
		return err
	}
	page := views.NewTeamPage(team)
	change(&page)
	return s.Render(c, status, views.TeamShow(page))
}

// Update renames a team and makes it private or not. If another user has changed the same since the form was loaded, it is
// shown again with both values.
func (s *Teams) Update(c echo.Context) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return err
	}
	in, was := readTeamForm(f)
	err = s.Desk.Teams.Update(c.Request().Context(), web.ActorOf(c), id, in, was)
	var stale *desk.StaleTeam
	if errors.As(err, &stale) {
		return s.renderTeam(c, http.StatusConflict, func(p *views.TeamPage) { p.Form, p.Stale = in, true })
	}
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderTeam(c, http.StatusUnprocessableEntity, func(p *views.TeamPage) { p.Form, p.Invalid = in, inv })
	}
	if err != nil {
		return err
	}
	return web.Done(c, teamURL(id), fmt.Sprintf("Team %s is saved.", ui.Isolated(in.Name)))
}

// readTeamForm returns what the form of a team has, and what it showed: nil if the form does not have that.
func readTeamForm(f web.Form) (in desk.TeamInput, was *desk.TeamInput) {
	web.Bind(f, &in)
	if f.Get("was_name") != "" {
		was = &desk.TeamInput{Name: f.Get("was_name"), Private: f.Get("was_private") != ""}
	}
	return in, was
}

// AddMember adds a member by name or e-mail address. If several colleagues have the name, the
// page asks which one; the answer counts only while the form has this name.
func (s *Teams) AddMember(c echo.Context) error {
	var form struct {
		desk.MemberInput
		Found string `form:"user_found"`
	}
	id, err := s.bindTeamForm(c, &form)
	if err != nil {
		return err
	}
	in := form.MemberInput
	if form.Found != in.Member {
		in.User = 0
	}
	name, err := s.Desk.Teams.AddMember(c.Request().Context(), web.ActorOf(c), id, in)
	var several *desk.Several
	if errors.As(err, &several) {
		return s.renderTeam(c, http.StatusUnprocessableEntity, func(p *views.TeamPage) {
			p.Member, p.Found = in, several.Found
			p.InvalidMember = &fault.Invalid{Fields: []fault.FieldError{{Field: "member", Message: "Several colleagues have this name. Choose one below."}}}
		})
	}
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderTeam(c, http.StatusUnprocessableEntity, func(p *views.TeamPage) { p.Member, p.InvalidMember = in, inv })
	}
	if err != nil {
		return err
	}
	return web.Done(c, teamURL(id), fmt.Sprintf("%s is in the team.", ui.Isolated(name)))
}

// ChangeMember makes a member a lead or not, or removes them, depending on the field do.
func (s *Teams) ChangeMember(c echo.Context) error {
	user, err := web.PathID(c, "user")
	if err != nil {
		return err
	}
	var in struct {
		Do string `form:"do"`
	}
	id, err := s.bindTeamForm(c, &in)
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	switch in.Do {
	case "remove":
		if err := s.Desk.Teams.RemoveMember(ctx, actor, id, user); err != nil {
			return err
		}
		return web.Done(c, s.afterTeam(c, id), "The member is removed.")
	case "lead", "member":
		name, err := s.Desk.Teams.AddMember(ctx, actor, id, desk.MemberInput{User: user, Lead: in.Do == "lead"})
		if err != nil {
			return err
		}
		return web.Done(c, s.afterTeam(c, id), fmt.Sprintf("%s is saved.", ui.Isolated(name)))
	}
	return fault.NewInvalid("do", "Choose remove, lead or member.")
}

// afterTeam returns where to go after a change of members: leads who removed themselves may not
// see the page of the team any more.
func (s *Teams) afterTeam(c echo.Context, id int64) string {
	actor := web.ActorOf(c)
	if _, err := s.Desk.Teams.GetManaged(c.Request().Context(), actor, id); err != nil {
		return ui.Home(actor)
	}
	return teamURL(id)
}

// ConfirmRetirement asks which team takes the active tickets of a team.
func (s *Teams) ConfirmRetirement(c echo.Context) error {
	var page views.RetirementPage
	if kept, ok := s.KeptForms.Restore(c, web.Has("team")); ok {
		page.Chosen = kept.Get("team")
	}
	return s.renderRetirement(c, http.StatusOK, page)
}

// renderRetirement shows the page that retires the team in the path, with its form as in page.
func (s *Teams) renderRetirement(c echo.Context, status int, page views.RetirementPage) error {
	id, err := web.PathID(c, "id")
	if err != nil {
		return err
	}
	ctx, actor := c.Request().Context(), web.ActorOf(c)
	team, err := s.Desk.Teams.ManagedPage(ctx, actor, id)
	if err != nil {
		return err
	}
	others, err := s.Desk.Teams.Others(ctx, actor, id)
	if err != nil {
		return err
	}
	page.TeamPage, page.Others = team, others
	return s.Render(c, status, views.TeamRetire(page))
}

// Retire takes a team out of use.
func (s *Teams) Retire(c echo.Context) error {
	var in desk.RetireInput
	id, err := s.bindTeamForm(c, &in)
	if err != nil {
		return err
	}
	err = s.Desk.Teams.Retire(c.Request().Context(), web.ActorOf(c), id, in)
	if inv, ok := web.AsInvalid(err); ok {
		return s.renderRetirement(c, http.StatusUnprocessableEntity, views.RetirementPage{Chosen: in.Team, Invalid: inv})
	}
	if err != nil {
		return err
	}
	return web.Done(c, "/admin/teams", "The team is retired.")
}

// Restore puts a retired team back into use.
func (s *Teams) Restore(c echo.Context) error {
	id, err := s.bindTeamForm(c, &struct{}{})
	if err != nil {
		return err
	}
	if err := s.Desk.Teams.Restore(c.Request().Context(), web.ActorOf(c), id); err != nil {
		return err
	}
	return web.Done(c, teamURL(id), "The team is in use again.")
}

// bindTeamForm reads a form without files and binds it to in. It returns the team's id from the path.
func (s *Teams) bindTeamForm(c echo.Context, in any) (int64, error) {
	id, err := web.PathID(c, "id")
	if err != nil {
		return 0, err
	}
	f, err := s.Forms.Read(c, nil)
	if err != nil {
		return 0, err
	}
	web.Bind(f, in)
	return id, nil
}

func teamURL(id int64) string { return fmt.Sprintf("/admin/teams/%d", id) }
