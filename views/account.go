package views

import (
	"github.com/a-h/templ"

	"frontdesk/internal/fault"
)

// AccountForm is what the account page shows: what is, or what was typed into
// the form that failed ("profile", "password" or "token").
type AccountForm struct {
	Failed               string
	Username, Email      string
	TokenName, TokenDays string
	KeepTokens           bool   // as chosen beside a new password
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

// TokensField is sent by a form that asks whether API tokens are to be revoked,
// [RevokeField] where its box is checked. A form that does not ask revokes them.
const (
	TokensField = "tokens"
	RevokeField = "revoke_tokens"
)

// currentID is the id of a form's field "current", of which the page has several.
// The one with an error has the plain id, to which the summary links.
func currentID(form string, inv *fault.Invalid) string {
	if inv == nil {
		return form + "-current"
	}
	return "current"
}

// only gives a form its own errors: several forms of the page have a field "current".
func (f AccountForm) only(form string, inv *fault.Invalid) *fault.Invalid {
	if f.Failed == form {
		return inv
	}
	return nil
}

// withNext is a link that remembers where somebody was going.
func withNext(path, next string) templ.SafeURL {
	return templ.URL(address(path, map[string]string{"next": next}))
}
