package desk

import (
	"context"
	"fmt"
	"slices"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
	"frontdesk/internal/search"
)

// Teams lists and changes the teams of staff. A team is retired and never deleted, because
// the logs of tickets name it.
type Teams struct{ *core }

// Team is a team as a member of staff sees it.
type Team = db.ListTeamsRow

// TeamMember is a member of a team.
type TeamMember = db.ListTeamMembersRow

// Colleague is a member of staff whom a search found.
type Colleague = db.FindStaffRow

// TeamInput names a team. Only members and admins see the tickets of a private one.
type TeamInput struct {
	Name    string `form:"name" json:"name" validate:"required,max=60,name"`
	Private bool   `form:"private" json:"private" doc:"Whether only members and admins may see the team’s tickets."`
}

// MemberInput adds a member: User is the id of a user or, if it is 0, Member is a name or an
// e-mail address.
type MemberInput struct {
	Member string `form:"member" json:"-" validate:"max=200,line"`
	User   int64  `form:"user" json:"-"`
	Lead   bool   `form:"lead" json:"lead" doc:"Whether the member may change the members of the team."`
}

// RetireInput has the team that takes the active tickets of a retired one: an id, or "none".
type RetireInput struct {
	Team string `form:"team" json:"team" validate:"required,max=20,line" doc:"The id of the team that takes the active tickets, or none."`
}

const (
	// FoundStaff is the maximum number of colleagues that a search returns.
	FoundStaff = 20
	// ActiveCap is the number up to which the active tickets of a team or member are counted.
	ActiveCap = 1000
)

// TeamPage is a team with its members.
type TeamPage struct {
	Team    Team
	Members []TeamMember
	Active  int // its active tickets, up to 1,000
}

// MayManageTeam reports whether the actor may change the members of a team.
func MayManageTeam(actor account.Actor, t Team) bool { return managesTeam(actor, t.Private, t.IsLead) }

// managesTeam reports whether the actor may change the members of a team. Those of a private team can be changed only by
// its leads and by users who see its tickets anyway: who adds a member could add themselves.
func managesTeam(actor account.Actor, private, leads bool) bool {
	return leads && actor.Can(account.WorkAsStaff) || actor.Can(account.ManageTeams) && (!private || actor.Can(account.SeePrivateTeams))
}

// mayBePrivate returns [*fault.Invalid] if the actor cannot manage a team after making it private.
func mayBePrivate(actor account.Actor, leads bool) error {
	if managesTeam(actor, true, leads) {
		return nil
	}
	return fault.NewInvalid("private", "Only its leads, and users who see all private teams, make a team private.")
}

// List returns all teams, those in use first. It returns [fault.ErrForbidden] to others than
// staff.
func (s *Teams) List(ctx context.Context, actor account.Actor) ([]Team, error) {
	if !isStaff(actor) {
		return nil, fault.ErrForbidden
	}
	all, err := s.q.ListTeams(ctx, actor.ID)
	if err != nil {
		return nil, fmt.Errorf("list teams: %w", err)
	}
	return all, nil
}

// Managed returns the teams for which [MayManageTeam] holds. It returns [fault.ErrForbidden] if
// there is none and the actor has no [account.ManageTeams].
func (s *Teams) Managed(ctx context.Context, actor account.Actor) ([]Team, error) {
	all, err := s.List(ctx, actor)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(t Team) bool { return !MayManageTeam(actor, t) })
	if len(all) == 0 && !actor.Can(account.ManageTeams) {
		return nil, fault.ErrForbidden
	}
	return all, nil
}

// Get returns a team to staff. It returns [fault.ErrNotFound] if there is none.
func (s *Teams) Get(ctx context.Context, actor account.Actor, id int64) (Team, error) {
	all, err := s.List(ctx, actor)
	if err != nil {
		return Team{}, err
	}
	i := slices.IndexFunc(all, func(t Team) bool { return t.ID == id })
	if i < 0 {
		return Team{}, fault.ErrNotFound
	}
	return all[i], nil
}

// GetManaged is [Teams.Get] for a team that the actor may manage. For other teams it returns
// [fault.ErrForbidden].
func (s *Teams) GetManaged(ctx context.Context, actor account.Actor, id int64) (Team, error) {
	t, err := s.Get(ctx, actor, id)
	if err == nil && !MayManageTeam(actor, t) {
		return Team{}, fault.ErrForbidden
	}
	return t, err
}

// ManagedPage returns a team that the actor may manage with its members, see [Teams.GetManaged].
func (s *Teams) ManagedPage(ctx context.Context, actor account.Actor, id int64) (TeamPage, error) {
	t, err := s.GetManaged(ctx, actor, id)
	if err != nil {
		return TeamPage{}, err
	}
	members, err := s.q.ListTeamMembers(ctx, db.ListTeamMembersParams{TeamID: id, Max: ActiveCap})
	if err != nil {
		return TeamPage{}, fmt.Errorf("list members: %w", err)
	}
	active, err := s.q.CountActiveOfTeam(ctx, db.CountActiveOfTeamParams{TeamID: id, Max: ActiveCap})
	if err != nil {
		return TeamPage{}, fmt.Errorf("count tickets of the team: %w", err)
	}
	return TeamPage{Team: t, Members: members, Active: int(active)}, nil
}

// Others returns the teams in use except one.
func (s *Teams) Others(ctx context.Context, actor account.Actor, id int64) ([]Team, error) {
	all, err := s.List(ctx, actor)
	return slices.DeleteFunc(all, func(t Team) bool { return t.ID == id || t.RetiredAt != nil }), err
}

// Add adds a team and returns its id. It returns [*fault.Invalid] if a team with the same name
// key exists, and [fault.ErrForbidden] without [account.ManageTeams].
func (s *Teams) Add(ctx context.Context, actor account.Actor, in TeamInput) (id int64, err error) {
	if !actor.Can(account.ManageTeams) {
		return 0, fault.ErrForbidden
	}
	if err := input.Check(&in); err != nil {
		return 0, err
	}
	if in.Private {
		if err := mayBePrivate(actor, false); err != nil {
			return 0, err
		}
	}
	err = s.act(ctx, actor, func(q *db.Queries) (err error) {
		id, err = q.AddTeam(ctx, db.AddTeamParams{Name: in.Name, NameKey: input.NameKey(in.Name), Private: in.Private})
		return teamError(err)
	})
	return id, err
}

// Update renames a team, and makes it private or not. If it becomes private, its active tickets whose assignees are not
// members are unassigned. was is what the form showed: fields that are the same in both inputs do not change. If another user
// has changed a field that changes, Update returns [*StaleTeam]. With nil the team is not compared.
func (s *Teams) Update(ctx context.Context, actor account.Actor, id int64, in TeamInput, was *TeamInput) error {
	if err := input.Check(&in); err != nil {
		return err
	}
	private := false
	err := s.change(ctx, actor, id, func(q *db.Queries, t db.Team, leads bool) error {
		in := in // the transaction may be retried
		if was != nil && !(input.Merge(&in.Name, was.Name, t.Name) && input.Merge(&in.Private, was.Private, t.Private)) {
			return &StaleTeam{t}
		}
		if private = in.Private; private {
			if err := mayBePrivate(actor, leads); err != nil {
				return err
			}
		}
		return teamError(q.UpdateTeam(ctx, db.UpdateTeamParams{ID: id, Name: in.Name, NameKey: input.NameKey(in.Name), Private: in.Private}))
	})
	if err != nil || !private {
		return err
	}
	return s.unassignUnreadable(ctx, actor, id)
}

// change runs f with the locked team, and with whether the actor is a lead of it. It returns [fault.ErrForbidden]
// without [account.ManageTeams], and if the actor may not manage the team, see [MayManageTeam].
func (s *Teams) change(ctx context.Context, actor account.Actor, id int64, f func(q *db.Queries, t db.Team, leads bool) error) error {
	if !actor.Can(account.ManageTeams) {
		return fault.ErrForbidden
	}
	return s.manage(ctx, actor, id, f)
}

// manage is change for all users who may manage the team.
func (s *Teams) manage(ctx context.Context, actor account.Actor, id int64, f func(q *db.Queries, t db.Team, leads bool) error) error {
	return s.act(ctx, actor, func(q *db.Queries) error {
		t, err := q.LockTeam(ctx, id)
		if err != nil {
			return db.Found(err, "lock team")
		}
		leads, err := q.IsTeamLead(ctx, db.IsTeamLeadParams{TeamID: id, UserID: actor.ID})
		switch {
		case err != nil:
			return fmt.Errorf("read the lead: %w", err)
		case !managesTeam(actor, t.Private, leads):
			return fault.ErrForbidden
		}
		return f(q, t, leads)
	})
}

// teamError converts a violated unique constraint into [*fault.Invalid].
func teamError(err error) error {
	switch {
	case err == nil:
		return nil
	case db.Violates(err, "teams_name_key"):
		return fault.NewInvalid("name", "There is already a team with this name, perhaps a retired one. Choose another name.")
	}
	return fmt.Errorf("change team: %w", err)
}

// FindStaff returns staff whose name or e-mail address contains a text, at most 20. With a team it
// returns only those who may read its tickets.
func (s *Teams) FindStaff(ctx context.Context, actor account.Actor, text string, team int64) ([]Colleague, error) {
	if !isStaff(actor) {
		return nil, fault.ErrForbidden
	}
	text = search.Clean(text)
	if text == "" {
		return nil, nil
	}
	asked, err := search.Read(ctx, s.q, text)
	if err != nil {
		return nil, err
	}
	p := db.FindStaffParams{Q: text, Max: FoundStaff}
	p.Needle, p.NeedleBefore = asked.NeedlesFor(text)
	if team != 0 {
		p.Team = &team
	}
	found, err := s.q.FindStaff(ctx, p)
	if err != nil {
		return nil, fmt.Errorf("find staff: %w", err)
	}
	return found, nil
}
