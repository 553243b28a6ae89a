package views

import (
	"github.com/a-h/templ"

	"frontdesk/internal/desk"
)

// AccountForm is what the account page shows: what is, or what was typed into
// the form that failed ("profile", "password" or "token").
type AccountForm struct {
	Failed               string
	Username, Email      string
	TokenName, TokenDays string
	MadeToken            string // just now: it is shown this once
	Next                 string // where somebody was going who has to choose a password first
}

// tokenDays is how long a token lasts where nobody has chosen: programs that
// are forgotten lose their right by themselves.
func (f AccountForm) tokenDays() string {
	if f.Failed != "token" {
		return "90"
	}
	return f.TokenDays
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
