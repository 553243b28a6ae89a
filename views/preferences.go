package views

import (
	"reflect"

	"frontdesk/internal/account"
)

// preference is one checkbox of the page of notifications.
type preference struct {
	name, label string
	on          bool
}

// forRequesters has the preferences of users about their own tickets.
var forRequesters = map[string]bool{"answer": true, "status": true}

// preferencesOf returns the checkboxes of a channel about own tickets, or those of staff, as the struct
// declares them.
func preferencesOf[P account.MailPreferences | account.PagePreferences](p P, own bool) (out []preference) {
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		tags := v.Type().Field(i).Tag
		if forRequesters[tags.Get("json")] == own {
			out = append(out, preference{tags.Get("form"), tags.Get("label"), v.Field(i).Bool()})
		}
	}
	return out
}
