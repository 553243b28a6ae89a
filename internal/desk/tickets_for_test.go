package desk_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// forUser is the form of a ticket for another user.
func forUser(requester string) desk.NewTicketInput {
	return desk.NewTicketInput{TicketInput: anInput(""), ForInput: desk.ForInput{Requester: requester}}
}

func TestStaffOpenATicketForACustomer(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ana, tom := h.person("ana", account.RoleCustomer), h.person("tom", account.RoleAgent)
	ticket, err := h.Tickets.OpenFor(t.Context(), tom, forUser(fmt.Sprint(ana.ID)))
	if err != nil {
		t.Fatal(err)
	}
	if ticket.RequesterID != ana.ID {
		t.Errorf("the requester ID is %d, want %d", ticket.RequesterID, ana.ID)
	}
	if ticket.WaitingSince != nil {
		t.Errorf("the waiting since is %v, want nil", ticket.WaitingSince)
	}
	seen, err := h.Log.Timeline(t.Context(), ana, ticket.ID, desk.TimelineRange{})
	if err != nil || seen.Entered != "tom" {
		t.Errorf("the customer sees %q as the one who entered it, %v; want tom", seen.Entered, err)
	}
	if n := h.number("select count(*) from ticket_events where ticket_id = $1 and kind = 'opened' and author_id = $2 and side = 'staff'", ticket.ID, tom.ID); n != 1 {
		t.Error("the entry is not by the agent")
	}
	in := forUser(ana.Email)
	in.Waiting = true
	if waiting, err := h.Tickets.OpenFor(t.Context(), tom, in); err != nil || waiting.WaitingSince == nil {
		t.Errorf("with waiting: %v, %v", waiting.WaitingSince, err)
	}
}

func TestAnUnknownRequesterGetsAnAccountWithoutAPassword(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	tom := h.person("tom", account.RoleAgent)
	ticket, err := h.Tickets.OpenFor(t.Context(), tom, forUser("New.Customer@example.org"))
	if err != nil || ticket.RequesterName != "New.Customer" {
		t.Fatalf("got %q, %v", ticket.RequesterName, err)
	}
	var inv *fault.Invalid
	if _, err := signIn(h, "new.customer@example.org", ""); !errors.As(err, &inv) {
		t.Errorf("signing in without a password: got %v, want an error of the input", err)
	}
	if _, err := signIn(h, "new.customer@example.org", "a long enough password"); !errors.Is(err, fault.ErrCredentials) {
		t.Errorf("signing in with a password: got %v, want %v", err, fault.ErrCredentials)
	}
	again, err := h.Tickets.OpenFor(t.Context(), tom, forUser("new.customer@EXAMPLE.org"))
	if err != nil {
		t.Fatalf("the same address again: %v", err)
	}
	if again.RequesterID != ticket.RequesterID {
		t.Errorf("the same address again: the requester ID is %d, want %d", again.RequesterID, ticket.RequesterID)
	}
	if again.ID == ticket.ID {
		t.Errorf("the same address again: the ID is %d, want another value", again.ID)
	}
}

func TestTwoAgentsWhoEnterTheSameNewCustomerMakeOneAccount(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	tom := h.person("tom", account.RoleAgent)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := h.Tickets.OpenFor(t.Context(), tom, forUser("new@example.org")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := h.number("select count(*) from users where email = 'new@example.org'"); n != 1 {
		t.Errorf("%d accounts, want 1", n)
	}
}

func TestATicketForACustomerIsStoredOnce(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ana, tom := h.person("ana", account.RoleCustomer), h.person("tom", account.RoleAgent)
	in := forUser(ana.Email)
	in.SubmissionID = "key"
	own := anInput("first")
	own.SubmissionID = "key"
	first, err1 := h.Tickets.Open(t.Context(), ana, own)
	second, err2 := h.Tickets.OpenFor(t.Context(), tom, in)
	third, err3 := h.Tickets.OpenFor(t.Context(), tom, in)
	err := errors.Join(err1, err2, err3)
	if err != nil {
		t.Fatal(err)
	}
	if second.ID == first.ID {
		t.Errorf("the ID is %d, want another value", second.ID)
	}
	if third.ID != second.ID {
		t.Errorf("the ID is %d, want %d", third.ID, second.ID)
	}
}

func TestARequesterWhoCannotHaveTicketsIsRefused(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ana, tom := h.person("ana", account.RoleCustomer), h.person("tom", account.RoleAgent)
	gone := h.person("gone", account.RoleCustomer)
	h.exec("update users set disabled_at = now() where id = $1", gone.ID)
	for _, requester := range []string{"99999", "-1", "nobody", "a@", gone.Email, "new\u202e@example.org"} {
		_, err := h.Tickets.OpenFor(t.Context(), tom, forUser(requester))
		desk.WantInvalid(t, err, "requester", requester)
	}
	if _, err := h.Tickets.OpenFor(t.Context(), ana, forUser(tom.Email)); !errors.Is(err, fault.ErrForbidden) {
		t.Errorf("by a customer: got %v, want %v", err, fault.ErrForbidden)
	}
}

func TestTheOtherTicketsOfARequesterAreThoseThatTheActorMayRead(t *testing.T) {
	t.Parallel()
	h := newFixture(t, desk.Options{})
	ana, tom := h.person("ana", account.RoleCustomer), h.person("tom", account.RoleAgent)
	var all []desk.Ticket
	for i := range 8 {
		all = append(all, h.opens(ana, anInput(fmt.Sprint(i))))
	}
	h.exec("update tickets set status = 'RESOLVED' where id = $1", all[1].ID)
	h.exec("insert into teams (name, name_key, private) values ('Board', 'board', true)")
	h.exec("update tickets set team_id = (select id from teams) where id = $1", all[2].ID)
	got, err := h.Tickets.OthersOf(t.Context(), tom, all[0])
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Rows) != 5 {
		t.Errorf("got %d rows, want 5: %+v", len(got.Rows), got.Rows)
	}
	if got.Unresolved != 5 {
		t.Errorf("unresolved is %d, want 5", got.Unresolved)
	}
	for _, r := range got.Rows {
		if r.ID == all[0].ID {
			t.Errorf("the ID is %d, want another value", r.ID)
		}
		if r.ID == all[2].ID {
			t.Errorf("the ID is %d, want another value", r.ID)
		}
	}
}
