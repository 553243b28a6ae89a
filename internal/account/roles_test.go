package account_test

import (
	"errors"
	"fmt"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// role adds a role and returns it.
func (h fixture) role(by account.Actor, in account.RoleInput) account.CustomRole {
	h.t.Helper()
	if _, err := h.Roles.Add(h.t.Context(), by, in); err != nil {
		h.t.Fatal(err)
	}
	all, err := h.Roles.List(h.t.Context(), by)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, r := range all {
		if r.Name == in.Name {
			return r
		}
	}
	h.t.Fatalf("the role %q is not listed", in.Name)
	return account.CustomRole{}
}

// withRole adds a user with a role that admins have made, and returns the actor of a token.
func (h fixture) withRole(by account.Actor, name, role string) account.Actor {
	h.t.Helper()
	user := h.person(name, account.RoleCustomer)
	if err := h.Users.SetRole(h.t.Context(), by, user.ID, role); err != nil {
		h.t.Fatal(err)
	}
	return h.bearer(user.ID)
}

// bearer returns the actor of a new signed token of a user.
func (h fixture) bearer(id int64) account.Actor {
	h.t.Helper()
	actor, err := h.Tokens.Bearer(h.t.Context(), account.Credential{UserID: id, Version: int32(h.number("select session_ver from users where id = $1", id))})
	if err != nil {
		h.t.Fatal(err)
	}
	return actor
}

func TestARoleGivesTheSamePermissionsInGoAndSQL(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	for i, in := range []account.RoleInput{{}, {SeeAll: true}, {Reply: true}, {Note: true}, {Triage: true}, {Delete: true}, {ManageUsers: true}, {ManageDesk: true}} {
		in.Name = fmt.Sprint("Role ", i)
		h.role(admin, in)
		if got := account.Permissions(h.number("select permissions from roles where name = $1", in.Name)); got != in.Permissions() {
			t.Errorf("%+v: got %b in SQL, want %b", in, got, in.Permissions())
		}
	}
}

func TestALightAgentMayOnlyWriteNotes(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	h.role(admin, account.RoleInput{Name: "Light agent", SeeAll: true, Note: true})
	light := h.withRole(admin, "lena", "Light agent")
	for p, want := range map[account.Permission]bool{account.WorkAsStaff: true, account.SeeAllTickets: true, account.AddNotes: true, account.ReplyToTickets: false,
		account.TriageTickets: false, account.DeleteTickets: false, account.ManageAccounts: false, account.ManageSettings: false, account.SeePrivateTeams: false} {
		if got := light.Can(p); got != want {
			t.Errorf("permission %d: got %t, want %t", p, got, want)
		}
	}
}

func TestAChangeOfARoleAppliesToItsUsersAtOnce(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	role := h.role(admin, account.RoleInput{Name: "Helper", Reply: true})
	before := h.withRole(admin, "lena", "Helper")
	role.Reply, role.Note = false, true
	if err := h.Roles.Change(t.Context(), admin, role.ID, role.RoleInput); err != nil {
		t.Fatal(err)
	}
	if err := h.Sessions.StillSignedIn(t.Context(), before); !errors.Is(err, fault.ErrSignedOut) {
		t.Errorf("a request that is running: got %v, want %v", err, fault.ErrSignedOut)
	}
	after := h.bearer(before.ID)
	if after.Can(account.ReplyToTickets) {
		t.Error("after.Can(account.ReplyToTickets) is true, want false")
	}
	if !after.Can(account.AddNotes) {
		t.Error("after.Can(account.AddNotes) is false, want true")
	}
	if err := h.Sessions.StillSignedIn(t.Context(), after); err != nil {
		t.Errorf("the next request: %v", err)
	}
}

func TestARoleKeepsItsUsersWhenItIsRenamed(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	role := h.role(admin, account.RoleInput{Name: "Helper", Reply: true})
	user := h.withRole(admin, "lena", "Helper")
	role.Name = "Answers"
	if err := h.Roles.Change(t.Context(), admin, role.ID, role.RoleInput); err != nil {
		t.Fatal(err)
	}
	if err := h.Sessions.StillSignedIn(t.Context(), user); err != nil {
		t.Errorf("a request that is running: %v", err)
	}
	got := h.bearer(user.ID)
	if got.CustomRole != "Answers" {
		t.Errorf(`the custom role is %q, want "Answers"`, got.CustomRole)
	}
	if !got.Can(account.ReplyToTickets) {
		t.Error("got.Can(account.ReplyToTickets) is false, want true")
	}
}

func TestTwoAdminsDoNotOverwriteEachOthersChangeOfARole(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	role := h.role(admin, account.RoleInput{Name: "Helper"})
	first, second := role.RoleInput, role.RoleInput
	first.Note, second.Reply = true, true
	if err := h.Roles.Change(t.Context(), admin, role.ID, first); err != nil {
		t.Fatal(err)
	}
	var stale *account.StaleRole
	err := h.Roles.Change(t.Context(), admin, role.ID, second)
	if !errors.As(err, &stale) {
		t.Fatalf("got the error %v, want %T", err, stale)
	}
	if !stale.Current.Note {
		t.Error("the note of the current role is false, want true")
	}
}

func TestNobodyGivesPermissionsThatTheyDoNotHave(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	h.role(admin, account.RoleInput{Name: "Manager", ManageUsers: true, Note: true})
	strong := h.role(admin, account.RoleInput{Name: "Strong", Delete: true})
	manager, other := h.withRole(admin, "max", "Manager"), h.person("cleo", account.RoleCustomer)
	var inv *fault.Invalid
	_, tooStrong := h.Roles.Add(t.Context(), manager, account.RoleInput{Name: "New", ManageDesk: true})
	for name, err := range map[string]error{
		"give admin":      h.Users.SetRole(t.Context(), manager, other.ID, string(account.RoleAdmin)),
		"give agent":      h.Users.SetRole(t.Context(), manager, other.ID, string(account.RoleAgent)),
		"add strong role": tooStrong,
	} {
		if !errors.As(err, &inv) {
			t.Errorf("%s: got %v, want an error of a field", name, err)
		}
	}
	_, reset := h.Users.ResetPassword(t.Context(), manager, admin.ID)
	for name, err := range map[string]error{
		"demote an admin":      h.Users.SetRole(t.Context(), manager, admin.ID, string(account.RoleCustomer)),
		"disable an admin":     h.Users.SetDisabled(t.Context(), manager, admin.ID, true),
		"take over an account": reset,
		"end their sessions":   h.Users.EndSessions(t.Context(), manager, admin.ID),
		"delete a strong role": h.Roles.Delete(t.Context(), manager, strong.ID),
		"weaken a strong role": h.Roles.Change(t.Context(), manager, strong.ID, account.RoleInput{Name: "Strong", Version: 1}),
	} {
		if !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s: got %v, want %v", name, err, fault.ErrForbidden)
		}
	}
	if err := h.Users.SetRole(t.Context(), manager, other.ID, "Manager"); err != nil {
		t.Errorf("give their own role: %v", err)
	}
}

func TestUsersCannotTakeTheManagementOfUsersFromThemselves(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	role := h.role(admin, account.RoleInput{Name: "Manager", ManageUsers: true})
	manager := h.withRole(admin, "max", "Manager")
	role.ManageUsers = false
	err := h.Roles.Change(t.Context(), manager, role.ID, role.RoleInput)
	wantInvalid(t, err, "manage_users", "their own role")
	if err := h.Roles.Change(t.Context(), admin, role.ID, role.RoleInput); err != nil {
		t.Errorf("by an admin: %v", err)
	}
}

func TestTheOperatorCannotDemoteTheLastUserWhoManagesUsers(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	if err := h.Operator.SetRole(t.Context(), admin.Email, "agent"); err == nil {
		t.Error("the last admin became an agent")
	}
	h.role(admin, account.RoleInput{Name: "Manager", ManageUsers: true})
	h.withRole(admin, "max", "Manager")
	if err := h.Operator.SetRole(t.Context(), admin.Email, "agent"); err != nil {
		t.Errorf("with another manager: %v", err)
	}
	if n := h.number("select count(*) from users where id = $1 and role = 'agent'", admin.ID); n != 1 {
		t.Error("the admin is no agent")
	}
	made, err := h.Operator.SeedAdmin(t.Context(), "", "")
	if err != nil || made.Email != "" {
		t.Errorf("another admin is made beside the manager: %v %v", made, err)
	}
}

func TestARoleThatAUserHasIsNotDeleted(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	role := h.role(admin, account.RoleInput{Name: "Helper"})
	user := h.withRole(admin, "lena", "Helper")
	if err := h.Roles.Delete(t.Context(), admin, role.ID); !errors.Is(err, fault.ErrInUse) {
		t.Errorf("in use: got %v, want %v", err, fault.ErrInUse)
	}
	if err := h.Users.SetRole(t.Context(), admin, user.ID, string(account.RoleCustomer)); err != nil {
		t.Fatal(err)
	}
	if err := h.Roles.Delete(t.Context(), admin, role.ID); err != nil {
		t.Errorf("unused: %v", err)
	}
}

func TestNamesOfRolesAreUnique(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	h.role(admin, account.RoleInput{Name: "Helper"})
	for _, name := range []string{"", "HELPER", "Hel\u200bper", "Admin", "AGENT", "customer"} {
		_, err := h.Roles.Add(t.Context(), admin, account.RoleInput{Name: name})
		wantInvalid(t, err, "name", name)
	}
}
