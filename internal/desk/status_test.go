package desk

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
)

// setStatus changes the status of the fixture's ticket.
func (k *ticketFixture) setStatus(by account.Actor, to Status) {
	k.Helper()
	_, err := k.desk.Tickets.SetStatus(context.Background(), by, k.ticket, StatusInput{Status: string(to)})
	k.must(err)
}

// Role × relation × act: the permissions on a ticket of Ana.
func TestThePolicyOfTicketsIsEnforced(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	acts := map[string]func(k *ticketFixture, by account.Actor) error{
		"read": func(k *ticketFixture, by account.Actor) error {
			_, err := k.desk.Log.Timeline(ctx, by, k.ticket, TimelineRange{})
			return err
		},
		"read what is new": func(k *ticketFixture, by account.Actor) error {
			_, err := k.desk.Log.Timeline(ctx, by, k.ticket, TimelineRange{After: 1})
			return err
		},
		"comment": func(k *ticketFixture, by account.Actor) error {
			_, err := k.desk.Comments.Add(ctx, by, k.ticket, CommentInput{Text: "x"})
			return err
		},
		"comment and resolve": func(k *ticketFixture, by account.Actor) error {
			_, err := k.desk.Comments.Add(ctx, by, k.ticket, CommentInput{Text: "x", Then: "resolved"})
			return err
		},
		"chat": func(k *ticketFixture, by account.Actor) error {
			_, err := k.desk.Comments.Add(ctx, by, k.ticket, MessageInput{Text: "x"})
			return err
		},
		"close": func(k *ticketFixture, by account.Actor) error {
			_, err := k.desk.Tickets.SetStatus(ctx, by, k.ticket, StatusInput{Status: "CLOSED"})
			return err
		},
		"solve": func(k *ticketFixture, by account.Actor) error {
			_, err := k.desk.Tickets.SetStatus(ctx, by, k.ticket, StatusInput{Status: "RESOLVED"})
			return err
		},
		"triage": func(k *ticketFixture, by account.Actor) error {
			_, err := k.desk.Tickets.Triage(ctx, by, k.ticket, TriageInput{Status: "OPEN", Priority: "High", Category: "Billing", Version: 1})
			return err
		},
	}
	const may, no, unseen = "", "not allowed", "not found"
	for act, want := range map[string][3]string{ // requester, stranger, admin
		"read": {may, unseen, may}, "read what is new": {may, unseen, may}, "comment": {may, unseen, may}, "comment and resolve": {no, unseen, may},
		"chat": {may, unseen, may}, "close": {no, unseen, may}, "solve": {may, unseen, may}, "triage": {no, unseen, may},
	} {
		k := newTicketFixture(t)
		for i, by := range []account.Actor{k.ana, k.boris, k.priya} {
			before := k.log()
			got := ""
			if err := acts[act](k, by); errors.Is(err, fault.ErrForbidden) || errors.Is(err, fault.ErrNotFound) {
				got = err.Error()
				if diff := cmp.Diff(before, k.log()); diff != "" {
					t.Errorf("%s may not %s, and did: %s", by.Username, act, diff)
				}
			} else if err != nil {
				got = err.Error()
			}
			if got != want[i] {
				t.Errorf("%s, to %s: %q, want %q", by.Username, act, got, want[i])
			}
		}
		if err := acts[act](k, account.Actor{}); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("without an account, to %s: %v", act, err)
		}
		if act != "read" {
			continue
		}
		k.exec(`update tickets set deleted_at = now() where id = $1`, k.ticket)
		for name, act := range acts {
			if err := act(k, k.priya); !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("a deleted ticket, to %s: %v", name, err)
			}
		}
	}
}

func TestTriageWritesOneEntryForEachChangedField(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	ctx := context.Background()
	in := TriageInput{Status: "IN_PROGRESS", Priority: "Urgent", Category: "Technical", Version: 1}
	after, err := k.desk.Tickets.Triage(ctx, k.priya, k.ticket, in)
	k.must(err)
	ticket := after
	ticket.Version, ticket.Status, ticket.Priority, ticket.Category = 2, StatusInProgress, PriorityUrgent, "Technical"
	if diff := cmp.Diff(ticket, after); diff != "" {
		t.Fatalf("the ticket (-want +got):\n%s", diff)
	}
	want := []string{"2 status priya OPEN>IN_PROGRESS ", "3 field priya priority Medium>Urgent", "4 field priya category Billing>Technical"}
	if diff := cmp.Diff(want, k.log()); diff != "" {
		t.Fatal(diff)
	}
	in.Version = 2
	after, err = k.desk.Tickets.Triage(ctx, k.priya, k.ticket, in)
	k.must(err)
	if after.Version != 2 {
		t.Fatalf("the version is %d, want 2", after.Version)
	}
	if got := len(k.log()); got != 3 {
		t.Fatalf("got %d elements, want 3", got)
	}
}

func TestAStaleTriageChangesNothingAndReturnsTheTicket(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.setStatus(k.tom, StatusInProgress)
	_, err := k.desk.Tickets.Triage(context.Background(), k.priya, k.ticket, TriageInput{Status: "CLOSED", Priority: "Low", Category: "General", Version: 1})
	var stale *Stale
	if !errors.As(err, &stale) {
		t.Fatalf("got the error %v, want %T", err, stale)
	}
	if stale.Current.Version != 2 {
		t.Fatalf("the version of the current one is %d, want 2", stale.Current.Version)
	}
	if stale.Current.Status != StatusInProgress {
		t.Fatalf("the status of the current one is %q, want %q", stale.Current.Status, StatusInProgress)
	}
	if n := len(k.log()); n != 1 {
		t.Fatalf("%d entries, want 1", n)
	}
}

func TestTheRequesterResolvesOnce(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.setStatus(k.ana, StatusResolved)
	k.setStatus(k.ana, StatusResolved)
	want := []string{"2 status ana OPEN>RESOLVED solved"}
	if diff := cmp.Diff(want, k.log()); diff != "" {
		t.Fatal(diff)
	}
	k.setStatus(k.priya, StatusClosed)
	_, err := k.desk.Tickets.SetStatus(context.Background(), k.ana, k.ticket, StatusInput{Status: "RESOLVED"})
	if !errors.Is(err, fault.ErrForbidden) {
		t.Fatalf("a closed ticket: %v", err)
	}
}

func TestAnUnknownStatusOrCategoryIsInvalid(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	for _, in := range []TriageInput{
		{Status: "open", Priority: "Low", Category: "Billing", Version: 1},
		{Status: "OPEN", Priority: "low", Category: "Billing", Version: 1},
		{Status: "OPEN", Priority: "Low", Category: "Nonsense", Version: 1},
		{Status: "OPEN", Priority: "Low", Category: "99999999999999999999", Version: 1},
		{},
	} {
		_, err := k.desk.Tickets.Triage(context.Background(), k.priya, k.ticket, in)
		var inv *fault.Invalid
		if !errors.As(err, &inv) {
			t.Errorf("%+v: got %v", in, err)
		}
	}
}
