// Package account manages the users of a desk, their sessions, passwords and tokens, and
// the permissions of their roles.
package account

import "frontdesk/db"

// Role is the role of an account, see [Actor.Can].
type Role = db.UserRole

// Roles.
const (
	RoleCustomer = db.UserRoleCustomer
	RoleAgent    = db.UserRoleAgent // staff who work on tickets
	RoleAdmin    = db.UserRoleAdmin // staff who manage the desk as well
)

// IsStaff reports whether users with the role answer the tickets of others.
func IsStaff(r Role) bool { return permissions[r][SeeAllTickets] }

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

	Right Right
}

// Permission is an action that a role allows on all tickets or accounts.
type Permission uint8

// Permissions of roles. Package desk decides about actions that depend on the ticket.
const (
	SeeAllTickets    Permission = iota // read and edit every ticket and answer as staff
	TriageTickets                      // set status, priority and category; see the dashboard
	DeleteTickets                      // delete the tickets of others
	ManageAccounts                     // add, change and disable accounts
	ManageCategories                   // add, rename, order and retire categories
	ManageTrash                        // see and restore the deleted tickets of everyone
)

// permissions has the permissions of each role. SQL knows SeeAllTickets as well, as the
// function sees_all_tickets.
var permissions = map[Role]map[Permission]bool{
	RoleAgent: {SeeAllTickets: true, TriageTickets: true},
	RoleAdmin: {SeeAllTickets: true, TriageTickets: true, DeleteTickets: true, ManageAccounts: true, ManageCategories: true, ManageTrash: true},
}

// Can reports whether the actor's role allows p.
func (a Actor) Can(p Permission) bool { return permissions[a.Role][p] }

// Scope returns the arguments of the condition that every query of tickets has: whether
// the actor may read all tickets, and the id of the user whose own tickets they may
// always read.
func (a Actor) Scope() (seesAll bool, viewer int64) { return a.Can(SeeAllTickets), a.ID }
