package account_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
)

const week = 7 * 24 * time.Hour

// accepting is the form of somebody without an account.
var accepting = account.AcceptInput{Username: "Lena", Password: "three unrelated words"}

// invites makes an invitation to lena@example.org.
func (h fixture) invites(by account.Actor, role string) account.Link {
	h.t.Helper()
	link, err := h.Invitations.Invite(h.t.Context(), by, account.InviteInput{Email: "lena@example.org", Role: role}, week)
	if err != nil {
		h.t.Fatal(err)
	}
	return link
}

func TestAnInvitationMakesAnAccountOnce(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	h.role(admin, account.RoleInput{Name: "Light agent", Note: true})
	link := h.invites(admin, "Light agent")
	if n := h.number("select count(*) from invitations where position($1::bytea in token_hash) > 0", []byte(link.Token)); n != 0 {
		t.Error("the token itself is stored")
	}
	who, err := h.Invitations.AcceptAsNew(t.Context(), link.Token, accepting, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	if !who.Can(account.AddNotes) {
		t.Error("who.Can(account.AddNotes) is false, want true")
	}
	if who.Can(account.ReplyToTickets) {
		t.Error("who.Can(account.ReplyToTickets) is true, want false")
	}
	if who.Email != "lena@example.org" {
		t.Errorf(`the email is %q, want "lena@example.org"`, who.Email)
	}
	if got := h.bearer(who.ID); got.CustomRole != "Light agent" {
		t.Errorf("the account has the role %q", got.CustomRole)
	}
	if _, err := h.Invitations.AcceptAsNew(t.Context(), link.Token, accepting, somewhere); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the same link again: got %v, want %v", err, fault.ErrNotFound)
	}
}

func TestAnInvitationIsAcceptedOnceByManyRequests(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{Limits: limit.Limits{Register: limit.Limit{N: 100, Per: time.Hour}}})
	link := h.invites(h.person("ana", account.RoleAdmin), "agent")
	var wg sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		wg.Go(func() { _, errs[i] = h.Invitations.AcceptAsNew(t.Context(), link.Token, accepting, somewhere) })
	}
	wg.Wait()
	accepted := 0
	for _, err := range errs {
		if err == nil {
			accepted++
		} else if !errors.Is(err, fault.ErrNotFound) && !errors.Is(err, fault.ErrEmailTaken) {
			// A request that came later finds the account, and the link used up.
			t.Errorf("got %v", err)
		}
	}
	n := h.number("select count(*) from users where email = 'lena@example.org'")
	if accepted != 1 {
		t.Errorf("accepted is %d, want 1", accepted)
	}
	if n != 1 {
		t.Errorf("got %d accounts, want 1", n)
	}
}

func TestACustomerWhoIsInvitedSignsInAndGetsTheRole(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin, lena, other := h.person("ana", account.RoleAdmin), h.person("lena", account.RoleCustomer), h.person("ben", account.RoleCustomer)
	link := h.invites(admin, "agent")
	if _, err := h.Invitations.AcceptAsNew(t.Context(), link.Token, accepting, somewhere); !errors.Is(err, fault.ErrEmailTaken) {
		t.Errorf("without signing in: got %v, want %v", err, fault.ErrEmailTaken)
	}
	if _, err := h.Invitations.AcceptAsUser(t.Context(), other, link.Token); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("as another user: got %v, want %v", err, fault.ErrForbidden)
	}
	before := h.bearer(lena.ID)
	who, err := h.Invitations.AcceptAsUser(t.Context(), lena, link.Token)
	if err != nil || who.Role != account.RoleAgent {
		t.Fatalf("got %+v, %v", who, err)
	}
	if err := h.Sessions.StillSignedIn(t.Context(), before); !errors.Is(err, fault.ErrSignedOut) {
		t.Errorf("an older token: got %v, want %v", err, fault.ErrSignedOut)
	}
	if n := h.number("select session_ver from users where id = $1", lena.ID); n != int64(who.SessionVer) {
		t.Errorf("the session version is %d, want %d", who.SessionVer, n)
	}
}

func TestALinkEndsWithItsInvitation(t *testing.T) {
	t.Parallel()
	now := time.Now()
	h := newFixture(t, options{Now: func() time.Time { return now }})
	for name, end := range map[string]func(admin account.Actor, id int64) error{
		"revoked": func(a account.Actor, id int64) error { return h.Invitations.Revoke(t.Context(), a, id) },
		"replaced": func(a account.Actor, id int64) error {
			_, err := h.Invitations.Renew(t.Context(), a, id, week)
			return err
		},
		"sender disabled": func(a account.Actor, _ int64) error {
			h.exec("update users set disabled_at = now() where id = $1", a.ID)
			return nil
		},
		"sender demoted": func(a account.Actor, _ int64) error {
			h.exec("update users set role = 'agent' where id = $1", a.ID)
			return nil
		},
		"expired": func(_ account.Actor, id int64) error {
			h.exec("update invitations set expires_at = $2 where id = $1", id, now)
			return nil
		},
		"accepted": func(_ account.Actor, id int64) error {
			h.exec("update invitations set accepted_at = now() where id = $1", id)
			return nil
		},
	} {
		admin := h.person(fmt.Sprint("admin of ", name), account.RoleAdmin)
		h.exec("delete from invitations")
		link := h.invites(admin, "agent")
		if _, err := h.Invitations.Get(t.Context(), link.Token); err != nil {
			t.Fatal(name, err)
		}
		if err := end(admin, h.number("select max(id) from invitations")); err != nil {
			t.Fatal(name, err)
		}
		if _, err := h.Invitations.AcceptAsNew(t.Context(), link.Token, accepting, somewhere); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s: got %v, want %v", name, err, fault.ErrNotFound)
		}
	}
}

func TestWhoCannotBeInvitedIsRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin, agent := h.person("ana", account.RoleAdmin), h.person("tom", account.RoleAgent)
	disabled := h.person("dora", account.RoleCustomer)
	h.exec("update users set disabled_at = now() where id = $1", disabled.ID)
	h.invites(admin, "agent")
	for _, c := range []struct{ email, role, field string }{
		{"LENA@example.org", "agent", "email"}, {agent.Email, "admin", "email"}, {disabled.Email, "agent", "email"}, {"nobody", "agent", "email"},
		{"new@example.org", "customer", "role"}, {"new@example.org", "root", "role"}, {"new@example.org", "", "role"},
	} {
		_, err := h.Invitations.Invite(t.Context(), admin, account.InviteInput{Email: c.email, Role: c.role}, week)
		wantInvalid(t, err, c.field, c.email, c.role)
	}
	if _, err := h.Invitations.Invite(t.Context(), agent, account.InviteInput{Email: "new@example.org", Role: "agent"}, week); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("by an agent: got %v, want %v", err, fault.ErrForbidden)
	}
}

func TestAnInvitationAddsItsUserToTeamsInUse(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	billing := h.number("insert into teams (name, name_key) values ('Billing', 'billing') returning id")
	old := h.number("insert into teams (name, name_key) values ('Old', 'old') returning id")
	in := account.InviteInput{Email: "lena@example.org", Role: "agent", Teams: []int64{billing, old, billing}}
	link, err := h.Invitations.Invite(t.Context(), admin, in, week)
	if err != nil {
		t.Fatal(err)
	}
	if n := h.number("select count(*) from invitations where teams = $1", []int64{billing, old}); n != 1 {
		t.Errorf("%d invitations with each team once, want 1", n)
	}
	h.exec("update teams set retired_at = now() where id = $1", old)
	i, err := h.Invitations.Get(t.Context(), link.Token)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Billing"}, i.Teams); diff != "" {
		t.Errorf("the teams that the link shows (-want +got):\n%s", diff)
	}
	who, err := h.Invitations.AcceptAsNew(t.Context(), link.Token, accepting, somewhere)
	if err != nil {
		t.Fatal(err)
	}
	if n := h.number("select sum(team_id) from team_members where user_id = $1 and not lead", who.ID); n != billing {
		t.Errorf("the user is a member of %d, want %d", n, billing)
	}
}

func TestAnInvitedCustomerJoinsTheTeams(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin, lena := h.person("ana", account.RoleAdmin), h.person("lena", account.RoleCustomer)
	billing := h.number("insert into teams (name, name_key) values ('Billing', 'billing') returning id")
	link, err := h.Invitations.Invite(t.Context(), admin, account.InviteInput{Email: lena.Email, Role: "agent", Teams: []int64{billing}}, week)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Invitations.AcceptAsUser(t.Context(), lena, link.Token); err != nil {
		t.Fatal(err)
	}
	if n := h.number("select count(*) from team_members where user_id = $1 and team_id = $2", lena.ID, billing); n != 1 {
		t.Errorf("%d memberships, want 1", n)
	}
}

func TestAnInvitationToATeamThatIsNotInUseIsRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	old := h.number("insert into teams (name, name_key, retired_at) values ('Old', 'old', now()) returning id")
	for _, team := range []int64{old, 999, -1} {
		_, err := h.Invitations.Invite(t.Context(), admin, account.InviteInput{Email: "lena@example.org", Role: "agent", Teams: []int64{team}}, week)
		wantInvalid(t, err, "join", team)
	}
}

func TestAnInvitationToATeamWhoseMembersTheActorMayNotChangeIsRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, options{})
	admin := h.person("ana", account.RoleAdmin)
	open := h.number("insert into teams (name, name_key) values ('Billing', 'billing') returning id")
	private := h.number("insert into teams (name, name_key, private) values ('Staff', 'staff', true) returning id")
	h.role(admin, account.RoleInput{Name: "Manager", SeeAll: true, Reply: true, Note: true, Triage: true, ManageUsers: true})
	manager, lacks := h.withRole(admin, "mia", "Manager"), h.withRole(admin, "max", "Manager")
	h.exec("update users set permissions = permissions & ~$2::int where id = $1", lacks.ID, int(account.PermissionsOf(account.ManageTeams)))
	lacks = h.bearer(lacks.ID)
	for _, c := range []struct {
		actor account.Actor
		teams []int64
		may   bool
	}{{manager, []int64{open}, true}, {manager, []int64{open, private}, false}, {lacks, []int64{open}, false}, {lacks, nil, true}} {
		name := fmt.Sprint(c.actor.Username, " and ", c.teams)
		h.exec("delete from invitations")
		in := account.InviteInput{Email: "lena@example.org", Role: "agent", Teams: c.teams}
		_, err := h.Invitations.Invite(t.Context(), c.actor, in, week)
		if c.may && err != nil {
			t.Errorf("%s: got %v", name, err)
		} else if !c.may {
			wantInvalid(t, err, "join", name)
		}
		h.exec("delete from invitations")
		link, err := h.Invitations.Invite(t.Context(), admin, in, week)
		if err != nil {
			t.Fatal(name, err)
		}
		if _, err := h.Invitations.Renew(t.Context(), c.actor, link.ID, week); c.may && err != nil || !c.may && !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s: a new link: got %v", name, err)
		}
	}
}
