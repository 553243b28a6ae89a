package account_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"frontdesk/internal/account"
)

// The queries that send mails and notifications read stored preferences by functions of the database.
func TestTheDatabaseHasTheSameDefaultsOfPreferences(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	for function, defaults := range map[string]any{
		"wants_mail":         account.DefaultMailPreferences,
		"wants_notification": account.DefaultPagePreferences,
	} {
		stored, err := json.Marshal(defaults)
		if err != nil {
			t.Fatal(err)
		}
		var byEvent map[string]bool
		if err := json.Unmarshal(stored, &byEvent); err != nil {
			t.Fatal(err)
		}
		for event, on := range byEvent {
			h.wantPreference(function, "{}", event, on)
			h.wantPreference(function, fmt.Sprintf(`{%q: true}`, event), event, true)
			h.wantPreference(function, fmt.Sprintf(`{%q: false}`, event), event, false)
		}
	}
}

// wantPreference checks what a function of the database returns for stored preferences.
func (h fixture) wantPreference(function, stored, event string, want bool) {
	h.t.Helper()
	if got := h.number("select "+function+"($1, $2)::int", stored, event) == 1; got != want {
		h.t.Errorf("%s('%s', '%s') is %t, want %t", function, stored, event, got, want)
	}
}
