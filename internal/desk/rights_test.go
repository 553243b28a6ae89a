package desk_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

func TestNothingIsWrittenAfterTheRightHasEnded(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	boss, ana := h.person("boss", account.RoleAdmin), h.person("ana", account.RoleCustomer)
	ticket := h.opens(ana, anInput("first")).ID
	h.exec("insert into api_tokens (user_id, name, token_hash, created_at) values ($1, 'kept', 'hash', now())", boss.ID)
	tokenID := h.number("select id from api_tokens")
	tries := map[string]func(ctx context.Context, a account.Actor) error{
		"open a ticket": func(ctx context.Context, a account.Actor) error {
			_, err := h.Tickets.Open(ctx, a, anInput("late"))
			return err
		},
		"comment": func(ctx context.Context, a account.Actor) error {
			_, err := h.Comments.Add(ctx, a, ticket, desk.CommentInput{Text: "late"})
			return err
		},
		"resolve with a comment": func(ctx context.Context, a account.Actor) error {
			_, err := h.Comments.Add(ctx, a, ticket, desk.CommentInput{Text: "late", Then: "resolved"})
			return err
		},
		"chat": func(ctx context.Context, a account.Actor) error {
			_, err := h.Comments.Add(ctx, a, ticket, desk.MessageInput{Text: "late"})
			return err
		},
		"edit": func(ctx context.Context, a account.Actor) error {
			_, err := h.Tickets.Edit(ctx, a, ticket, desk.EditInput{TicketInput: anInput("late"), Version: 1})
			return err
		},
		"edit a stale version": func(ctx context.Context, a account.Actor) error {
			_, err := h.Tickets.Edit(ctx, a, ticket, desk.EditInput{TicketInput: anInput("late"), Version: 7})
			return err
		},
		"set a status": func(ctx context.Context, a account.Actor) error {
			_, err := h.Tickets.SetStatus(ctx, a, ticket, desk.StatusInput{Status: "CLOSED"})
			return err
		},
		"triage": func(ctx context.Context, a account.Actor) error {
			_, err := h.Tickets.Triage(ctx, a, ticket, desk.TriageInput{Status: "CLOSED", Priority: "Low", Category: "Billing", Version: 1})
			return err
		},
		"delete a ticket": func(ctx context.Context, a account.Actor) error { return h.Tickets.Delete(ctx, a, ticket) },
		"add a category": func(ctx context.Context, a account.Actor) error {
			return h.Categories.Add(ctx, a, desk.CategoryInput{Name: "Late"})
		},
		"change a category": func(ctx context.Context, a account.Actor) error {
			return h.Categories.Update(ctx, a, 1, desk.CategoryUpdate{CategoryInput: desk.CategoryInput{Name: "Late"}, Do: "rename"})
		},
		"add a user": func(ctx context.Context, a account.Actor) error {
			_, _, err := h.Accounts.Users.Add(ctx, a, account.AddUserInput{Username: "Late", Email: "late@example.org", Role: "admin"})
			return err
		},
		"set a role": func(ctx context.Context, a account.Actor) error {
			return h.Accounts.Users.SetRole(ctx, a, ana.ID, string(account.RoleAdmin))
		},
		"disable": func(ctx context.Context, a account.Actor) error {
			return h.Accounts.Users.SetDisabled(ctx, a, ana.ID, true)
		},
		"end sessions": func(ctx context.Context, a account.Actor) error { return h.Accounts.Users.EndSessions(ctx, a, ana.ID) },
		"reset a password": func(ctx context.Context, a account.Actor) error {
			_, err := h.Accounts.Users.ResetPassword(ctx, a, ana.ID)
			return err
		},
		"revoke a token": func(ctx context.Context, a account.Actor) error { return h.Accounts.Tokens.Revoke(ctx, a, tokenID) },
		"make a socket ticket": func(ctx context.Context, a account.Actor) error {
			_, err := h.Accounts.Tokens.SocketTicket(ctx, a, account.Credential{UserID: a.ID})
			return err
		},
		"sign out everywhere": func(ctx context.Context, a account.Actor) error {
			_, err := h.Accounts.Sessions.EndAllDevices(ctx, a, "any")
			return err
		},
		"end a device": func(ctx context.Context, a account.Actor) error { return h.Accounts.Sessions.EndDevice(ctx, a, "any") },
	}
	lost := h.rightsEnd(boss)
	for _, how := range slices.Sorted(maps.Keys(lost)) {
		for what, try := range tries {
			if err := try(t.Context(), lost[how]); !errors.Is(err, fault.ErrSignedOut) {
				t.Errorf("%s, %s: got %v, want %v", how, what, err, fault.ErrSignedOut)
			}
		}
	}
	for table, want := range map[string]int64{"tickets": 1, "ticket_events": 1, "categories": 3, "users": 2, "ws_tickets": 0} {
		if n := h.number("select count(*) from " + table); n != want {
			t.Errorf("%s: got %d rows, want %d", table, n, want)
		}
	}
	if n := h.number("select count(*) from users where id = $1 and role = 'customer' and disabled_at is null and session_ver = 1", ana.ID); n != 1 {
		t.Error("another account was changed")
	}
}

func TestAWriteThatWaitedWhileItsRightEndedIsRefused(t *testing.T) {
	t.Parallel()
	newFixture(t, desk.Options{}).refusesAfterAWait(t)
}

func TestAWriteThatWaitedIsRefusedUnderDefaultRepeatableRead(t *testing.T) {
	t.Parallel()
	for _, level := range []string{"repeatable read", "serializable"} {
		t.Run(level, func(t *testing.T) {
			t.Parallel()
			h := newFixture(t, desk.Options{})
			h.exec("do $$ begin execute format('alter database %I set default_transaction_isolation = %L', current_database(), '" + level + "'); end $$")
			h.pool.Reset()
			h.refusesAfterAWait(t)
		})
	}
}

// refusesAfterAWait ends a right while a write waits for it, and fails the test if the
// write is not refused.
func (h fixture) refusesAfterAWait(t *testing.T) {
	t.Helper()
	ana := h.person("ana", account.RoleCustomer)
	ticket := h.opens(ana, anInput("first")).ID
	actor, _ := h.withSession(ana)
	ending, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer ending.Rollback(context.Background())
	if _, err := ending.Exec(t.Context(), "update users set disabled_at = now(), session_ver = session_ver + 1 where id = $1", ana.ID); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		_, err := h.Comments.Add(t.Context(), actor, ticket, desk.CommentInput{Text: "late"})
		written <- err
	}()
	h.waitForBlocked()
	if err := ending.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-written; !errors.Is(err, fault.ErrSignedOut) {
		t.Errorf("got %v, want %v", err, fault.ErrSignedOut)
	}
}

func TestTheEndOfARightWaitsForItsCurrentWrite(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	boss, ana := h.person("boss", account.RoleAdmin), h.person("ana", account.RoleCustomer)
	writing, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer writing.Rollback(context.Background())
	if _, err := writing.Exec(t.Context(), "select right_holds($1, 'customer', 0, '', null, now(), false)", ana.ID); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- h.Accounts.Users.SetDisabled(t.Context(), boss, ana.ID, true) }()
	h.waitForBlocked()
	if err := writing.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestTwoRequestsThatEndTheirOwnRightDoNotDeadlock(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ana := h.person("ana", account.RoleCustomer)
	first, token := h.withSession(ana)
	second, other := h.withSession(ana)
	done := make(chan error, 2)
	go func() { _, err := h.Accounts.Sessions.EndAllDevices(t.Context(), first, token); done <- err }()
	go func() { _, err := h.Accounts.Sessions.EndAllDevices(t.Context(), second, other); done <- err }()
	var failed []string
	for range 2 {
		if err := <-done; err != nil {
			failed = append(failed, err.Error())
		}
	}
	if len(failed) != 1 {
		t.Fatalf("got %d elements, want 1: %q", len(failed), failed)
	}
	if !strings.Contains(failed[0], fault.ErrSignedOut.Error()) {
		t.Errorf("failed[0] is %q, want it with %q", failed[0], fault.ErrSignedOut.Error())
	}
}

func TestARoleThatLosesAPermissionWaitsForWritesAndThenRefusesThem(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	boss, ana, lena := h.person("boss", account.RoleAdmin), h.person("ana", account.RoleCustomer), h.person("lena", account.RoleCustomer)
	ticket := h.opens(ana, anInput("first")).ID
	if _, err := h.Accounts.Roles.Add(t.Context(), boss, account.RoleInput{Name: "Helper", SeeAll: true, Reply: true}); err != nil {
		t.Fatal(err)
	}
	if err := h.Accounts.Users.SetRole(t.Context(), boss, lena.ID, "Helper"); err != nil {
		t.Fatal(err)
	}
	actor, _ := h.withSession(lena)
	changing, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer changing.Rollback(context.Background())
	if _, err := changing.Exec(t.Context(), "update roles set reply = false where name = 'Helper'"); err != nil {
		t.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		_, err := h.Comments.Add(t.Context(), actor, ticket, desk.CommentInput{Text: "late"})
		written <- err
	}()
	h.waitForBlocked()
	if err := changing.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-written; !errors.Is(err, fault.ErrSignedOut) {
		t.Errorf("got %v, want %v", err, fault.ErrSignedOut)
	}
	if n := h.number("select count(*) from ticket_events where ticket_id = $1 and author_id = $2", ticket, lena.ID); n != 0 {
		t.Errorf("%d comments were written, want 0", n)
	}
}
