package views

import (
	"reflect"

	"frontdesk/internal/desk"
)

// preference is one checkbox of the page of notifications.
type preference struct {
	name, label string
	on          bool
}

// forRequesters has the preferences of users about their own tickets.
var forRequesters = map[string]bool{"answer": true, "status": true}

// preferencesOf returns the checkboxes about own tickets, or those of staff, as the struct declares
// them.
func preferencesOf(p desk.MailPreferences, own bool) (out []preference) {
	v := reflect.ValueOf(p)
	for i := range v.NumField() {
		if t := v.Type().Field(i); forRequesters[t.Tag.Get("form")] == own {
			out = append(out, preference{t.Tag.Get("form"), t.Tag.Get("label"), v.Field(i).Bool()})
		}
	}
	return out
}
