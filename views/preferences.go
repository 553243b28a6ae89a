package views

import "reflect"

// preference is one checkbox of the page of notifications.
type preference struct {
	name, label string
	on          bool
}

// preferencesOf returns the checkboxes that a struct of preferences declares, such as
// account.StaffMails.
func preferencesOf(group any) (out []preference) {
	v := reflect.ValueOf(group)
	for i := range v.NumField() {
		tags := v.Type().Field(i).Tag
		out = append(out, preference{tags.Get("form"), tags.Get("label"), v.Field(i).Bool()})
	}
	return out
}
