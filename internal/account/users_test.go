package account_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

func TestTwoAdminsWhoDemoteEachOtherLeaveOneAdmin(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	for round := range 10 {
		a := h.person(fmt.Sprint("ana", round), account.RoleAdmin)
		b := h.person(fmt.Sprint("ben", round), account.RoleAdmin)
		var wg sync.WaitGroup
		errs := make([]error, 2)
		wg.Go(func() { errs[0] = h.Users.SetRole(t.Context(), a, b.ID, string(account.RoleCustomer)) })
		wg.Go(func() { errs[1] = h.Users.SetDisabled(t.Context(), b, a.ID, true) })
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("both or neither succeeded: %v, %v", errs[0], errs[1])
		}
		if err := errors.Join(errs...); !errors.Is(err, fault.ErrSignedOut) {
			t.Fatalf("the second one got %v", err)
		}
		if n := h.number("select count(*) from users where role = 'admin' and disabled_at is null and id in ($1, $2)", a.ID, b.ID); n != 1 {
			t.Fatalf("%d admins are left", n)
		}
	}
}

func TestUsersCannotDemoteOrDisableThemselves(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	a := h.person("ana", account.RoleAdmin)
	h.person("ben", account.RoleAdmin)
	for name, err := range map[string]error{
		"role":     h.Users.SetRole(t.Context(), a, a.ID, string(account.RoleCustomer)),
		"disabled": h.Users.SetDisabled(t.Context(), a, a.ID, true),
	} {
		if !errors.Is(err, fault.ErrOwnAccount) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestANewRoleOrDisablingEndsSessions(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	a, c := h.person("ana", account.RoleAdmin), h.person("cleo", account.RoleCustomer)
	version := func() int64 { return h.number("select session_ver from users where id = $1", c.ID) }
	steps := []struct {
		name string
		do   func() error
		ends bool
	}{
		{"make admin", func() error { return h.Users.SetRole(t.Context(), a, c.ID, string(account.RoleAdmin)) }, true},
		{"the same again", func() error { return h.Users.SetRole(t.Context(), a, c.ID, string(account.RoleAdmin)) }, false},
		{"make customer", func() error { return h.Users.SetRole(t.Context(), a, c.ID, string(account.RoleCustomer)) }, true},
		{"disable", func() error { return h.Users.SetDisabled(t.Context(), a, c.ID, true) }, true},
		{"let in", func() error { return h.Users.SetDisabled(t.Context(), a, c.ID, false) }, true},
		{"end sessions", func() error { return h.Users.EndSessions(t.Context(), a, c.ID) }, true},
		{"reset", func() error { _, err := h.Users.ResetPassword(t.Context(), a, c.ID); return err }, true},
	}
	for _, s := range steps {
		before := version()
		if err := s.do(); err != nil {
			t.Fatal(s.name, err)
		}
		if (version() > before) != s.ends {
			t.Errorf("%s: version %d to %d", s.name, before, version())
		}
	}
}

func TestADemotedAdminIsRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	stale, c := h.person("ana", account.RoleAdmin), h.person("cleo", account.RoleCustomer)
	h.exec("update users set role = 'customer' where id = $1", stale.ID)
	if err := h.Users.SetRole(t.Context(), stale, c.ID, string(account.RoleAdmin)); !errors.Is(err, fault.ErrSignedOut) {
		t.Fatal(err)
	}
}

func TestUsersArePagedInBothDirections(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	a := h.person("ana", account.RoleAdmin)
	for i := range 7 {
		h.person(fmt.Sprint("customer", i), account.RoleCustomer)
	}
	h.person("ben", account.RoleAdmin)
	page := func(f account.UserFilter) (names []string, p account.UserPage) {
		f.Limit = 4
		p, err := h.Users.List(t.Context(), a, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			names = append(names, r.Username)
		}
		return names, p
	}
	first, p1 := page(account.UserFilter{})
	second, p2 := page(account.UserFilter{After: p1.After})
	third, p3 := page(account.UserFilter{After: p2.After})
	back, pb := page(account.UserFilter{Before: p3.Before})
	start, ps := page(account.UserFilter{Before: pb.Before})
	want := []string{"ben", "ana", "customer6", "customer5"}
	if !slices.Equal(first, want) {
		t.Errorf("first is %q, want %q", first, want)
	}
	if !slices.Equal(start, want) {
		t.Errorf("the start is %q, want %q", start, want)
	}
	want = []string{"customer4", "customer3", "customer2", "customer1"}
	if !slices.Equal(second, want) {
		t.Errorf("second is %q, want %q", second, want)
	}
	if !slices.Equal(back, want) {
		t.Errorf("back is %q, want %q", back, want)
	}
	if want := []string{"customer0"}; !slices.Equal(third, want) {
		t.Errorf("third %v, want %v", third, want)
	}
	for end, cursor := range map[string]string{"after the last": p3.After, "before the first": p1.Before, "before the first again": ps.Before} {
		if cursor != "" {
			t.Errorf("the cursor %s page is %q, want none", end, cursor)
		}
	}
	if odd, _ := page(account.UserFilter{After: "admin.x'; --"}); !slices.Equal(odd, first) {
		t.Errorf("an invented cursor shows %v", odd)
	}
}

func TestUsersAreFoundByNameAddressAndTab(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	a := h.person("ana", account.RoleAdmin)
	h.person("Zoë_Müller", account.RoleCustomer)
	locked := h.person("karim", account.RoleCustomer)
	if err := h.Users.SetDisabled(t.Context(), a, locked.ID, true); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter account.UserFilter
		want   int
	}{
		{account.UserFilter{}, 3},
		{account.UserFilter{Q: "MÜLL"}, 1},
		{account.UserFilter{Q: "karim@example"}, 1},
		{account.UserFilter{Q: "%"}, 0},
		{account.UserFilter{Q: "zoë_"}, 1},
		{account.UserFilter{Q: "zoëx"}, 0},
		{account.UserFilter{Q: "a\x00"}, 3},
		{account.UserFilter{Show: "staff"}, 1},
		{account.UserFilter{Show: "customers"}, 2},
		{account.UserFilter{Show: "disabled"}, 1},
	} {
		p, err := h.Users.List(t.Context(), a, c.filter)
		if err != nil || len(p.Rows) != c.want {
			t.Errorf("%+v: %d rows, %v; want %d", c.filter, len(p.Rows), err, c.want)
		}
		if p.Everyone.String() != "3" {
			t.Errorf(`everyone is %q, want "3"`, p.Everyone.String())
		}
		if p.Staff.String() != "1" {
			t.Errorf(`the staff is %q, want "1"`, p.Staff.String())
		}
		if p.Disabled.String() != "1" {
			t.Errorf(`disabled is %q, want "1"`, p.Disabled.String())
		}
	}
}

func TestAnAddedUserHasAOneTimePassword(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	a := h.person("ana", account.RoleAdmin)
	id, password, err := h.Users.Add(t.Context(), a, account.AddUserInput{Username: "Tom", Email: "tom@example.org", Role: "admin"})
	if err != nil || len(password) < 20 {
		t.Fatal(id, err)
	}
	if n := h.number("select count(*) from users where id = $1 and role = 'admin' and must_change_password", id); n != 1 {
		t.Fatal("no such admin")
	}
	var inv *fault.Invalid
	_, _, err = h.Users.Add(t.Context(), a, account.AddUserInput{Username: "Tom", Email: "TOM@example.org", Role: "admin"})
	wantInvalid(t, err, "email", "the same address again")
	if _, _, err := h.Users.Add(t.Context(), a, account.AddUserInput{}); !errors.As(err, &inv) {
		t.Fatalf("an empty form: got the error %v, want %T", err, inv)
	}
	if len(inv.Fields) != 3 {
		t.Errorf("an empty form: got errors of %d fields, want 3: %v", len(inv.Fields), inv)
	}
	_, _, err = h.Users.Add(t.Context(), a, account.AddUserInput{Username: "Root", Email: "root@example.org", Role: "root"})
	wantInvalid(t, err, "role", "an unknown role")
}
