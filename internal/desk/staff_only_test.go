package desk_test

import (
	"errors"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

func TestCustomersCannotCallAdminVerbs(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	c, other := h.person("cleo", account.RoleCustomer), h.person("dora", account.RoleCustomer)
	ctx := t.Context()
	tries := map[string]func(account.Actor) error{
		"dashboard": func(a account.Actor) error { _, err := h.Dashboard(ctx, a); return err },
		"users":     func(a account.Actor) error { _, err := h.Accounts.Users.List(ctx, a, account.UserFilter{}); return err },
		"account":   func(a account.Actor) error { _, err := h.Accounts.Users.Get(ctx, a, other.ID); return err },
		"role": func(a account.Actor) error {
			return h.Accounts.Users.SetRole(ctx, a, other.ID, string(account.RoleAdmin))
		},
		"own role": func(a account.Actor) error { return h.Accounts.Users.SetRole(ctx, a, c.ID, string(account.RoleAdmin)) },
		"disabled": func(a account.Actor) error { return h.Accounts.Users.SetDisabled(ctx, a, other.ID, true) },
		"sessions": func(a account.Actor) error { return h.Accounts.Users.EndSessions(ctx, a, other.ID) },
		"password": func(a account.Actor) error { _, err := h.Accounts.Users.ResetPassword(ctx, a, other.ID); return err },
		"add": func(a account.Actor) error {
			_, _, err := h.Accounts.Users.Add(ctx, a, account.AddUserInput{})
			return err
		},
		"category":   func(a account.Actor) error { return h.Categories.Add(ctx, a, desk.CategoryInput{Name: "Mine"}) },
		"categories": func(a account.Actor) error { return h.Categories.Update(ctx, a, 1, desk.CategoryUpdate{}) },
	}
	for name, try := range tries {
		for who, actor := range map[string]account.Actor{"customer": c, "nobody": {}} {
			if err := try(actor); !errors.Is(err, fault.ErrForbidden) {
				t.Errorf("%s by %s: %v", name, who, err)
			}
		}
	}
	if n := h.number("select count(*) from users where role = 'admin' or disabled_at is not null or session_ver > 1"); n != 0 {
		t.Errorf("%d accounts were changed", n)
	}
}
