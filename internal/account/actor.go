// Package account has the users of a desk, their sessions, passwords and tokens, and
// what their roles allow.
package account

import "frontdesk/db"

// Role is what an account may do, see [Actor.Can].
type Role = db.UserRole

// Roles.
const (
	RoleCustomer = db.UserRoleCustomer
	RoleAdmin    = db.UserRoleAdmin
)

// User is an account as the database has it.
type User = db.User

// Actor is the signed-in user who makes a request. The zero Actor is a visitor without
// an account and has no permissions.
type Actor struct {
	ID                 int64
	Username           string
	Email              string
	Role               Role
	MustChangePassword bool

	Right Right
}

// Permission is something that a role allows, whatever the ticket.
type Permission uint8

// Permissions of roles. What depends on a ticket is decided by the policy of package desk.
const (
	SeeAllTickets    Permission = iota // read every ticket and answer as staff
	TriageTickets                      // set status, priority and category; see the dashboard
	ManageAccounts                     // add, change and disable accounts
	ManageCategories                   // add, rename, order and retire categories
	ManageTrash                        // see and restore the deleted tickets of everyone
)

// Can reports whether the actor's role allows p.
func (a Actor) Can(p Permission) bool { return a.Role == RoleAdmin }

// Scope returns the arguments of the predicate that every query which loads tickets has:
// whether the actor may read all tickets, and otherwise whose.
func (a Actor) Scope() (seesAll bool, viewer int64) { return a.Can(SeeAllTickets), a.ID }
