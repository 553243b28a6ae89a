package account_test

import (
	"errors"
	"fmt"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

func TestAProfileChangeNeedsThePasswordAndAFreeAddress(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	ana, sam := h.person("ana", account.RoleCustomer), h.person("sam", account.RoleCustomer)
	h.exec("update users set password_hash = $1", account.HashWith("twelve letters", 8, 1))
	for name, c := range map[string]struct {
		in    account.ProfileInput
		field string
	}{
		"wrong password": {account.ProfileInput{Username: "Ana", Email: "ana@example.org", Current: "no"}, "current"},
		"taken":          {account.ProfileInput{Username: "Ana", Email: sam.Email, Current: "twelve letters"}, "email"},
		"no name":        {account.ProfileInput{Email: ana.Email, Current: "twelve letters"}, "username"},
	} {
		_, err := h.ChangeProfile(t.Context(), ana, c.in)
		wantInvalid(t, err, c.field, name)
	}
	if _, err := h.ChangeProfile(t.Context(), ana, account.ProfileInput{Username: "Ana K", Email: "k@example.org", Current: "twelve letters"}); err != nil {
		t.Fatal(err)
	}
	if who, err := signIn(h, "k@example.org", "twelve letters"); err != nil || who.Username != "Ana K" {
		t.Errorf("%+v, %v", who, err)
	}
}

func TestAnAddressUnderOlderRulesDoesNotPreventAChangeOfTheName(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	const old = "ana@my\u2010co.example" // U+2010 looks like a hyphen-minus
	actor := account.Actor{ID: h.stored(old), Username: "Ana", Email: old, Role: account.RoleCustomer}
	in := account.ProfileInput{Username: "Ana K", Email: old, Current: "twelve letters"}
	if _, err := h.ChangeProfile(t.Context(), actor, in); err != nil {
		t.Errorf("the same address: got %v, want the name changed", err)
	}
	if n := h.number("select count(*) from users where username = 'Ana K' and email = $1", old); n != 1 {
		t.Errorf("%d accounts have the new name and the old address, want 1", n)
	}
	in.Email = "ana.k@my\u2010co.example"
	_, err := h.ChangeProfile(t.Context(), actor, in)
	wantInvalid(t, err, "email", "another such address")
	in.Email, in.Username = old, ""
	_, err = h.ChangeProfile(t.Context(), actor, in)
	wantInvalid(t, err, "username", "no name")
}

func TestDirectionControlsAreRemovedFromNames(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	for i, c := range []struct {
		name string
		good bool
	}{
		{"Ana\u202e Kovač", false}, {"\u2067Ana\u2069", false}, {"Ana\nKovač", false},
		{"אנה קובץ", true}, {"سارة\u200fA", true}, {"Ana Kovač", true},
	} {
		in := account.RegisterInput{Username: c.name, Email: fmt.Sprintf("ana%d@example.org", i), Password: "a long enough password"}
		_, err := h.Registrations.Register(t.Context(), in, somewhere)
		if inv := new(fault.Invalid); errors.As(err, &inv) == c.good {
			t.Errorf("%q: %v", c.name, err)
		}
	}
}
