package desk_test

import (
	"errors"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/settings"
)

func TestSettingsHaveTheirDefaultsUntilTheyAreChanged(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	admin := h.person("priya", account.RoleAdmin)
	if got, want := desk.New(h.pool, desk.Options{}).Settings.Current(), settings.Defaults(); got != want {
		t.Errorf("before: got %+v, want %+v", got, want)
	}
	changed := settings.Defaults()
	changed.FirstReplyAssigns, changed.InvitationDays = false, 3
	if _, err := h.Settings.Save(t.Context(), admin, changed, 1); err != nil {
		t.Fatal(err)
	}
	if got := h.Settings.Current(); got != changed {
		t.Errorf("after: got %+v, want %+v", got, changed)
	}
	saved, err := h.Settings.Get(t.Context(), admin)
	if err != nil {
		t.Fatal(err)
	}
	if saved.Version != 2 {
		t.Errorf("the version is %d, want 2", saved.Version)
	}
	if saved.ChangedBy != "priya" {
		t.Errorf(`the author of the change is %q, want "priya"`, saved.ChangedBy)
	}
}

func TestAnOlderVersionOfTheSettingsIsRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	admin := h.person("priya", account.RoleAdmin)
	first, second := settings.Defaults(), settings.Defaults()
	first.InvitationDays, second.InvitationDays = 3, 5
	if _, err := h.Settings.Save(t.Context(), admin, first, 1); err != nil {
		t.Fatal(err)
	}
	_, err := h.Settings.Save(t.Context(), admin, second, 1)
	var stale *settings.Stale
	if !errors.As(err, &stale) {
		t.Fatalf("got the error %v, want %T", err, stale)
	}
	if stale.Current.InvitationDays != 3 {
		t.Fatalf("the invitation days of the current one is %d, want 3", stale.Current.InvitationDays)
	}
	if got := h.Settings.Current().InvitationDays; got != 3 {
		t.Errorf("got %d days, want 3", got)
	}
}

func TestSettingsOutOfRangeAreRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	admin := h.person("priya", account.RoleAdmin)
	for _, days := range []int{-1, 0, 91} {
		values := settings.Defaults()
		values.InvitationDays = days
		_, err := h.Settings.Save(t.Context(), admin, values, 0)
		desk.WantInvalid(t, err, "invitation_days", days)
	}
}

func TestOnlyAdminsReadAndChangeSettings(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	for _, role := range []account.Role{account.RoleCustomer, account.RoleAgent} {
		actor := h.person("someone-"+string(role), role)
		if _, err := h.Settings.Get(t.Context(), actor); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s reads: got %v, want ErrForbidden", role, err)
		}
		if _, err := h.Settings.Save(t.Context(), actor, settings.Defaults(), 0); !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s saves: got %v, want ErrForbidden", role, err)
		}
	}
}

func TestASettingThatThisVersionDoesNotKnowIsKept(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	admin := h.person("priya", account.RoleAdmin)
	h.exec(`update settings set values = '{"futureSetting": 5}'`)
	if _, err := h.Settings.Save(t.Context(), admin, settings.Defaults(), 0); err != nil {
		t.Fatal(err)
	}
	if got := h.number("select (values ->> 'futureSetting')::int from settings"); got != 5 {
		t.Errorf("got %d, want 5", got)
	}
}
