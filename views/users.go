package views

import (
	"fmt"

	"frontdesk/internal/desk"
)

// UsersPage is the list of accounts with what was asked for.
type UsersPage struct {
	Search Search
	Filter desk.UserFilter
	Users  desk.UserPage
}

type userTab struct {
	show, label string
	count       desk.Capped
}

func (p UsersPage) tabs() []userTab {
	return []userTab{
		{"", "Everyone", p.Users.Everyone},
		{"staff", "Staff", p.Users.Staff},
		{"customers", "Customers", p.Users.Customers},
		{"disabled", "Disabled", p.Users.Disabled},
	}
}

// tab is which of the tabs is open.
func (p UsersPage) tab() string {
	for _, t := range p.tabs() {
		if t.show == p.Filter.Show {
			return t.show
		}
	}
	return ""
}

// url is the list with another tab or stretch, and the same words.
func (p UsersPage) url(show, after, before string) string {
	return address("/admin/users", map[string]string{"q": p.Filter.Q, "show": show, "after": after, "before": before})
}

// UserForm is the form of a new account with what was typed into it.
type UserForm struct {
	desk.AddUserInput
	Invalid *desk.Invalid
}

// UserPage is one account as staff see it. Password is the one-time password
// that was just made, shown this once.
type UserPage struct {
	Account  desk.Account
	Password string
}

func (p UserPage) url(below string) string {
	return fmt.Sprintf("/admin/users/%d%s", p.Account.ID, below)
}

func otherRole(r desk.Role) desk.Role {
	if r == desk.RoleAdmin {
		return desk.RoleCustomer
	}
	return desk.RoleAdmin
}
