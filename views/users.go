package views

import (
	"fmt"
	"net/url"
	"strings"

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
	Roles   []account.RoleChoice
	Invalid *fault.Invalid
}

// UserPage is the data of the page of one user. Password is the one-time password that was just
// created; it is shown once.
type UserPage struct {
	Account  account.Account
	Assigned listing.Capped       // for the page that confirms a change: their active tickets
	Roles    []account.RoleChoice // for the page on which a role is chosen
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
	role                string // if not "", a role is chosen, of which this is the present one
	releases            string // if not "", what makes their active tickets unassigned
	danger              bool

	Refused error // why the actor may not do it; nil if they may
}

// builtInRoles has the label and the description of each built-in role.
var builtInRoles = map[account.Role]struct{ label, hint string }{
	account.RoleCustomer: {"Customer", "Sees only their own tickets."},
	account.RoleAgent:    {"Agent", "Reads and answers tickets, except those of private teams of others, and sets status, priority and category."},
	account.RoleAdmin:    {"Admin", "Does what agents do, deletes tickets, and manages users, teams, categories and settings."},
}

// roleLabel returns the name of a role that admins have made, or the label of a built-in one.
func roleLabel(role account.Role, custom *string) string {
	if custom != nil {
		return *custom
	}
	return builtInRoles[role].label
}

// choiceTexts returns the label and the description of a role that can be given.
func choiceTexts(c account.RoleChoice) (label, hint string) {
	if c.Custom != nil {
		return c.Name, roleSummary(c.Custom.RoleInput)
	}
	built := builtInRoles[account.Role(c.Name)]
	return built.label, built.hint
}

// RoleGiven returns the message after a user got a role, with %s for the user's name.
func RoleGiven(name string) string {
	switch role := account.Role(name); role {
	case account.RoleCustomer:
		return "%s is a customer now."
	case account.RoleAgent, account.RoleAdmin:
		return "%s is an " + name + " now."
	}
	return "%s has the role " + strings.ReplaceAll(ui.Isolated(name), "%", "%%") + " now."
}

// RoleAct gives the account another role.
func RoleAct(a account.Account) UserAct {
	return UserAct{below: "/role", title: "Change their role", button: "Change role", role: a.RoleName(),
		releases: "As a customer",
		text:     "With another role they are signed out, and their API tokens are revoked. What they wrote stays."}
}

// PasswordAct creates a one-time password.
func PasswordAct(a account.Account) UserAct {
	return UserAct{Refused: a.ResetRefused(), below: "/password", title: "Replace their password?", button: "Create one-time password",
		text: "Their password stops working, they are signed out everywhere, and their API tokens are revoked. You get a one-time password to give them."}
}

// DisableAct disables the account.
func DisableAct(account.Account) UserAct {
	return UserAct{below: "/disabled", title: "Disable this account?", button: "Disable account", name: "disabled", value: "true", danger: true, releases: "While disabled",
		text: "They are signed out everywhere, cannot sign in, and their API tokens are revoked. The tickets that they requested stay, and you can enable the account again."}
}

// released returns the sentence about the tickets that the action makes unassigned, or "" if there are none.
func (a UserAct) released(assigned listing.Capped) string {
	if a.releases == "" || assigned.N == 0 {
		return ""
	}
	return a.releases + " they work on no tickets: " + activeTickets(assigned) + " of theirs will be unassigned."
}

// Released returns the sentence of a message about tickets that were unassigned, with a space before it, or "" if there are none.
func Released(assigned listing.Capped) string {
	if assigned.N == 0 {
		return ""
	}
	return " Now unassigned: " + activeTickets(assigned) + "."
}

func activeTickets(n listing.Capped) string {
	return n.String() + " active " + ui.Plural(int(n.N), "ticket")
}

// attributes returns the attributes of the button of the action.
func (a UserAct) attributes() templ.Attributes {
	if a.danger {
		return templ.Attributes{"data-variant": "danger", "data-emphasis": "strong"}
	}
	return nil
}

// mailto returns the link for writing to an address. It is escaped, because a question mark
// would begin the headers of the message.
func mailto(address string) templ.SafeURL { return templ.URL("mailto:" + url.PathEscape(address)) }
