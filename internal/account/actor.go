// Package account manages the users of a desk, their sessions, passwords and tokens, and
// the permissions of their roles.
package account

import (
	"fmt"

	"frontdesk/db"
)

// Role is the role of an account, see [Actor.Can].
type Role = db.UserRole

// Roles.
const (
	RoleCustomer = db.UserRoleCustomer
	RoleAgent    = db.UserRoleAgent // staff who work on tickets
	RoleAdmin    = db.UserRoleAdmin // staff who manage the desk as well
)

// IsStaff reports whether users with the role work on the tickets of others.
func IsStaff(r Role) bool { return builtIn[r].Has(WorkAsStaff) }

// User is the row of an account.
type User = db.User

// Actor is the signed-in user who makes a request. The zero Actor is a visitor without
// an account and has no permissions.
type Actor struct {
	ID                 int64
	Username           string
	Email              string
	Role               Role
	MustChangePassword bool
	// Teams limits the tickets that the actor may read, see [ReachTeams] and [ReachOpen]. If it is
	// nil, it was not read.
	Teams []int64
	// CustomRole is the name of a role that admins have made, whose permissions are Granted;
	// "" for a built-in role. Role is then [RoleAgent].
	CustomRole string
	Granted    Permissions

	Right Right
}

// Permission is an action that a role allows. The zero value is no permission.
type Permission uint8

// Permissions of roles. Package desk decides about actions that depend on the ticket. Their
// numbers are stored in the database: new permissions are added at the end.
const (
	WorkAsStaff      Permission = iota + 1 // be on the side of staff of the tickets of others that the user may read, and see the queue; every role of staff has it
	SeeAllTickets                          // read every ticket, except those of private teams; without it, only those of the user's teams
	ReplyToTickets                         // write comments and chat messages to requesters
	AddNotes                               // write internal notes
	TriageTickets                          // set status, priority and category, assign tickets, and edit them
	DeleteTickets                          // delete the tickets of others
	ManageAccounts                         // add, change, invite and disable users, and change roles
	ManageTeams                            // add and change teams
	ManageCategories                       // add, rename, order and retire categories
	ManageSettings                         // change the settings of the desk
	ManageTrash                            // see and restore the deleted tickets of everyone
	SeePrivateTeams                        // read the tickets of private teams as well
	ManageMailboxes                        // set the mail servers; no custom role can have it, because mails with links for new passwords of admins pass these servers
)

// Permissions is a set of permissions.
type Permissions uint32

// PermissionsOf returns the set of the given permissions.
func PermissionsOf(all ...Permission) (set Permissions) {
	for _, p := range all {
		set |= 1 << (p - 1)
	}
	return set
}

// Has reports whether p is in the set.
func (set Permissions) Has(p Permission) bool { return set&PermissionsOf(p) != 0 }

// builtIn has the permissions of the built-in roles. Customers have none.
var builtIn = map[Role]Permissions{
	RoleAgent: PermissionsOf(WorkAsStaff, SeeAllTickets, ReplyToTickets, AddNotes, TriageTickets),
	RoleAdmin: PermissionsOf(WorkAsStaff, SeeAllTickets, ReplyToTickets, AddNotes, TriageTickets, DeleteTickets,
		ManageAccounts, ManageTeams, ManageCategories, ManageSettings, ManageTrash, SeePrivateTeams, ManageMailboxes),
}

// permissions returns the permissions of the actor's role.
func (a Actor) permissions() Permissions {
	if a.CustomRole != "" {
		return a.Granted
	}
	return builtIn[a.Role]
}

// Can reports whether the actor's role allows p.
func (a Actor) Can(p Permission) bool { return a.permissions().Has(p) }

// mayGive reports whether the actor has all permissions of a set. Otherwise they may neither
// give them nor change a user who has them, so that no user gets more rights through another
// account.
func (a Actor) mayGive(set Permissions) bool { return set&^a.permissions() == 0 }

// RoleKey identifies what the actor's role allows, as the SQL function role_key does. A
// right ends when the key of its user changes.
func (a Actor) RoleKey() string {
	if a.CustomRole != "" {
		return fmt.Sprintf("%s/%d", a.Role, a.Granted)
	}
	return string(a.Role)
}

// WithCustomRole returns the actor with the role that admins have made, from the columns of the actor's account.
func (a Actor) WithCustomRole(name *string, granted *int32) Actor {
	if name != nil && granted != nil {
		a.CustomRole, a.Granted = *name, Permissions(*granted)
	}
	return a
}

// Reach names the tickets of others that an actor may read. In SQL, the function reach_of returns it, and the
// function may_read applies it.
type Reach string

// Reaches.
const (
	ReachOwn   Reach = "own"   // none
	ReachTeams Reach = "teams" // those of the teams in which the actor is a member
	ReachOpen  Reach = "open"  // all, except those of private teams in which the actor is no member
	ReachAll   Reach = "all"   // all
)

// Reach returns which tickets of others the actor may read.
func (a Actor) Reach() Reach {
	switch {
	case a.Can(SeePrivateTeams):
		return ReachAll
	case a.Can(SeeAllTickets):
		return ReachOpen
	case a.Can(WorkAsStaff):
		return ReachTeams
	}
	return ReachOwn
}

// Scope returns the arguments of the condition that every query of single tickets has, the
// SQL function may_read: the actor's reach, and the id of the user whose own tickets they
// may always read.
func (a Actor) Scope() (reach string, viewer int64) { return string(a.Reach()), a.ID }
