package desk

import (
	"context"
	"fmt"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/event"
)

// unassignedWhy returns the reason of the last entry that removed the assignee of the ticket, or "" if
// it is assigned.
func (k *ticketFixture) unassignedWhy() (why string) {
	k.Helper()
	k.must(k.pool.QueryRow(context.Background(), `select coalesce((select e.data ->> 'why' from ticket_events e
		where e.ticket_id = t.id and e.kind = 'assignment' and e.internal and e.data -> 'to' = 'null' order by e.seq desc limit 1), '')
		from tickets t where t.id = $1 and t.assignee_id is null union all select '' limit 1`, k.ticket).Scan(&why))
	return why
}

func TestARoleThatLosesSeeAllUnassignsWhatItsUsersMayNotRead(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	ctx := context.Background()
	_, err := k.desk.Accounts.Roles.Add(ctx, k.priya, account.RoleInput{Name: "Second line", SeeAll: true, Reply: true, Triage: true})
	k.must(err)
	tom, lena := k.person("tom2", account.RoleCustomer), k.person("lena", account.RoleCustomer)
	for _, u := range []account.Actor{tom, lena} {
		k.must(k.desk.SetUserRole(ctx, k.priya, u.ID, "Second line"))
	}
	team := k.teamOf("Billing", false, lena)
	theirs := k.open(k.ana, "in the team")
	k.exec(`update tickets set assignee_id = $2 where id = $1`, k.ticket, tom.ID)
	k.exec(`update tickets set assignee_id = $2, team_id = $3::bigint where id = $1`, theirs, lena.ID, team)
	roles, err := k.desk.Accounts.Roles.List(ctx, k.priya)
	k.must(err)
	in := roles[0].RoleInput
	in.SeeAll = false
	k.must(k.desk.ChangeRole(ctx, k.priya, roles[0].ID, in))
	if why := k.unassignedWhy(); why != event.WhyRole {
		t.Errorf("the reason is %q, want %q", why, event.WhyRole)
	}
	kept, err := k.desk.Tickets.Get(ctx, k.priya, theirs)
	k.must(err)
	if kept.AssigneeID != lena.ID {
		t.Errorf("the ticket of the team has the assignee %d, want %d", kept.AssigneeID, lena.ID)
	}
}

func TestAUserWhoseNewRoleMayNotReadTheirTicketsLosesThem(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.restricted("light")
	agent := k.person("agent", account.RoleAgent)
	k.exec(`update tickets set assignee_id = $2 where id = $1`, k.ticket, agent.ID)
	k.must(k.desk.SetUserRole(context.Background(), k.priya, agent.ID, "Light"))
	if why := k.unassignedWhy(); why != event.WhyRole {
		t.Errorf("the reason is %q, want %q", why, event.WhyRole)
	}
}

func TestATeamThatIsMadePrivateUnassignsTicketsOfOthers(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	team := k.teamOf("HR", false)
	_, err := k.assign(k.priya, AssignmentInput{Assignee: fmt.Sprint(k.person("agent", account.RoleAgent).ID), Team: team})
	k.must(err)
	k.must(k.desk.Teams.Update(context.Background(), k.priya, 1, TeamInput{Name: "HR", Private: true}, nil))
	if why := k.unassignedWhy(); why != event.WhyTeam {
		t.Errorf("the reason is %q, want %q", why, event.WhyTeam)
	}
}

func TestTicketsOfARetiredTeamAreUnassignedIfTheirAssigneesMayNotReadThem(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	light := k.restricted("light")
	team := k.teamOf("Billing", false, light)
	_, err := k.assign(k.priya, AssignmentInput{Assignee: fmt.Sprint(light.ID), Team: team})
	k.must(err)
	k.must(k.desk.Teams.Retire(context.Background(), k.priya, 1, RetireInput{Team: "none"}))
	if why := k.unassignedWhy(); why != event.WhyTeam {
		t.Errorf("the reason is %q, want %q", why, event.WhyTeam)
	}
}

func TestTheSweepUnassignsWhatAnAssigneeMayNotRead(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	light := k.restricted("light")
	k.exec(`update tickets set assignee_id = $2 where id = $1`, k.ticket, light.ID)
	k.must(k.desk.Upkeep.sweepAssignments(context.Background()))
	if why := k.unassignedWhy(); why != event.WhyDisabled {
		t.Errorf("the reason is %q, want %q", why, event.WhyDisabled)
	}
}

func TestAnAdminWhomTheCommandLineMakesAnAgentLosesWhatTheyMayNotRead(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	team := k.teamOf("Legal", true, k.person("lena", account.RoleAgent))
	_, err := k.assign(k.priya, AssignmentInput{Assignee: "me", Team: team})
	k.must(err)
	k.must(k.desk.OperatorSetRole(context.Background(), k.tom.Email, string(account.RoleAdmin)))
	k.must(k.desk.OperatorSetRole(context.Background(), k.priya.Email, string(account.RoleAgent)))
	if why := k.unassignedWhy(); why != event.WhyDisabled {
		t.Errorf("the reason is %q, want %q", why, event.WhyDisabled)
	}
}

func TestTheSweepRemovesCustomersFromTeams(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	lena := k.person("lena", account.RoleAgent)
	k.teamOf("Billing", false, lena, k.ana)
	k.must(k.desk.Upkeep.sweepAssignments(context.Background()))
	var members []int64
	k.must(k.pool.QueryRow(context.Background(), "select array_agg(user_id) from team_members").Scan(&members))
	if len(members) != 1 {
		t.Fatalf("got %d members, want 1: %v", len(members), members)
	}
	if members[0] != lena.ID {
		t.Errorf("members[0] is %d, want %d", members[0], lena.ID)
	}
}
