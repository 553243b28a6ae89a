package desk_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// privateTicket returns a ticket of a private team, and a member of the team.
func (h fixture) privateTicket() (ticket int64, member account.Actor) {
	h.t.Helper()
	member = h.person("member", account.RoleAgent)
	ticket = h.opens(h.person("ana", account.RoleCustomer), anInput("first")).ID
	h.exec("insert into teams (name, name_key, private) values ('HR', 'hr', true)")
	h.exec("insert into team_members (team_id, user_id) values (1, $1)", member.ID)
	h.exec("update tickets set team_id = 1, assignee_id = $1", member.ID)
	return ticket, member
}

func TestAWriteThatWaitsWhileItsAuthorLeavesThePrivateTeamIsRefused(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]string{
		"a removed member":            "delete from team_members",
		"a team that becomes private": "update teams set private = true",
	} {
		h := newFixture(t, desk.Options{})
		ticket, member := h.privateTicket()
		if name != "a removed member" {
			h.exec("update teams set private = false")
			h.exec("delete from team_members")
		}
		for what, write := range map[string]func() error{
			"a comment": func() error {
				_, err := h.Comments.Add(t.Context(), member, ticket, desk.CommentInput{Text: "late"})
				return err
			},
			"a status": func() error {
				_, err := h.Tickets.SetStatus(t.Context(), member, ticket, desk.StatusInput{Status: "CLOSED"})
				return err
			},
			"an assignment": func() error {
				_, err := h.Tickets.Assign(t.Context(), member, ticket, desk.AssignmentInput{Assignee: "none"})
				return err
			},
		} {
			ending, err := h.pool.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer ending.Rollback(context.Background())
			if _, err := ending.Exec(t.Context(), end); err != nil {
				t.Fatal(err)
			}
			written := make(chan error, 1)
			go func() { written <- write() }()
			h.waitForBlocked()
			if err := ending.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-written; !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("%s, %s: got %v, want not found", name, what, err)
			}
			if n := h.number("select count(*) from ticket_events"); n != 1 {
				t.Errorf("%s, %s: %d entries, want 1", name, what, n)
			}
			if name == "a removed member" {
				h.exec("insert into team_members (team_id, user_id) values (1, $1)", member.ID)
			} else {
				h.exec("update teams set private = false")
			}
		}
	}
}

func TestATicketIsNotAssignedToAMemberWhoIsLeavingItsPrivateTeam(t *testing.T) {
	t.Parallel()
	for _, end := range []string{"delete from team_members where user_id = $1", "with gone as (delete from team_members where user_id = $1) update teams set private = true"} {
		h := newFixture(t, desk.Options{})
		ticket, member := h.privateTicket()
		boss := h.person("boss", account.RoleAdmin)
		h.exec("update tickets set assignee_id = null")
		ending, err := h.pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer ending.Rollback(context.Background())
		if _, err := ending.Exec(t.Context(), end, member.ID); err != nil {
			t.Fatal(err)
		}
		assigned := make(chan error, 1)
		go func() {
			_, err := h.Tickets.Assign(t.Context(), boss, ticket, desk.AssignmentInput{Assignee: strconv.FormatInt(member.ID, 10)})
			assigned <- err
		}()
		h.waitForBlocked()
		if err := ending.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
		var invalid *fault.Invalid
		if err := <-assigned; !errors.As(err, &invalid) {
			t.Errorf("%s: got %v, want that the assignee may not see the ticket", end, err)
		}
	}
}

func TestAReopenedTicketIsNotLeftToAnAssigneeWhoIsLosingTheRight(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]string{
		"disabled": "update users set disabled_at = now() where id = $1",
		"demoted":  "update users set role = 'customer' where id = $1",
		"removed":  "delete from team_members where user_id = $1",
	} {
		for what, reopen := range map[string]func(h fixture, boss account.Actor, ticket int64) error{
			"reopened": func(h fixture, boss account.Actor, ticket int64) error {
				h.exec("update tickets set status = 'RESOLVED'")
				_, err := h.Tickets.SetStatus(t.Context(), boss, ticket, desk.StatusInput{Status: "OPEN"})
				return err
			},
			"restored": func(h fixture, boss account.Actor, ticket int64) error {
				h.exec("update tickets set deleted_at = now()")
				return h.Tickets.Restore(t.Context(), boss, ticket)
			},
		} {
			h := newFixture(t, desk.Options{})
			ticket, member := h.privateTicket()
			boss := h.person("boss", account.RoleAdmin)
			ending, err := h.pool.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer ending.Rollback(context.Background())
			if _, err := ending.Exec(t.Context(), end, member.ID); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- reopen(h, boss, ticket) }()
			h.waitForBlocked()
			if err := ending.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil {
				t.Fatalf("%s, %s: %v", name, what, err)
			}
			if n := h.number("select count(*) from tickets where assignee_id is not null"); n != 0 {
				t.Errorf("%s, %s: the ticket keeps the assignee who cannot work on it", name, what)
			}
		}
	}
}

func TestNoTicketIsAssignedAutomaticallyToAMemberWhoIsLeavingItsPrivateTeam(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	_, member := h.privateTicket()
	h.exec("update tickets set assignee_id = null")
	office{fixture: h, admin: h.person("boss", account.RoleAdmin)}.automatic(true, 5)
	ending, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer ending.Rollback(context.Background())
	if _, err := ending.Exec(t.Context(), "delete from team_members where user_id = $1", member.ID); err != nil {
		t.Fatal(err)
	}
	drained := make(chan error, 1)
	go func() { drained <- h.Automatic.Drain(t.Context()) }()
	h.waitForBlocked()
	if err := ending.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-drained; err != nil {
		t.Fatal(err)
	}
	if n := h.number("select count(*) from tickets where assignee_id is not null"); n != 0 {
		t.Error("the ticket is assigned to a user who may not see it")
	}
}

func TestACommentOfAMemberOfAPrivateTeamIsWrittenAtOnce(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ticket, member := h.privateTicket()
	if e, err := h.Comments.Add(t.Context(), member, ticket, desk.CommentInput{Text: "Hello"}); err != nil || e.Seq != 2 {
		t.Errorf("got entry %d, %v, want entry 2", e.Seq, err)
	}
	other := h.person("other", account.RoleAgent)
	if _, err := h.Comments.Add(t.Context(), other, ticket, desk.CommentInput{Text: "Hello"}); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("an agent who is no member gets %v, want not found", err)
	}
	boss := h.person("boss", account.RoleAdmin)
	if _, err := h.Comments.Add(t.Context(), boss, ticket, desk.CommentInput{Text: "Hello"}); err != nil {
		t.Errorf("an admin gets %v, want no error", err)
	}
}

func TestAUserWhoManagesUsersCannotReadPrivateTeamsThroughTheirMembers(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ticket, member := h.privateTicket()
	admin := h.person("priya", account.RoleAdmin)
	if _, err := h.Accounts.Roles.Add(t.Context(), admin, account.RoleInput{Name: "Manager", SeeAll: true, Reply: true, Note: true, Triage: true, ManageUsers: true}); err != nil {
		t.Fatal(err)
	}
	manager := h.person("max", account.RoleCustomer)
	if err := h.SetUserRole(t.Context(), admin, manager.ID, "Manager"); err != nil {
		t.Fatal(err)
	}
	manager = h.withSignedToken(manager)
	_, added := h.Teams.AddMember(t.Context(), manager, 1, desk.MemberInput{User: manager.ID})
	_, invited := h.Accounts.Invitations.Invite(t.Context(), manager, account.InviteInput{Email: "new@example.org", Role: "Manager", Teams: []int64{1}}, time.Hour)
	for name, err := range map[string]error{
		"add themselves":     added,
		"remove a member":    h.Teams.RemoveMember(t.Context(), manager, 1, member.ID),
		"open the team":      h.Teams.Update(t.Context(), manager, 1, desk.TeamInput{Name: "HR"}, nil),
		"retire the team":    h.Teams.Retire(t.Context(), manager, 1, desk.RetireInput{Team: "none"}),
		"read the team page": func() error { _, err := h.Teams.ManagedPage(t.Context(), manager, 1); return err }(),
	} {
		if !errors.Is(err, fault.ErrForbidden) {
			t.Errorf("%s: got %v, want %v", name, err, fault.ErrForbidden)
		}
	}
	desk.WantInvalid(t, invited, "join", "invite a member")
	_, err := h.Teams.Add(t.Context(), manager, desk.TeamInput{Name: "Secret", Private: true})
	desk.WantInvalid(t, err, "private", "add a private team")
	if _, err := h.Tickets.Get(t.Context(), manager, ticket); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the ticket: got %v, want %v", err, fault.ErrNotFound)
	}
	if _, err := h.Accounts.Users.ResetPassword(t.Context(), manager, member.ID); !errors.Is(err, fault.ErrUnreadableTeam) {
		t.Errorf("reset the password of a member: got %v, want %v", err, fault.ErrUnreadableTeam)
	}
	other := h.person("other", account.RoleAgent)
	for name, who := range map[string][2]account.Actor{"of no member": {manager, other}, "as an admin": {admin, member}} {
		if _, err := h.Accounts.Users.ResetPassword(t.Context(), who[0], who[1].ID); err != nil {
			t.Errorf("reset a password %s: %v", name, err)
		}
	}
	h.exec("insert into team_members (team_id, user_id, lead) values (1, $1, true)", manager.ID)
	if err := h.Teams.RemoveMember(t.Context(), manager, 1, member.ID); err != nil {
		t.Errorf("as a lead: %v", err)
	}
}
