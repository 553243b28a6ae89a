package desk

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// teamOf adds a team with members and returns its id as forms have it.
func (k *ticketFixture) teamOf(name string, private bool, members ...account.Actor) string {
	k.Helper()
	var id int64
	k.must(k.pool.QueryRow(context.Background(), `insert into teams (name, name_key, private) values ($1, lower($1), $2) returning id`, name, private).Scan(&id))
	for _, m := range members {
		k.exec(`insert into team_members (team_id, user_id) values ($1, $2)`, id, m.ID)
	}
	return fmt.Sprint(id)
}

// assign sets the assignee and the team of the fixture's ticket.
func (k *ticketFixture) assign(by account.Actor, in AssignmentInput) (Ticket, error) {
	out, err := k.desk.Tickets.Assign(context.Background(), by, k.ticket, in)
	return out.Ticket, err
}

// restricted returns staff who see only the tickets of their teams.
func (k *ticketFixture) restricted(name string) account.Actor {
	k.Helper()
	k.exec(`insert into roles (name, name_key, see_all, reply, note, triage) values ('Light', 'light', false, true, true, true) on conflict do nothing`)
	a := k.person(name, account.RoleAgent)
	k.exec(`update users set custom_role = 'Light' where id = $1`, a.ID)
	a.CustomRole, a.Granted = "Light", account.PermissionsOf(account.WorkAsStaff, account.ReplyToTickets, account.AddNotes, account.TriageTickets)
	return a
}

func TestAnAssignmentChangesNothingThatTheRequesterSees(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	team := k.teamOf("Billing", false)
	before, err := k.desk.Tickets.Get(context.Background(), k.ana, k.ticket)
	k.must(err)
	*k.now = k.now.Add(time.Hour)
	if _, err := k.assign(k.priya, AssignmentInput{Assignee: fmt.Sprint(k.tom.ID), Team: team}); err != nil {
		t.Fatal(err)
	}
	after, err := k.desk.Tickets.Get(context.Background(), k.ana, k.ticket)
	k.must(err)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Error(diff)
	}
	staff, err := k.desk.Tickets.Get(context.Background(), k.priya, k.ticket)
	k.must(err)
	if staff.Assignee != "tom" {
		t.Errorf(`the assignee is %q, want "tom"`, staff.Assignee)
	}
	if staff.Team != "Billing" {
		t.Errorf(`the team is %q, want "Billing"`, staff.Team)
	}
}

func TestAnAssigneeWhoCannotWorkOnTheTicketIsRefusedByField(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	member, other, gone := k.person("member", account.RoleAgent), k.person("other", account.RoleAgent), k.person("gone", account.RoleAgent)
	light := k.restricted("light")
	k.exec(`update users set disabled_at = now() where id = $1`, gone.ID)
	private, open := k.teamOf("HR", true, member), k.teamOf("Billing", false)
	k.exec(`insert into teams (name, name_key, retired_at) values ('Old', 'old', now())`)
	for _, c := range []struct {
		name  string
		in    AssignmentInput
		field string // "" if it is accepted
	}{
		{"a customer", AssignmentInput{Assignee: fmt.Sprint(k.boris.ID)}, "assignee"},
		{"the requester", AssignmentInput{Assignee: fmt.Sprint(k.ana.ID)}, "assignee"},
		{"a disabled account", AssignmentInput{Assignee: fmt.Sprint(gone.ID)}, "assignee"},
		{"nobody's id", AssignmentInput{Assignee: "999999"}, "assignee"},
		{"a word", AssignmentInput{Assignee: "tom"}, "assignee"},
		{"restricted staff without a team", AssignmentInput{Assignee: fmt.Sprint(light.ID)}, "assignee"},
		{"no member of the private team", AssignmentInput{Assignee: fmt.Sprint(other.ID), Team: private}, "assignee"},
		{"an unknown team", AssignmentInput{Team: "999999"}, "team"},
		{"a retired team", AssignmentInput{Team: "3"}, "team"},
		{"anybody of an open team", AssignmentInput{Assignee: fmt.Sprint(other.ID), Team: open}, ""},
		{"a member of the private team", AssignmentInput{Assignee: fmt.Sprint(member.ID), Team: private}, ""},
	} {
		_, err := k.assign(k.priya, c.in)
		var inv *fault.Invalid
		switch {
		case c.field == "" && err != nil:
			t.Errorf("%s: got %v, want success", c.name, err)
		case c.field != "" && (!errors.As(err, &inv) || inv.Field(c.field) == ""):
			t.Errorf("%s: got %v, want an error of %q", c.name, err, c.field)
		}
	}
}

func TestATicketThatMovesToAPrivateTeamLosesAnAssigneeWhoIsNoMember(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	agent := k.person("agent", account.RoleAgent)
	private := k.teamOf("HR", true)
	_, err := k.assign(agent, AssignmentInput{Assignee: "me"})
	k.must(err)
	out, err := k.desk.Tickets.Assign(context.Background(), agent, k.ticket, AssignmentInput{Team: private})
	k.must(err)
	if !out.Gone {
		t.Error("gone is false, want true")
	}
	if out.Ticket.AssigneeID != 0 {
		t.Errorf("the assignee ID of the ticket is %d, want 0", out.Ticket.AssigneeID)
	}
	if _, err := k.desk.Tickets.Get(context.Background(), agent, k.ticket); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the agent gets %v, want not found", err)
	}
}

func TestTheFirstReplyAssignsAnUnassignedTicketToItsAuthor(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.desk.SetFirstReplyAssigns(t, true)
	k.comment(k.tom, CommentInput{Text: "One moment"})
	k.comment(k.priya, CommentInput{Text: "Me too"})
	k.comment(k.ana, CommentInput{Text: "Thanks"})
	want := []string{"2 assignment tom", "3 comment tom", "4 comment priya", "5 comment ana"}
	if diff := cmp.Diff(want, k.log()); diff != "" {
		t.Error(diff)
	}
	got, err := k.desk.Tickets.Get(context.Background(), k.priya, k.ticket)
	k.must(err)
	if got.AssigneeID != k.tom.ID {
		t.Errorf("assigned to %q, want tom", got.Assignee)
	}
}

func TestAReopenedTicketOfAnAbsentAssigneeGoesBackToItsTeam(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	agent := k.person("agent", account.RoleAgent)
	team := k.teamOf("Billing", false, agent)
	_, err := k.assign(k.priya, AssignmentInput{Assignee: fmt.Sprint(agent.ID), Team: team})
	k.must(err)
	k.setStatus(k.priya, StatusResolved)
	k.must(k.desk.SetUserDisabled(context.Background(), k.priya, agent.ID, true))
	was, err := k.desk.Tickets.Get(context.Background(), k.priya, k.ticket)
	k.must(err)
	if was.AssigneeID != agent.ID {
		t.Errorf("the resolved ticket has the assignee %d, want it kept", was.AssigneeID)
	}
	k.comment(k.ana, CommentInput{Text: "Not solved"})
	got, err := k.desk.Tickets.Get(context.Background(), k.priya, k.ticket)
	k.must(err)
	if got.AssigneeID != 0 {
		t.Errorf("the assignee ID is %d, want 0", got.AssigneeID)
	}
	if got.Team != "Billing" {
		t.Errorf(`the team is %q, want "Billing"`, got.Team)
	}
}

func TestARestoredTicketOfAnAbsentAssigneeGoesBackToItsTeam(t *testing.T) {
	t.Parallel()
	for name, leaves := range map[string]func(k *ticketFixture, agent account.Actor) error{
		"disabled": func(k *ticketFixture, agent account.Actor) error {
			return k.desk.SetUserDisabled(context.Background(), k.priya, agent.ID, true)
		},
		"a customer": func(k *ticketFixture, agent account.Actor) error {
			return k.desk.SetUserRole(context.Background(), k.priya, agent.ID, string(account.RoleCustomer))
		},
		"away": func(k *ticketFixture, agent account.Actor) error {
			return k.desk.SetAway(context.Background(), agent, AwayInput{Back: k.desk.Now().AddDate(0, 0, 3).Format(time.DateOnly)})
		},
	} {
		k := newTicketFixture(t)
		agent := k.person("agent", account.RoleAgent)
		team := k.teamOf("Billing", false, agent)
		_, err := k.assign(k.priya, AssignmentInput{Assignee: fmt.Sprint(agent.ID), Team: team})
		k.must(err)
		k.must(k.desk.Tickets.Delete(context.Background(), k.priya, k.ticket))
		k.must(leaves(k, agent))
		k.must(k.desk.Tickets.Restore(context.Background(), k.priya, k.ticket))
		got, err := k.desk.Tickets.Get(context.Background(), k.priya, k.ticket)
		k.must(err)
		if got.AssigneeID != 0 {
			t.Errorf("%s: the assignee ID is %d, want 0", name, got.AssigneeID)
		}
		if got.Team != "Billing" {
			t.Errorf(`%s: the team is %q, want "Billing"`, name, got.Team)
		}
	}
}

func TestDisablingAnAgentUnassignsTheirActiveTicketsInBatches(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	agent := k.person("agent", account.RoleAgent)
	const many = 2*batchTickets + 7
	k.exec(`insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash, assignee_id)
		select $1, 'S', 'D', 1, 'Low', 'many ' || n, '', $2 from generate_series(1, $3::int) n`, k.ana.ID, agent.ID, many)
	k.must(k.desk.SetUserDisabled(context.Background(), k.priya, agent.ID, true))
	var left, logged int
	k.must(k.pool.QueryRow(context.Background(), `select (select count(*) from tickets where assignee_id is not null), (select count(*) from ticket_events where kind = 'assignment' and data ->> 'why' = 'disabled')`).Scan(&left, &logged))
	if left != 0 {
		t.Errorf("left is %d, want 0", left)
	}
	if logged != many {
		t.Errorf("logged is %d, want %d", logged, many)
	}
}

func TestTheSweepReleasesWhatAnInterruptedChangeLeft(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	agent := k.person("agent", account.RoleAgent)
	team := k.teamOf("Billing", false, agent)
	_, err := k.assign(k.priya, AssignmentInput{Assignee: fmt.Sprint(agent.ID), Team: team})
	k.must(err)
	k.exec(`update users set disabled_at = now() where id = $1`, agent.ID)
	k.exec(`update teams set retired_at = now(), retired_by = $1`, k.priya.ID)
	k.must(k.desk.Upkeep.sweepAssignments(context.Background()))
	got, err := k.desk.Tickets.Get(context.Background(), k.priya, k.ticket)
	k.must(err)
	if got.AssigneeID != 0 {
		t.Errorf("the assignee ID is %d, want 0", got.AssigneeID)
	}
	if got.TeamID != 0 {
		t.Errorf("the team ID is %d, want 0", got.TeamID)
	}
}

func TestTheSweepLeavesTheTicketsOfATeamThatNobodyIsKnownToHaveRetired(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	team := k.teamOf("Billing", false)
	_, err := k.assign(k.priya, AssignmentInput{Team: team})
	k.must(err)
	k.exec(`update teams set retired_at = now()`)
	k.must(k.desk.Upkeep.sweepAssignments(context.Background()))
	got, err := k.desk.Tickets.Get(context.Background(), k.priya, k.ticket)
	k.must(err)
	if got.Team != "Billing" {
		t.Errorf(`the team is %q, want "Billing"`, got.Team)
	}
}

func TestRetiringATeamMovesItsActiveTicketsAndKeepsItsFinishedOnes(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	from, to := k.teamOf("Old", false), k.teamOf("New", false)
	done := k.open(k.ana, "done")
	k.exec(`update tickets set team_id = $1`, 1)
	k.exec(`update tickets set status = 'CLOSED' where id = $1`, done)
	ctx := context.Background()
	if err := k.desk.Teams.Retire(ctx, k.priya, 1, RetireInput{Team: from}); err == nil {
		t.Error("a team takes its own tickets")
	}
	k.must(k.desk.Teams.Retire(ctx, k.priya, 1, RetireInput{Team: to}))
	active, err := k.desk.Tickets.Get(ctx, k.priya, k.ticket)
	k.must(err)
	finished, err := k.desk.Tickets.Get(ctx, k.priya, done)
	k.must(err)
	if active.Team != "New" {
		t.Errorf(`the team is %q, want "New"`, active.Team)
	}
	if finished.Team != "Old" {
		t.Errorf(`the team is %q, want "Old"`, finished.Team)
	}
	if log := strings.Join(k.log(), "; "); log != "2 team priya" {
		t.Errorf("the log has %q, want the move", log)
	}
}
