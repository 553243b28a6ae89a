package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

func TestTwoAdminsUnmakingEachOtherLeaveOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	for round := range 10 {
		a := h.person(fmt.Sprint("ana", round), desk.RoleAdmin)
		b := h.person(fmt.Sprint("ben", round), desk.RoleAdmin)
		var wg sync.WaitGroup
		errs := make([]error, 2)
		wg.Go(func() { errs[0] = h.SetRole(t.Context(), a, b.ID, desk.RoleCustomer) })
		wg.Go(func() { errs[1] = h.SetDisabled(t.Context(), b, a.ID, true) })
		wg.Wait()
		if (errs[0] == nil) == (errs[1] == nil) {
			t.Fatalf("both or neither went through: %v, %v", errs[0], errs[1])
		}
		if err := errors.Join(errs...); !errors.Is(err, fault.ErrSignedOut) {
			t.Fatalf("the second one got %v", err)
		}
		if n := h.number("select count(*) from users where role = 'admin' and disabled_at is null and id in ($1, $2)", a.ID, b.ID); n != 1 {
			t.Fatalf("%d admins are left", n)
		}
	}
}

func TestNobodyUnmakesOrDisablesThemselves(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	a := h.person("ana", desk.RoleAdmin)
	h.person("ben", desk.RoleAdmin)
	for name, err := range map[string]error{
		"role":     h.SetRole(t.Context(), a, a.ID, desk.RoleCustomer),
		"disabled": h.SetDisabled(t.Context(), a, a.ID, true),
	} {
		if !errors.Is(err, fault.ErrLastAdmin) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestARoleOrALockEndsSessions(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	a, c := h.person("ana", desk.RoleAdmin), h.person("cleo", desk.RoleCustomer)
	version := func() int64 { return h.number("select session_ver from users where id = $1", c.ID) }
	steps := []struct {
		name string
		do   func() error
		ends bool
	}{
		{"make admin", func() error { return h.SetRole(t.Context(), a, c.ID, desk.RoleAdmin) }, true},
		{"the same again", func() error { return h.SetRole(t.Context(), a, c.ID, desk.RoleAdmin) }, false},
		{"make customer", func() error { return h.SetRole(t.Context(), a, c.ID, desk.RoleCustomer) }, true},
		{"disable", func() error { return h.SetDisabled(t.Context(), a, c.ID, true) }, true},
		{"let in", func() error { return h.SetDisabled(t.Context(), a, c.ID, false) }, true},
		{"end sessions", func() error { return h.EndUserSessions(t.Context(), a, c.ID) }, true},
		{"reset", func() error { _, err := h.ResetPassword(t.Context(), a, c.ID); return err }, true},
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

func TestACustomerHasNoPartInTheAdminsRooms(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	c, other := h.person("cleo", desk.RoleCustomer), h.person("dora", desk.RoleCustomer)
	ctx := t.Context()
	tries := map[string]func(desk.Actor) error{
		"dashboard":  func(a desk.Actor) error { _, err := h.Dashboard(ctx, a); return err },
		"users":      func(a desk.Actor) error { _, err := h.Users(ctx, a, desk.UserFilter{}); return err },
		"account":    func(a desk.Actor) error { _, err := h.Account(ctx, a, other.ID); return err },
		"role":       func(a desk.Actor) error { return h.SetRole(ctx, a, other.ID, desk.RoleAdmin) },
		"own role":   func(a desk.Actor) error { return h.SetRole(ctx, a, c.ID, desk.RoleAdmin) },
		"disabled":   func(a desk.Actor) error { return h.SetDisabled(ctx, a, other.ID, true) },
		"sessions":   func(a desk.Actor) error { return h.EndUserSessions(ctx, a, other.ID) },
		"password":   func(a desk.Actor) error { _, err := h.ResetPassword(ctx, a, other.ID); return err },
		"add":        func(a desk.Actor) error { _, _, err := h.AddUser(ctx, a, desk.AddUserInput{}); return err },
		"category":   func(a desk.Actor) error { return h.AddCategory(ctx, a, desk.CategoryInput{Name: "Mine"}) },
		"categories": func(a desk.Actor) error { return h.UpdateCategory(ctx, a, 1, desk.CategoryUpdate{}) },
	}
	for name, try := range tries {
		for who, actor := range map[string]desk.Actor{"customer": c, "nobody": {}} {
			if err := try(actor); !errors.Is(err, fault.ErrForbidden) {
				t.Errorf("%s by %s: %v", name, who, err)
			}
		}
	}
	if n := h.number("select count(*) from users where role = 'admin' or disabled_at is not null or session_ver > 1"); n != 0 {
		t.Errorf("%d accounts were changed", n)
	}
}

func TestAnAdminWhoWasUnmadeMeanwhileIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	stale, c := h.person("ana", desk.RoleAdmin), h.person("cleo", desk.RoleCustomer)
	h.exec("update users set role = 'customer' where id = $1", stale.ID)
	if err := h.SetRole(t.Context(), stale, c.ID, desk.RoleAdmin); !errors.Is(err, fault.ErrSignedOut) {
		t.Fatal(err)
	}
}

func TestUsersAreWalkedBothWays(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	a := h.person("ana", desk.RoleAdmin)
	for i := range 7 {
		h.person(fmt.Sprint("customer", i), desk.RoleCustomer)
	}
	h.person("ben", desk.RoleAdmin)
	page := func(f desk.UserFilter) (names []string, p desk.UserPage) {
		f.Limit = 4
		p, err := h.Users(t.Context(), a, f)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range p.Rows {
			names = append(names, r.Username)
		}
		return names, p
	}
	first, p1 := page(desk.UserFilter{})
	second, p2 := page(desk.UserFilter{After: p1.After})
	third, p3 := page(desk.UserFilter{After: p2.After})
	back, pb := page(desk.UserFilter{Before: p3.Before})
	start, ps := page(desk.UserFilter{Before: pb.Before})
	if want := []string{"ben", "ana", "customer6", "customer5"}; !slices.Equal(first, want) || !slices.Equal(start, want) {
		t.Errorf("first %v, again %v", first, start)
	}
	if want := []string{"customer4", "customer3", "customer2", "customer1"}; !slices.Equal(second, want) || !slices.Equal(back, want) {
		t.Errorf("second %v, back %v", second, back)
	}
	if !slices.Equal(third, []string{"customer0"}) || p3.After != "" || p1.Before != "" || ps.Before != "" {
		t.Errorf("third %v, cursors %q %q %q", third, p3.After, p1.Before, ps.Before)
	}
	if odd, _ := page(desk.UserFilter{After: "admin.x'; --"}); !slices.Equal(odd, first) {
		t.Errorf("a cursor of somebody's own making shows %v", odd)
	}
}

func TestUsersAreFoundByNameAddressAndTab(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	a := h.person("ana", desk.RoleAdmin)
	h.person("Zoë_Müller", desk.RoleCustomer)
	locked := h.person("karim", desk.RoleCustomer)
	if err := h.SetDisabled(t.Context(), a, locked.ID, true); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		filter desk.UserFilter
		want   int
	}{
		{desk.UserFilter{}, 3},
		{desk.UserFilter{Q: "MÜLL"}, 1},
		{desk.UserFilter{Q: "karim@example"}, 1},
		{desk.UserFilter{Q: "%"}, 0},
		{desk.UserFilter{Q: "zoë_"}, 1},
		{desk.UserFilter{Q: "zoëx"}, 0},
		{desk.UserFilter{Q: "a\x00"}, 3},
		{desk.UserFilter{Show: "staff"}, 1},
		{desk.UserFilter{Show: "customers"}, 2},
		{desk.UserFilter{Show: "disabled"}, 1},
	} {
		p, err := h.Users(t.Context(), a, c.filter)
		if err != nil || len(p.Rows) != c.want {
			t.Errorf("%+v: %d rows, %v; want %d", c.filter, len(p.Rows), err, c.want)
		}
		if p.Everyone.String() != "3" || p.Staff.String() != "1" || p.Disabled.String() != "1" {
			t.Errorf("tabs %v %v %v", p.Everyone, p.Staff, p.Disabled)
		}
	}
}

func TestAnAddedUserHasAOneTimePassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t, desk.Options{})
	a := h.person("ana", desk.RoleAdmin)
	id, password, err := h.AddUser(t.Context(), a, desk.AddUserInput{Username: "Tom", Email: "tom@example.org", Role: "admin"})
	if err != nil || len(password) < 20 {
		t.Fatal(id, err)
	}
	if n := h.number("select count(*) from users where id = $1 and role = 'admin' and must_change_password", id); n != 1 {
		t.Fatal("no such admin")
	}
	var inv *fault.Invalid
	if _, _, err := h.AddUser(t.Context(), a, desk.AddUserInput{Username: "Tom", Email: "TOM@example.org", Role: "admin"}); !errors.As(err, &inv) || inv.Field("email") == "" {
		t.Errorf("the same address again: %v", err)
	}
	if _, _, err := h.AddUser(t.Context(), a, desk.AddUserInput{Role: "root"}); !errors.As(err, &inv) || len(inv.Fields) != 3 {
		t.Errorf("an empty form: %v", err)
	}
}
