package desk

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/account"
)

func TestTheSecondToTakeATicketIsToldWhoWasFirst(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	tom := k.person("Tomas", account.RoleAgent)
	if got, err := k.assign(tom, AssignmentInput{Assignee: "me"}); err != nil || got.AssigneeID != tom.ID {
		t.Fatalf("the first gets %d, %v, want their own id", got.AssigneeID, err)
	}
	*k.now = k.now.Add(5 * time.Second)
	_, err := k.assign(k.priya, AssignmentInput{Assignee: "me"})
	var taken *Taken
	if !errors.As(err, &taken) {
		t.Fatalf("the second gets %v, want Taken", err)
	}
	if want := "Tomas took it 5 s ago."; taken.Text() != want {
		t.Errorf("got %q, want %q", taken.Text(), want)
	}
	if got, err := k.assign(tom, AssignmentInput{Assignee: "me"}); err != nil || got.AssigneeID != tom.ID {
		t.Errorf("taking it again: %v", err)
	}
	if got, err := k.assign(k.priya, AssignmentInput{Assignee: "me", WasAssignee: fmt.Sprint(tom.ID)}); err != nil || got.AssigneeID != k.priya.ID {
		t.Errorf("taking it over from the shown assignee: %d, %v", got.AssigneeID, err)
	}
}

func TestFieldsThatAFormLeftAsItShowedThemDoNotChange(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	tom := k.person("Tomas", account.RoleAgent)
	first, second := k.teamOf("Repairs", false), k.teamOf("Legal", true, tom)
	_, err := k.assign(k.priya, AssignmentInput{Team: first})
	k.must(err)
	_, err = k.assign(k.priya, AssignmentInput{Assignee: "none", Team: second})
	k.must(err)
	got, err := k.assign(tom, AssignmentInput{Assignee: "me", Team: first, WasAssignee: "none", WasTeam: first})
	if err != nil {
		t.Fatalf("taking it: %v", err)
	}
	if got.AssigneeID != tom.ID {
		t.Errorf("taking it: the assignee ID is %d, want %d", got.AssigneeID, tom.ID)
	}
	if value := fmt.Sprint(got.TeamID); value != second {
		t.Errorf("taking it: got %q, want %q", value, second)
	}
	got, err = k.assign(k.priya, AssignmentInput{Assignee: "none", Team: first, WasAssignee: "none", WasTeam: second})
	if err != nil {
		t.Fatalf("moving it: %v", err)
	}
	if got.AssigneeID != tom.ID {
		t.Errorf("moving it: the assignee ID is %d, want %d", got.AssigneeID, tom.ID)
	}
	if value := fmt.Sprint(got.TeamID); value != first {
		t.Errorf("moving it: got %q, want %q", value, first)
	}
}

func TestTheSecondToMoveATicketIsToldWhereItIs(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	tom := k.person("Tomas", account.RoleAgent)
	first, second := k.teamOf("Repairs", false), k.teamOf("Billing", false)
	_, err := k.assign(tom, AssignmentInput{Team: first, WasTeam: "none"})
	k.must(err)
	_, err = k.assign(k.priya, AssignmentInput{Team: second, WasTeam: "none"})
	var taken *Taken
	if !errors.As(err, &taken) {
		t.Fatalf("the second gets %v, want Taken", err)
	}
	if want := "Tomas moved it to team Repairs 0 s ago."; taken.Text() != want {
		t.Errorf("got %q, want %q", taken.Text(), want)
	}
	if got, err := k.assign(k.priya, AssignmentInput{Team: first, WasTeam: "none"}); err != nil || fmt.Sprint(got.TeamID) != first {
		t.Errorf("moving it where it is: team %d, %v", got.TeamID, err)
	}
}

func TestOfManyWhoTakeATicketAtOnceOneGetsIt(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	var agents []account.Actor
	for i := range 6 {
		agents = append(agents, k.person(fmt.Sprint("agent", i), account.RoleAgent))
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for _, a := range agents {
		wg.Go(func() {
			_, err := k.assign(a, AssignmentInput{Assignee: "me"})
			var taken *Taken
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				won++
			} else if !errors.As(err, &taken) {
				t.Errorf("got %v, want Taken", err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d took the ticket, want 1", won)
	}
	var n int
	k.must(k.pool.QueryRow(context.Background(), `select count(*) from ticket_events where kind = 'assignment'`).Scan(&n))
	if n != 1 {
		t.Errorf("%d entries, want 1", n)
	}
}

func TestATicketIsChangedWhileTheOutboxDeliversItsEvents(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	delivery, err := k.pool.Begin(t.Context())
	k.must(err)
	defer delivery.Rollback(context.Background())
	_, err = delivery.Exec(t.Context(), "select from tickets where id = $1 for key share", k.ticket) // as ClaimTickets
	k.must(err)
	if _, err := k.assign(k.priya, AssignmentInput{Assignee: "me"}); err != nil {
		t.Errorf("the assignment: %v", err)
	}
}
