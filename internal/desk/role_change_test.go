package desk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// deadlocksStay makes deadlocks last longer than lock_timeout, so that each is an error instead of a retry.
func (h fixture) deadlocksStay() {
	h.t.Helper()
	h.exec("do $$ begin execute format('alter database %I set deadlock_timeout = ''1h''', current_database()); end $$")
	h.pool.Reset() // new connections have the setting
}

func TestARoleChangesWhileItsUserTakesATicketOfTheirTeam(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ticket, member := h.privateTicket()
	boss := h.person("boss", account.RoleAdmin)
	h.exec("update tickets set assignee_id = null")
	other := h.number("insert into teams (name, name_key) values ('Repairs', 'repairs') returning id")
	h.deadlocksStay()
	// The assignment waits for its team when it has locked the right of the member.
	holding, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer holding.Rollback(context.Background())
	if _, err := holding.Exec(t.Context(), "select from teams where id = $1 for update", other); err != nil {
		t.Fatal(err)
	}
	taken, changed := make(chan error, 1), make(chan error, 1)
	go func() {
		_, err := h.Tickets.Assign(t.Context(), member, ticket, desk.AssignmentInput{Assignee: "me", Team: fmt.Sprint(other)})
		taken <- err
	}()
	h.waitFor("not l.granted and l.locktype in ('transactionid', 'tuple')")
	go func() { changed <- h.SetUserRole(t.Context(), boss, member.ID, string(account.RoleAdmin)) }()
	h.waitForBlocked()
	if err := holding.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-taken; err != nil {
		t.Errorf("the assignment: %v", err)
	}
	if err := <-changed; err != nil {
		t.Errorf("the role: %v", err)
	}
}

func TestAUserWhoBecomesACustomerLeavesTheirTeams(t *testing.T) {
	t.Parallel()
	for name, demote := range map[string]func(h fixture, boss, lead account.Actor) error{
		"by an admin": func(h fixture, boss, lead account.Actor) error {
			return h.SetUserRole(t.Context(), boss, lead.ID, string(account.RoleCustomer))
		},
		"by the operator": func(h fixture, _, lead account.Actor) error {
			return h.Accounts.Operator.SetRole(t.Context(), lead.Email, string(account.RoleCustomer))
		},
	} {
		h := newFixture(t, desk.Options{})
		_, lead := h.privateTicket()
		boss := h.person("boss", account.RoleAdmin)
		h.exec("update team_members set lead = true")
		if err := h.SetUserRole(t.Context(), boss, lead.ID, string(account.RoleAdmin)); err != nil {
			t.Fatal(err)
		}
		if n := h.number("select count(*) from team_members where user_id = $1 and lead", lead.ID); n != 1 {
			t.Errorf("%s: with another role of staff the lead has %d memberships, want 1", name, n)
		}
		if err := demote(h, boss, lead); err != nil {
			t.Fatal(err)
		}
		if n := h.number("select count(*) from team_members where user_id = $1", lead.ID); n != 0 {
			t.Errorf("%s: the customer has %d memberships, want 0", name, n)
		}
	}
}

func TestAUserWhoIsBecomingACustomerJoinsNoTeam(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	_, member := h.privateTicket()
	boss, tom := h.person("boss", account.RoleAdmin), h.person("tom", account.RoleAgent)
	h.exec("update team_members set lead = true")
	h.deadlocksStay()
	// The role change waits for a transaction of its user.
	writing, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer writing.Rollback(context.Background())
	if _, err := writing.Exec(t.Context(), "select pg_advisory_xact_lock_shared(right_key($1))", tom.ID); err != nil {
		t.Fatal(err)
	}
	changed, added := make(chan error, 1), make(chan error, 1)
	go func() { changed <- h.SetUserRole(t.Context(), boss, tom.ID, string(account.RoleCustomer)) }()
	h.waitForBlocked()
	go func() {
		_, err := h.Teams.AddMember(t.Context(), member, 1, desk.MemberInput{User: tom.ID})
		added <- err
	}()
	h.waitFor("not l.granted and l.locktype in ('transactionid', 'tuple')")
	if err := writing.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-changed; err != nil {
		t.Errorf("the role: %v", err)
	}
	var invalid *fault.Invalid
	if err := <-added; !errors.As(err, &invalid) {
		t.Errorf("the member: got %v, want that the user is a customer", err)
	}
}
