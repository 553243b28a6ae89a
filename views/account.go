package views

import (
	"github.com/a-h/templ"

	"frontdesk/internal/desk"
)

// AccountForm is what the account page shows: what is, or what was typed into
// the form that failed ("profile" or "password").
type AccountForm struct {
	Failed          string
	Username, Email string
}

// only gives a form its own errors: two forms of the page have a field "current".
func (f AccountForm) only(form string, inv *desk.Invalid) *desk.Invalid {
	if f.Failed == form {
		return inv
	}
	return nil
}

// withNext is a link that remembers where somebody was going.
func withNext(path, next string) templ.SafeURL {
	return templ.URL(address(path, map[string]string{"next": next}))
}
