package views

import (
	"fmt"
	"reflect"
	"strings"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// RolesPage is the data of the list of roles, with the form for a new one.
type RolesPage struct {
	Roles   []account.CustomRole
	New     account.RoleInput
	Invalid *fault.Invalid
}

// RolePage is the data of the page on which a role is changed. Role is as it is saved, and Form as
// it was typed.
type RolePage struct {
	Role    account.CustomRole
	Form    account.RoleInput
	Stale   bool // another user has changed the role since the form was loaded
	Invalid *fault.Invalid
}

func roleURL(id int64) string { return fmt.Sprintf("/admin/roles/%d", id) }

// roleSwitch is one checkbox of the form of a role.
type roleSwitch struct {
	name, label, text string
	on                bool
}

// roleSwitches returns the checkboxes of the form, as the struct declares them.
func roleSwitches(in account.RoleInput) (out []roleSwitch) {
	v := reflect.ValueOf(in)
	for i := range v.NumField() {
		if t := v.Type().Field(i); t.Type.Kind() == reflect.Bool {
			out = append(out, roleSwitch{t.Tag.Get("form"), t.Tag.Get("label"), t.Tag.Get("doc"), v.Field(i).Bool()})
		}
	}
	return out
}

// roleSummary returns what a role allows, such as "See all tickets, write notes."
func roleSummary(in account.RoleInput) string {
	var may []string
	for _, s := range roleSwitches(in) {
		if s.on {
			may = append(may, strings.ToLower(s.label[:1])+s.label[1:])
		}
	}
	if len(may) == 0 {
		return "Read the tickets of their teams."
	}
	text := strings.Join(may, ", ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// usersText returns how many users have a role.
func usersText(n int64) string {
	switch n {
	case 0:
		return "No users"
	case 1:
		return "1 user"
	}
	return fmt.Sprintf("%d users", n)
}
