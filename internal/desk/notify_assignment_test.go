package desk_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// assigns assigns a ticket to a user.
func (h fixture) assigns(by account.Actor, ticket int64, to string) {
	h.t.Helper()
	if _, err := h.Tickets.Assign(h.t.Context(), by, ticket, desk.AssignmentInput{Assignee: to}); err != nil {
		h.t.Fatal(err)
	}
}

func TestANewAssigneeIsNotifiedAndFollowsTheTicket(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent)
	ticket := h.opens(ana, invoice()).ID
	h.deliver()
	h.opensPage(tom, ticket)
	h.opensPage(priya, ticket)
	h.follows(tom, ticket, "no")
	h.assigns(priya, ticket, fmt.Sprint(tom.ID))
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("*#%d assignment 2-2 (1)", ticket))
	h.wantNotifications(priya, fmt.Sprintf("#%d opened 1-1 (1)", ticket))
	h.wantNotifications(ana, "")
	h.wantFollower(priya, ticket, tom, "assigned")
	list, err := h.Notifications.List(t.Context(), tom, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	want := list.Rows[0]
	want.Author, want.Own, want.Status = "priya", false, ""
	if diff := cmp.Diff(want, list.Rows[0]); diff != "" {
		t.Errorf("the notification (-want +got):\n%s", diff)
	}
}

func TestTakingATicketNotifiesNoUser(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent)
	ticket := h.opens(ana, invoice()).ID
	h.deliver()
	for _, who := range []account.Actor{priya, tom} {
		h.opensPage(who, ticket)
	}
	h.follows(priya, ticket, "yes")
	h.assigns(tom, ticket, "me")
	h.deliver()
	want := fmt.Sprintf("#%d opened 1-1 (1)", ticket)
	h.wantNotifications(tom, want)
	h.wantNotifications(priya, want)
}

func TestTheAuthorOfTheFirstReplyFollowsTheTicketThatItAssigns(t *testing.T) {
	h := newDeskWithOutbox(t)
	h.SetFirstReplyAssigns(t, true)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent)
	ticket := h.opens(ana, invoice()).ID
	h.deliver()
	h.opensPage(tom, ticket)
	h.follows(tom, ticket, "no")
	h.comments(tom, ticket)
	h.comments(priya, ticket)
	h.deliver()
	h.wantFollower(priya, ticket, tom, "assigned")
	if n := h.number("select count(*) from notifications where user_id = $1 and kind = 'assignment'", tom.ID); n != 0 {
		t.Errorf("the author has %d notifications of the assignment, want 0", n)
	}
}

func TestTheAuthorOfTheFirstReplyMayUnfollowBeforeItIsDelivered(t *testing.T) {
	h := newDeskWithOutbox(t)
	h.SetFirstReplyAssigns(t, true)
	ana, tom := h.person("ana", account.RoleCustomer), h.person("tom", account.RoleAgent)
	ticket := h.opens(ana, invoice()).ID
	h.follows(tom, ticket, "yes")
	h.comments(tom, ticket)
	h.follows(tom, ticket, "no")
	h.deliver()
	if n := h.number("select count(*) from tickets where assignee_id = $1", tom.ID); n != 1 {
		t.Errorf("%d tickets are assigned to the author, want 1", n)
	}
	all, err := h.Followers.List(t.Context(), tom, ticket)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(all), all)
	}
	if !all[0].Muted {
		t.Error("muted is false, want true")
	}
}

func TestAnAssigneeIsNotifiedOfNotes(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent)
	ticket := h.opens(ana, invoice()).ID
	h.assigns(tom, ticket, "me")
	h.deliver()
	h.opensPage(tom, ticket)
	h.notes(priya, ticket, "Look.")
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("*#%d note 3-3 (1)", ticket))
}

func TestOnlyTheLastAssigneeIsNotified(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom, noor := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent), h.person("noor", account.RoleAgent)
	ticket := h.opens(ana, invoice()).ID
	h.deliver()
	for _, who := range []account.Actor{tom, noor} {
		h.opensPage(who, ticket)
	}
	h.assigns(priya, ticket, fmt.Sprint(tom.ID))
	h.assigns(priya, ticket, fmt.Sprint(noor.ID))
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("#%d opened 1-1 (1)", ticket))
	h.wantNotifications(noor, fmt.Sprintf("*#%d assignment 3-3 (1)", ticket))
}

func TestATicketThatIsAssignedInTurnNotifiesItsAssignee(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent)
	team := h.number("insert into teams (name, name_key) values ('Repairs', 'repairs') returning id")
	h.exec("insert into team_members (team_id, user_id) values ($1, $2)", team, tom.ID)
	values := h.Settings.Current()
	values.AutomaticAssignment = true
	if _, err := h.Settings.Save(t.Context(), priya, values, 0); err != nil {
		t.Fatal(err)
	}
	ticket := h.opens(ana, invoice()).ID
	h.exec("update tickets set team_id = $2 where id = $1", ticket, team)
	h.deliver()
	h.opensPage(tom, ticket)
	if err := h.Automatic.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("*#%d assignment 2-2 (1)", ticket))
	list, err := h.Notifications.List(t.Context(), tom, 0, 0)
	if err != nil || !list.Rows[0].Own {
		t.Errorf("the notification is %+v, %v; want one without another author", list.Rows, err)
	}
}

func TestANewAssigneeWhoMayNotReadTheTicketAnyMoreIsNotNotified(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent)
	team := h.number("insert into teams (name, name_key, private) values ('HR', 'hr', true) returning id")
	ticket := h.opens(ana, invoice()).ID
	h.assigns(priya, ticket, fmt.Sprint(tom.ID))
	h.exec("update tickets set team_id = $2 where id = $1", ticket, team)
	h.deliver()
	if n := h.number("select count(*) from notifications where user_id = $1", tom.ID); n != 0 {
		t.Errorf("the assignee has %d notifications, want 0", n)
	}
}
