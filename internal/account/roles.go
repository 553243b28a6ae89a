package account

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// RoleInput is the form of a role of staff that admins make. Each Boolean field gives
// permissions, see [RoleInput.Permissions].
type RoleInput struct {
	Name        string `form:"name" json:"name" validate:"required,max=60,name"`
	SeeAll      bool   `form:"see_all" json:"seeAll" label:"See all tickets" doc:"Except those of private teams. Without it they see only the tickets of their teams, and their own."`
	Reply       bool   `form:"reply" json:"reply" label:"Reply" doc:"Write comments and chat messages to requesters."`
	Note        bool   `form:"note" json:"note" label:"Write notes" doc:"Internal notes, which only staff see."`
	Triage      bool   `form:"triage" json:"triage" label:"Triage" doc:"Set status, priority and category, assign tickets, and edit them."`
	Delete      bool   `form:"delete" json:"delete" label:"Delete tickets" doc:"Also those of others. They can be restored from the trash."`
	ManageUsers bool   `form:"manage_users" json:"manageUsers" label:"Manage users" doc:"Add, invite, change and disable users; change teams and roles."`
	ManageDesk  bool   `form:"manage_desk" json:"manageDesk" label:"Manage the desk" doc:"Change categories and settings, and restore tickets from the trash."`
	Version     int    `form:"version" json:"version" doc:"Changes with each change of the role. Send it with a change, and nobody’s change in between is overwritten."` // of the role that is changed
}

// Permissions returns the permissions of the role. The column permissions of the table is
// the same.
func (in RoleInput) Permissions() Permissions {
	set := PermissionsOf(WorkAsStaff)
	for _, g := range []struct {
		on   bool
		gets Permissions
	}{
		{in.SeeAll, PermissionsOf(SeeAllTickets)},
		{in.Reply, PermissionsOf(ReplyToTickets)},
		{in.Note, PermissionsOf(AddNotes)},
		{in.Triage, PermissionsOf(TriageTickets)},
		{in.Delete, PermissionsOf(DeleteTickets)},
		{in.ManageUsers, PermissionsOf(ManageAccounts, ManageTeams)},
		{in.ManageDesk, PermissionsOf(ManageCategories, ManageSettings, ManageTrash)},
	} {
		if g.on {
			set |= g.gets
		}
	}
	return set
}

// CustomRole is a role that admins have made, with the number of its users.
type CustomRole struct {
	ID          int64
	Users       int64
	Invitations int64 // open ones that give the role
	RoleInput
}

// customRole converts a row of the database.
func customRole(r db.GetRoleRow) CustomRole {
	return CustomRole{ID: r.ID, Users: r.Users, Invitations: r.Invitations, RoleInput: RoleInput{Name: r.Name, SeeAll: r.SeeAll, Reply: r.Reply, Note: r.Note,
		Triage: r.Triage, Delete: r.Delete, ManageUsers: r.ManageUsers, ManageDesk: r.ManageDesk, Version: int(r.Version)}}
}

// List returns the roles that admins have made. It returns [fault.ErrForbidden] without
// [ManageAccounts].
func (s *Roles) List(ctx context.Context, actor Actor) ([]CustomRole, error) {
	if !actor.Can(ManageAccounts) {
		return nil, fault.ErrForbidden
	}
	rows, err := s.q.ListRoles(ctx)
	if err != nil {
		return nil, fmt.Errorf("list roles: %w", err)
	}
	out := make([]CustomRole, len(rows))
	for i, r := range rows {
		out[i] = customRole(db.GetRoleRow(r))
	}
	return out, nil
}

// RoleChoice is a role that an actor may give.
type RoleChoice struct {
	Name   string      // see [Users.SetRole]
	Custom *CustomRole // nil for a built-in role
}

// Choices returns the roles that the actor may give: the built-in ones, those with the
// fewest permissions first, and then those that admins have made. It returns
// [fault.ErrForbidden] without [ManageAccounts].
func (s *Roles) Choices(ctx context.Context, actor Actor) (out []RoleChoice, err error) {
	all, err := s.List(ctx, actor)
	if err != nil {
		return nil, err
	}
	for _, role := range db.AllUserRoleValues() {
		if actor.mayGive(builtIn[role]) {
			out = append(out, RoleChoice{Name: string(role)})
		}
	}
	for i, r := range all {
		if actor.mayGive(r.Permissions()) {
			out = append(out, RoleChoice{r.Name, &all[i]})
		}
	}
	return out, nil
}

// Get returns a role that admins have made. It returns [fault.ErrForbidden] without
// [ManageAccounts], and [fault.ErrNotFound] if there is no such role.
func (s *Roles) Get(ctx context.Context, actor Actor, id int64) (CustomRole, error) {
	if !actor.Can(ManageAccounts) {
		return CustomRole{}, fault.ErrForbidden
	}
	r, err := s.q.GetRole(ctx, id)
	return customRole(r), db.Found(err, "read role")
}

// Add adds a role and returns its id. It returns [*fault.Invalid] for a name that is in use, and for
// permissions that the actor does not have, and [fault.ErrForbidden] without
// [ManageAccounts].
func (s *Roles) Add(ctx context.Context, actor Actor, in RoleInput) (id int64, err error) {
	if err := checkRole(actor, &in); err != nil {
		return 0, err
	}
	err = s.actOnAccount(ctx, actor, 0, func(q *db.Queries) (err error) {
		id, err = q.AddRole(ctx, db.AddRoleParams{Name: in.Name, NameKey: input.NameKey(in.Name), SeeAll: in.SeeAll, Reply: in.Reply, Note: in.Note,
			Triage: in.Triage, Delete: in.Delete, ManageUsers: in.ManageUsers, ManageDesk: in.ManageDesk})
		return roleError(err)
	})
	return id, err
}

// Change changes a role. Its users have the new permissions at once, also in requests
// that are running. If nothing changes, the version stays as it is. It returns [*StaleRole] if the role has another version than in.Version.
// A user cannot take away their own permission to manage users ([*fault.Invalid]).
func (s *Roles) Change(ctx context.Context, actor Actor, id int64, in RoleInput) error {
	if err := checkRole(actor, &in); err != nil {
		return err
	}
	return s.actOnAccount(ctx, actor, actor.ID, func(q *db.Queries) error {
		was, err := q.GetRole(ctx, id)
		switch {
		case err != nil:
			return db.Found(err, "read role")
		case !actor.mayGive(Permissions(was.Permissions)):
			return fault.ErrForbidden
		case was.Name == actor.CustomRole && !in.ManageUsers:
			return fault.NewInvalid("manage_users", "This is your own role. Only another user who manages users can take this away.")
		case in == customRole(was).RoleInput:
			return nil
		}
		if err := q.LockRoleUsers(ctx, was.Name); err != nil {
			return fmt.Errorf("lock users of the role: %w", err)
		}
		n, err := q.UpdateRole(ctx, db.UpdateRoleParams{ID: id, Version: int32(in.Version), Name: in.Name, NameKey: input.NameKey(in.Name), SeeAll: in.SeeAll,
			Reply: in.Reply, Note: in.Note, Triage: in.Triage, Delete: in.Delete, ManageUsers: in.ManageUsers, ManageDesk: in.ManageDesk})
		if err == nil && n == 0 {
			return &StaleRole{customRole(was)}
		}
		return roleError(err)
	})
}

// StaleRole is returned if a role has changed since its form was loaded.
type StaleRole struct{ Current CustomRole }

// Error implements error.
func (e *StaleRole) Error() string {
	return fmt.Sprintf("the role %q has changed since, to version %d", e.Current.Name, e.Current.Version)
}

// Delete deletes a role that no user has and no open invitation gives. Otherwise it returns [fault.ErrInUse]. It returns [fault.ErrForbidden]
// for a role with permissions that the actor does not have.
func (s *Roles) Delete(ctx context.Context, actor Actor, id int64) error {
	if !actor.Can(ManageAccounts) {
		return fault.ErrForbidden
	}
	return s.actOnAccount(ctx, actor, 0, func(q *db.Queries) error {
		role, err := q.GetRole(ctx, id)
		switch {
		case err != nil:
			return db.Found(err, "read role")
		case !actor.mayGive(Permissions(role.Permissions)):
			return fault.ErrForbidden
		}
		n, err := q.DeleteRole(ctx, id)
		if err == nil && n == 0 {
			return fault.ErrInUse
		}
		return roleError(err)
	})
}

// checkRole returns why the actor may not make a role.
func checkRole(actor Actor, in *RoleInput) error {
	if !actor.Can(ManageAccounts) {
		return fault.ErrForbidden
	}
	if err := input.Check(in); err != nil {
		return err
	}
	if !actor.mayGive(in.Permissions()) {
		return fault.NewInvalid("name", "A role cannot have permissions that you do not have.")
	}
	return nil
}

// roleError converts a violated constraint into [*fault.Invalid].
func roleError(err error) error {
	switch {
	case err == nil:
		return nil
	case db.Violates(err, "roles_name_key"), db.Violates(err, "roles_pkey"), db.Violates(err, "roles_name_built_in"):
		return fault.NewInvalid("name", "There is already a role with this name. Choose another name.")
	}
	return fmt.Errorf("change role: %w", err)
}

// givenRole is a role that a user gets: built in, or one that admins have made.
type givenRole struct {
	role        Role
	custom      *string // the name of a role that admins have made
	permissions Permissions
}

// findRole returns the role with a name: customer, agent, admin, or that of a role that
// admins have made. It returns [*fault.Invalid] if there is none, or if the actor may not
// give it.
func (s *core) findRole(ctx context.Context, q *db.Queries, actor Actor, name string) (givenRole, error) {
	given, err := roleNamed(ctx, q, name)
	if err == nil && !actor.mayGive(given.permissions) {
		return given, fault.NewInvalid("role", "Choose a role whose permissions you have yourself.")
	}
	return given, err
}

// roleNamed is [Service.findRole] without the check of the actor.
func roleNamed(ctx context.Context, q *db.Queries, name string) (givenRole, error) {
	if role := Role(name); role.Valid() {
		return givenRole{role: role, permissions: builtIn[role]}, nil
	}
	r, err := q.RoleByName(ctx, name)
	if errors.Is(err, pgx.ErrNoRows) {
		return givenRole{}, fault.NewInvalid("role", "Choose one of the roles.")
	}
	if err != nil {
		return givenRole{}, fmt.Errorf("read role: %w", err)
	}
	return givenRole{RoleAgent, &r.Name, Permissions(r.Permissions)}, nil
}
