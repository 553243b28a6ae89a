package views

import (
	"fmt"

	"github.com/a-h/templ"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/listing"
	"frontdesk/views/ui"
)

// UsersPage is the data of the list of users.
type UsersPage struct {
	Search ui.Search
	Filter account.UserFilter
	Users  account.UserPage
}

type userTab struct {
	show, label string
	count       listing.Capped
}

func (p UsersPage) tabs() []userTab {
	return []userTab{
		{"", "Everyone", p.Users.Everyone},
		{"staff", "Staff", p.Users.Staff},
		{"customers", "Customers", p.Users.Customers},
		{"disabled", "Disabled", p.Users.Disabled},
	}
}

// tab returns the open tab.
func (p UsersPage) tab() string {
	for _, t := range p.tabs() {
		if t.show == p.Filter.Show {
			return t.show
		}
	}
	return ""
}

// url returns the address of the list with another tab or page, and the same search.
func (p UsersPage) url(show, after, before string) string {
	return ui.Address("/admin/users", map[string]string{"q": p.Filter.Q, "show": show, "after": after, "before": before})
}

// UserForm is the data of the form of a new user.
type UserForm struct {
	account.AddUserInput
	Invalid *fault.Invalid
}

// UserPage is the data of the page of one user. Password is the one-time password that was just
// created; it is shown once.
type UserPage struct {
	Account  account.Account
	Password string
}

func (p UserPage) url(below string) string {
	return fmt.Sprintf("/admin/users/%d%s", p.Account.ID, below)
}

// UserAct is a change of an account that is confirmed on a page.
type UserAct struct {
	below               string // the path below that of the account
	title, text, button string
	name, value         string // the field of the form; "" for none
	danger              bool
}

// RoleAct makes an admin a customer, or a customer an admin.
func RoleAct(a account.Account) UserAct {
	if a.Role == account.RoleAdmin {
		return UserAct{below: "/role", title: "Make this admin a customer?", button: "Make customer", name: "role", value: string(account.RoleCustomer), danger: true,
			text: "They are signed out, their API tokens are revoked, and they see only their own tickets. What they wrote stays."}
	}
	return UserAct{below: "/role", title: "Make this customer an admin?", button: "Make admin", name: "role", value: string(account.RoleAdmin),
		text: "They can read and change every ticket, and manage users and categories. They have to sign in again, and their API tokens are revoked."}
}

// PasswordAct creates a one-time password.
func PasswordAct(account.Account) UserAct {
	return UserAct{below: "/password", title: "Replace their password?", button: "Create one-time password",
		text: "Their password stops working, they are signed out everywhere, and their API tokens are revoked. You get a one-time password to give them."}
}

// DisableAct disables the account.
func DisableAct(account.Account) UserAct {
	return UserAct{below: "/disabled", title: "Disable this account?", button: "Disable account", name: "disabled", value: "true", danger: true,
		text: "They are signed out everywhere, cannot sign in, and their API tokens are revoked. Their tickets stay, and you can enable the account again."}
}

// attributes returns the attributes of the button of the action.
func (a UserAct) attributes() templ.Attributes {
	if a.danger {
		return templ.Attributes{"data-variant": "danger", "data-emphasis": "strong"}
	}
	return nil
}
