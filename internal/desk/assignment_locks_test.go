package desk_test

import (
	"context"
	"fmt"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
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
