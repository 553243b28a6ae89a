package desk_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// office is a desk with a team of three agents and automatic assignment.
type office struct {
	fixture
	admin, ana account.Actor
	agents     []account.Actor
	team       int64
}

// newOffice returns a desk with automatic assignment and a team of three agents, who each
// take capacity tickets.
func newOffice(t *testing.T, capacity int) office {
	h := newFixture(t, desk.Options{})
	o := office{fixture: h, admin: h.person("priya", account.RoleAdmin), ana: h.person("ana", account.RoleCustomer)}
	o.team = h.number("insert into teams (name, name_key) values ('Repairs', 'repairs') returning id")
	for _, name := range []string{"tom", "lucia", "noor"} {
		a := h.person(name, account.RoleAgent)
		h.exec("insert into team_members (team_id, user_id) values ($1, $2)", o.team, a.ID)
		o.agents = append(o.agents, a)
	}
	o.automatic(true, capacity)
	return o
}

// automatic turns automatic assignment on or off.
func (o office) automatic(on bool, capacity int) {
	o.t.Helper()
	values := o.Settings.Current()
	values.AutomaticAssignment, values.OpenTicketsPerAgent = on, capacity
	if _, err := o.Settings.Save(o.t.Context(), o.admin, values, 0); err != nil {
		o.t.Fatal(err)
	}
}

// waiting opens n tickets for the team, the first of which has waited longest.
func (o office) waiting(n int) (ids []int64) {
	o.t.Helper()
	for i := range n {
		id := o.opens(o.ana, anInput(fmt.Sprint("waiting ", o.number("select count(*) from tickets"), i))).ID
		o.exec("update tickets set team_id = $2, waiting_since = now() - make_interval(mins => $3) where id = $1", id, o.team, 100-int(id))
		ids = append(ids, id)
	}
	return ids
}

// drain runs automatic assignment once.
func (o office) drain() {
	o.t.Helper()
	if err := o.Automatic.Drain(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

// assignees returns the assignee of each ticket, 0 for none.
func (o office) assignees(ids []int64) (out []int64) {
	o.t.Helper()
	for _, id := range ids {
		out = append(out, o.number("select coalesce(assignee_id, 0) from tickets where id = $1", id))
	}
	return out
}

func TestTicketsAreAssignedInTurnTheLongestWaitFirst(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 2)
	ids := o.waiting(8)
	o.drain()
	tom, lucia, noor := o.agents[0].ID, o.agents[1].ID, o.agents[2].ID
	if got, want := o.assignees(ids), []int64{tom, lucia, noor, tom, lucia, noor, 0, 0}; !slices.Equal(got, want) {
		t.Errorf("got the assignees %v, want %v", got, want)
	}
	if n := o.number("select count(*) from ticket_events where kind = 'assignment' and internal and data ->> 'why' = 'turn' and author_id = (data -> 'to' ->> 'id')::bigint"); n != 6 {
		t.Errorf("%d entries say why, want 6", n)
	}
}

func TestAMemberWhoGetsFreeGetsTheNextTicket(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	ids := o.waiting(6)
	o.drain()
	tom, lucia := o.agents[0], o.agents[1]
	if _, err := o.Tickets.SetStatus(t.Context(), tom, ids[0], desk.StatusInput{Status: "RESOLVED"}); err != nil {
		t.Fatal(err)
	}
	o.drain()
	if got := o.assignees(ids[3:4]); got[0] != tom.ID {
		t.Errorf("after resolving: got %v, want %d", got, tom.ID)
	}
	if _, err := o.Tickets.Assign(t.Context(), o.admin, ids[1], desk.AssignmentInput{Assignee: fmt.Sprint(o.admin.ID)}); err != nil {
		t.Fatal(err)
	}
	o.drain()
	if got := o.assignees(ids[4:5]); got[0] != lucia.ID {
		t.Errorf("after another assignment: got %v, want %d", got, lucia.ID)
	}
	o.automatic(true, 2)
	o.drain()
	if got := o.assignees(ids[5:]); got[0] == 0 {
		t.Error("with more capacity the last ticket is still unassigned")
	}
}

func TestMembersWhoAreAwayOrMayNotReplyGetNoTickets(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 20)
	tom, lucia, noor := o.agents[0], o.agents[1], o.agents[2]
	if err := o.SetAway(t.Context(), tom, desk.AwayInput{}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Accounts.Roles.Add(t.Context(), o.admin, account.RoleInput{Name: "Light agent", SeeAll: true, Note: true}); err != nil {
		t.Fatal(err)
	}
	if err := o.SetUserRole(t.Context(), o.admin, lucia.ID, "Light agent"); err != nil {
		t.Fatal(err)
	}
	ids := o.waiting(3)
	o.drain()
	if got, want := o.assignees(ids), []int64{noor.ID, noor.ID, noor.ID}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if err := o.Return(t.Context(), tom); err != nil {
		t.Fatal(err)
	}
	more := o.waiting(1)
	o.drain()
	if got := o.assignees(more); got[0] != tom.ID {
		t.Errorf("after the return: got %v, want %d", got, tom.ID)
	}
}

func TestATicketThatNoFreeMemberMayGetDoesNotHoldUpTheOthers(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 1)
	tom, lucia := o.agents[0], o.agents[1]
	o.exec("delete from team_members where user_id = $1", o.agents[2].ID)
	ids := o.waiting(4)
	o.exec("update tickets set requester_id = $1 where id = any ($2)", tom.ID, ids[:2])
	o.exec("update users set away_until = now() + interval '1 day' where id = $1", lucia.ID)
	o.drain()
	if got, want := o.assignees(ids), []int64{0, 0, tom.ID, 0}; !slices.Equal(got, want) {
		t.Errorf("while the other member is away: got %v, want %v", got, want)
	}
	if err := o.Return(t.Context(), lucia); err != nil {
		t.Fatal(err)
	}
	o.drain()
	if got, want := o.assignees(ids), []int64{lucia.ID, 0, tom.ID, 0}; !slices.Equal(got, want) {
		t.Errorf("after the return: got %v, want %v", got, want)
	}
}

func TestNothingIsAssignedAutomaticallyUntilItIsTurnedOn(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 20)
	o.automatic(false, 20)
	ids := o.waiting(2)
	o.drain()
	got := o.assignees(ids)
	if got[0] != 0 {
		t.Errorf("got[0] is %d, want 0", got[0])
	}
	if got[1] != 0 {
		t.Errorf("got[1] is %d, want 0", got[1])
	}
}

func TestTwoReplicasAssignEachTicketOnceAndKeepTheCapacity(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 5)
	ids := o.waiting(30)
	other := desk.New(o.pool, desk.Options{})
	if err := other.Settings.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for _, d := range []*desk.Desk{o.Desk, other, o.Desk, other} {
		wg.Go(func() {
			if err := d.Automatic.Drain(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	for _, id := range ids[20:25] { // by hand at the same time
		wg.Go(func() {
			if _, err := o.Tickets.Assign(t.Context(), o.admin, id, desk.AssignmentInput{Assignee: fmt.Sprint(o.agents[0].ID)}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := o.number("select count(*) from (select from ticket_events where kind = 'assignment' and data ->> 'why' = 'turn' group by ticket_id having count(*) > 1) x"); n != 0 {
		t.Errorf("%d tickets were assigned twice", n)
	}
	// What was assigned automatically never exceeded the capacity of its member at that time.
	if n := o.number(`select count(*) from ticket_events e join tickets t on t.id = e.ticket_id
		where e.kind = 'assignment' and e.data ->> 'why' = 'turn' and e.author_id = $1`, o.agents[1].ID); n > 5 {
		t.Errorf("an agent got %d tickets, want at most 5", n)
	}
	for _, a := range o.agents[1:] {
		if n := o.number("select count(*) from tickets where assignee_id = $1", a.ID); n != 5 {
			t.Errorf("%s has %d tickets, want 5", a.Username, n)
		}
	}
	n := o.number("select count(*) from tickets where assignee_id = $1", o.agents[0].ID)
	if n < 5 {
		t.Errorf("the first agent has %d tickets, want at least 5", n)
	}
	if n > 10 {
		t.Errorf("the first agent has %d tickets, want at most 10", n)
	}
}

func TestAReopenedTicketOfSomebodyAwayGoesToItsTeam(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 20)
	o.automatic(false, 20)
	id, tom := o.waiting(1)[0], o.agents[0]
	o.exec("update tickets set assignee_id = $2, status = 'RESOLVED', waiting_since = null where id = $1", id, tom.ID)
	if err := o.SetAway(t.Context(), tom, desk.AwayInput{Back: time.Now().UTC().AddDate(0, 0, 3).Format(time.DateOnly)}); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Comments.Add(t.Context(), o.ana, id, desk.CommentInput{Text: "It is dark again."}); err != nil {
		t.Fatal(err)
	}
	if n := o.number("select count(*) from tickets where id = $1 and assignee_id is null and team_id = $2", id, o.team); n != 1 {
		t.Error("the ticket still has its assignee, or has lost its team")
	}
}

func TestADayOnWhichSomebodyIsBackIsInTheFuture(t *testing.T) {
	t.Parallel()
	o := newOffice(t, 20)
	for day, want := range map[string]string{
		time.Now().UTC().Format(time.DateOnly): "This day is not after today.",
		"2020-01-01":                           "This day is not after today.",
		"2027-02-30":                           "There is no such day.",
		"tomorrow":                             "There is no such day.",
		"9999-12-31":                           "This day is too late.",
		"2999-01-01 in the morning":            "Remove 15 characters",
	} {
		var invalid *fault.Invalid
		err := o.SetAway(t.Context(), o.agents[0], desk.AwayInput{Back: day})
		if !errors.As(err, &invalid) {
			t.Fatalf("%s: got the error %v, want %T", day, err, invalid)
		}
		if got := invalid.Field("back"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: got %q, want the prefix %q", day, got, want)
		}
	}
	if err := o.SetAway(t.Context(), o.ana, desk.AwayInput{}); err == nil {
		t.Error("a customer is away")
	}
}
