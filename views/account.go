package views

import (
	"github.com/a-h/templ"

	"frontdesk/internal/fault"
	"frontdesk/views/ui"
)

// AccountForm is the data of the account page: the current values, or what was typed into the form
// that failed.
type AccountForm struct {
	Failed               string // the form that failed: "profile", "password", "token" or ""
	Username, Email      string
	Pending              string // the address that waits to be confirmed, or ""
	TokenName, TokenDays string
	KeepTokens           bool   // as chosen in the password form
	MadeToken            string // the token that was just created; it is shown once
	Next                 string // the page to go to after choosing a password
}

// DefaultTokenDays is the lifetime of a token in days that its form offers, so that forgotten tokens
// expire.
const DefaultTokenDays = "90"

// TokensField is sent by a form that asks whether to revoke API tokens, and [RevokeField] if its
// box is checked. A form that does not ask revokes them.
const (
	TokensField = "tokens"
	RevokeField = "revoke_tokens"
)

// currentID returns the id of the field "current" of a form; the page has several. The one with an
// error has the plain id, because the error summary links to it.
func currentID(form string, inv *fault.Invalid) string {
	if inv == nil {
		return form + "-current"
	}
	return "current"
}

// only returns the errors if they are those of the form: several forms of the page have a field
// "current".
func (f AccountForm) only(form string, inv *fault.Invalid) *fault.Invalid {
	if f.Failed == form {
		return inv
	}
	return nil
}

// withNext returns a link that leads back to next after signing in.
func withNext(path, next string) templ.SafeURL {
	return templ.URL(ui.Address(path, map[string]string{"next": next}))
}
