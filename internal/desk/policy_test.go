package desk_test

import (
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

func TestThePolicyIsTheSameInGoAndSQL(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	actors := []account.Actor{}
	for _, role := range []account.Role{account.RoleCustomer, account.RoleAgent, account.RoleAdmin} {
		actors = append(actors, account.Actor{ID: 1, Role: role})
	}
	for _, in := range []account.RoleInput{{}, {SeeAll: true}, {Triage: true, ManageUsers: true}} {
		granted, name := int32(in.Permissions()), "a role"
		actors = append(actors, account.Actor{ID: 1, Role: account.RoleAgent}.WithCustomRole(&name, &granted))
	}
	for _, actor := range actors {
		var granted *int32
		if n := int32(actor.Granted); n != 0 {
			granted = &n
		}
		var reach, key string
		var staff bool
		err := h.pool.QueryRow(t.Context(), "select reach_of($1::user_role, $2::int), role_key($1::user_role, $2::int), works_as_staff($1::user_role)", actor.Role, granted).Scan(&reach, &key, &staff)
		if err != nil {
			t.Fatal(err)
		}
		if reach != string(actor.Reach()) {
			t.Errorf("%s: the reach is %q, want %q", actor.RoleKey(), reach, string(actor.Reach()))
		}
		if key != actor.RoleKey() {
			t.Errorf("%s: the key is %q, want %q", actor.RoleKey(), key, actor.RoleKey())
		}
		if staff != actor.Can(account.WorkAsStaff) {
			t.Errorf("%s: the staff is %t, want %t", actor.RoleKey(), staff, actor.Can(account.WorkAsStaff))
		}
	}
	staff := account.Actor{ID: 1, Role: account.RoleAdmin}
	for _, requester := range []int64{1, 2} {
		want := desk.SideOf(staff, desk.Ticket{RequesterID: requester})
		var got desk.Side
		if err := h.pool.QueryRow(t.Context(), "select side_of(1, $1)::text", requester).Scan(&got); err != nil {
			t.Fatal(err)
		}
		if got != want {
			t.Errorf("the side of user 1 on a ticket of user %d: got %q, want %q", requester, got, want)
		}
	}
}

func TestAnAgentWorksOnTicketsAndManagesNothingElse(t *testing.T) {
	t.Parallel()
	agent := account.Actor{ID: 1, Role: account.RoleAgent}
	own, foreign := desk.Ticket{RequesterID: 1, Status: desk.StatusOpen}, desk.Ticket{RequesterID: 2, Status: desk.StatusOpen}
	for _, c := range []struct {
		name   string
		act    desk.Act
		ticket desk.Ticket
		want   bool
	}{
		{"edit own", desk.ToEdit, own, true}, {"edit foreign", desk.ToEdit, foreign, true},
		{"triage own", desk.ToTriage, own, true}, {"triage foreign", desk.ToTriage, foreign, true},
		{"delete own", desk.ToDelete, own, true}, {"delete foreign", desk.ToDelete, foreign, false},
		{"solve own", desk.ToSolve, own, true}, {"solve foreign", desk.ToSolve, foreign, false},
	} {
		if got := desk.May(agent, c.act, c.ticket); got != c.want {
			t.Errorf("%s: got %t, want %t", c.name, got, c.want)
		}
	}
	for _, p := range []account.Permission{account.DeleteTickets, account.ManageAccounts, account.ManageCategories, account.ManageTrash} {
		if agent.Can(p) {
			t.Errorf("an agent has the permission %d", p)
		}
	}
}

func TestAnEventKeepsTheSideOfItsAuthor(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAdmin)
	ticket, err := h.Tickets.Open(t.Context(), ana, desk.TicketInput{Subject: "A lamp", Description: "It is dark.", Category: "Technical", Priority: "Low"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Comments.Add(t.Context(), ana, ticket.ID, desk.CommentInput{Text: "It is the one in the hall."}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Comments.Add(t.Context(), priya, ticket.ID, desk.CommentInput{Text: "A lamp is on its way."}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Tickets.SetStatus(t.Context(), priya, ticket.ID, desk.StatusInput{Status: "RESOLVED"}); err != nil {
		t.Fatal(err)
	}
	if err := h.Accounts.Users.SetRole(t.Context(), tom, priya.ID, string(account.RoleCustomer)); err != nil {
		t.Fatal(err)
	}
	line, err := h.Log.Timeline(t.Context(), tom, ticket.ID, desk.TimelineRange{})
	if err != nil {
		t.Fatal(err)
	}
	want := []desk.Side{desk.RequesterSide, desk.StaffSide, desk.StaffSide}
	if len(line.Entries) != len(want) {
		t.Fatalf("got %d events, want %d", len(line.Entries), len(want))
	}
	for i, e := range line.Entries {
		if e.Side != want[i] {
			t.Errorf("event %d (%s) by user %d: got side %q, want %q", e.Seq, e.Kind, e.AuthorID, e.Side, want[i])
		}
	}
	h.exec("update ticket_events set side = null where ticket_id = $1", ticket.ID)
	line, err = h.Log.Timeline(t.Context(), tom, ticket.ID, desk.TimelineRange{})
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range line.Entries {
		if got := e.SideIn(line.Ticket); got != want[i] {
			t.Errorf("event %d without a stored side: got %q, want %q", e.Seq, got, want[i])
		}
	}
}
