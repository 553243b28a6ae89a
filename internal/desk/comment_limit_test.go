package desk

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
)

// limited sets a limit, and returns a second desk on the same database, like another replica.
func (k *ticketFixture) limited(l limit.Limit) (other *Desk) {
	opts := Options{Now: func() time.Time { return *k.now }, Limits: limit.Limits{Talk: l}}
	k.desk, other = New(k.pool, opts), New(k.pool, opts)
	k.desk.SetFirstReplyAssigns(k.T, false)
	other.SetFirstReplyAssigns(k.T, false)
	return other
}

// spoken sends n messages alternately through the desks, and returns how many were accepted.
func (k *ticketFixture) spoken(by account.Actor, n int, desks ...*Desk) (lines int, wait time.Duration) {
	k.Helper()
	for i := range n {
		_, err := desks[i%len(desks)].Comments.Add(context.Background(), by, k.ticket, MessageInput{Text: "line"})
		var limited *fault.Limited
		switch {
		case err == nil:
			lines++
		case errors.As(err, &limited):
			wait = limited.RetryAfter
		default:
			k.Fatal(err)
		}
	}
	return lines, wait
}

func TestTooManyMessagesAreRefusedUntilTheLimitRefills(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.limited(limit.Limit{N: 100, Per: 100 * time.Minute})
	lines, wait := k.spoken(k.ana, 120, k.desk)
	if lines != 100 {
		t.Fatalf("got %d lines, want 100", lines)
	}
	if wait <= 0 {
		t.Fatalf("the wait is %s, want more than 0", wait)
	}
	if wait > time.Minute {
		t.Fatalf("the wait is %s, want at most %s", wait, time.Minute)
	}
	if lines, _ := k.spoken(k.priya, 5, k.desk); lines != 5 {
		t.Errorf("%d of 5 messages of another user were accepted", lines)
	}
	if n := k.timeline(k.ana).Ticket.LastSeq; n != 106 {
		t.Errorf("the log ends at %d", n)
	}
	*k.now = k.now.Add(10 * time.Minute)
	if lines, _ := k.spoken(k.ana, 20, k.desk); lines != 10 {
		t.Errorf("after a tenth of the time %d messages were accepted", lines)
	}
}

func TestReplicasShareTheMessageLimitExceptForTheirLeases(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	other := k.limited(limit.Limit{N: 100, Per: 100 * time.Minute})
	if lines, _ := k.spoken(k.ana, 3, k.desk); lines != 3 { // its lease is 5
		t.Fatalf("%d messages", lines)
	}
	if lines, _ := k.spoken(k.ana, 120, other); lines != 95 {
		t.Errorf("the other replica accepted %d, want 95", lines)
	}
	if lines, _ := k.spoken(k.ana, 10, k.desk, other); lines != 2 {
		t.Errorf("of the lease, %d were accepted, want 2", lines)
	}
}

func TestASmallMessageLimitIsCountedExactly(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	other := k.limited(limit.Limit{N: 3, Per: time.Hour})
	lines, wait := k.spoken(k.ana, 8, k.desk, other)
	if lines != 3 {
		t.Errorf("got %d lines, want 3", lines)
	}
	if wait <= 0 {
		t.Errorf("the wait is %s, want more than 0", wait)
	}
}

func TestCommentsMessagesAndChangesCountTogether(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.limited(limit.Limit{N: 4, Per: time.Hour})
	ctx := context.Background()
	k.comment(k.priya, CommentInput{Text: "One"})
	k.spoken(k.priya, 1, k.desk)
	k.setStatus(k.priya, StatusInProgress)
	ticket := k.timeline(k.priya).Ticket
	edit := EditInput{Version: int(ticket.Version), TicketInput: TicketInput{Subject: "Other", Description: "Text", Category: "Billing", Priority: "High"}}
	if _, err := k.desk.Tickets.Edit(ctx, k.priya, k.ticket, edit); err != nil {
		t.Fatal(err)
	}
	before := k.log()
	var limited *fault.Limited
	for name, err := range map[string]error{
		"comment": second(k.desk.Comments.Add(ctx, k.priya, k.ticket, CommentInput{Text: "Two"})),
		"line":    second(k.desk.Comments.Add(ctx, k.priya, k.ticket, MessageInput{Text: "Two"})),
		"status":  second(k.desk.Tickets.SetStatus(ctx, k.priya, k.ticket, StatusInput{Status: "CLOSED"})),
		"edit":    second(k.desk.Tickets.Edit(ctx, k.priya, k.ticket, edit)),
	} {
		if !errors.As(err, &limited) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if after := k.log(); len(after) != len(before) {
		t.Errorf("the log went from %v to %v", before, after)
	}
}

// second returns the error of a call with two results.
func second[T any](_ T, err error) error { return err }

func TestConcurrentMessagesAreNotCountedTwice(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	other := k.limited(limit.Limit{N: 60, Per: time.Hour})
	var through atomic.Int64
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 12 {
				_, err := []*Desk{k.desk, other}[i%2].Comments.Add(context.Background(), k.ana, k.ticket, MessageInput{Text: "line"})
				var limited *fault.Limited
				if err == nil {
					through.Add(1)
				} else if !errors.As(err, &limited) {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	n := through.Load()
	if n > 60 {
		t.Errorf("%d messages were accepted, want at most 60", n)
	}
	if n < 56 { // each desk may still have two uses of a lease of 3
		t.Errorf("%d messages were accepted, want at least 56", n)
	}
}

func TestDisabledLimitsAreNotReplacedByDefaults(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	var off limit.Limit
	k.must(off.UnmarshalText([]byte("0")))
	k.desk = New(k.pool, Options{Limits: limit.Limits{SignIn: off, Register: off, Tickets: off, Uploads: off, Talk: off, Actions: off}})
	if lines, wait := k.spoken(k.ana, limit.Defaults.Talk.N+5, k.desk); lines != limit.Defaults.Talk.N+5 {
		t.Errorf("after %d messages the time to retry was %s", lines, wait)
	}
}

func TestRefusedMessagesAreNotCounted(t *testing.T) {
	t.Parallel()
	for _, l := range []limit.Limit{{N: 3, Per: time.Hour}, {N: 100, Per: time.Hour}} {
		k := newTicketFixture(t)
		k.limited(l)
		for range 2 * l.N {
			if _, err := k.desk.Comments.Add(t.Context(), k.ana, 999, MessageInput{Text: "Nowhere"}); !errors.Is(err, fault.ErrNotFound) {
				t.Fatal(err)
			}
			if _, err := k.desk.Tickets.Triage(t.Context(), k.priya, k.ticket, TriageInput{Status: "OPEN", Priority: "Low", Category: "Billing", Version: 99}); !errors.As(err, new(*Stale)) {
				t.Fatal(err)
			}
		}
		for _, who := range []account.Actor{k.ana, k.priya} {
			lines, wait := k.spoken(who, l.N+5, k.desk)
			if lines != l.N {
				t.Errorf("got %d lines, want %d", lines, l.N)
			}
			if wait <= 0 {
				t.Errorf("the wait is %s, want more than 0", wait)
			}
		}
	}
}
