package desk_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/mailout"
)

func TestChatMessagesAreMailedTogetherWhenTheChatIsQuiet(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.sendsMessage(priya, ticket)
	h.passes(time.Minute)
	h.sendsMessage(priya, ticket)
	h.passes(90 * time.Second)
	h.wantArrived(ana, 0)
	h.passes(time.Minute)
	got := h.wantArrived(ana, 1)[0]
	if n := strings.Count(got.Data, "Hello"); n != 4 { // two in the text and two in the HTML
		t.Errorf("the mail has the message %d times, want 4:\n%s", n, got.Data)
	}
}

func TestChatMessagesThatWereReadAreNotMailed(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.sendsMessage(priya, ticket)
	h.deliver()
	h.opensPage(ana, ticket)
	h.passes(10 * time.Minute)
	h.wantArrived(ana, 0)
}

func TestStaffSeeWhenChatMessagesAreMailedAndWithdrawTheirMail(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.sendsMessage(priya, ticket)
	h.passes(time.Minute)
	h.sendsMessage(priya, ticket)
	due := h.clock.now().Add(2 * time.Minute)
	h.deliver()
	newest := int64(3)
	statuses := h.statuses(priya, ticket)
	next := statuses[newest].NextAt
	if diff := cmp.Diff(map[int64]mailout.DeliveryStatus{newest: {State: mailout.Waiting, Addr: ana.Email, NextAt: next}}, statuses); diff != "" {
		t.Fatalf("before the mail is written (-want +got):\n%s", diff)
	}
	if next.Sub(due).Abs() > time.Second {
		t.Fatalf("the mail waits until %v, want %v", next, due)
	}
	if err := h.Mail.DecideOnEvent(t.Context(), priya, ticket, newest, mailout.Withdraw); err != nil {
		t.Fatal(err)
	}
	h.passes(10 * time.Minute)
	h.wantArrived(ana, 0)
	if f := h.statuses(priya, ticket)[newest]; f.State != mailout.Cancelled {
		t.Errorf("withdrawn: got %+v", f)
	}
	if err := h.Mail.DecideOnEvent(t.Context(), priya, ticket, newest, mailout.Retry); err != nil {
		t.Fatal(err)
	}
	h.passes(time.Second)
	if got := h.wantArrived(ana, 1)[0]; strings.Count(got.Data, "Hello") != 4 {
		t.Errorf("the mail does not have both messages:\n%s", got.Data)
	}
	if f := h.statuses(priya, ticket)[newest]; f.State != mailout.Sent {
		t.Errorf("sent: got %+v", f)
	}
}

func TestTheMailAboutReadMessagesDoesNotWaitAndCannotBeWithdrawn(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.sendsMessage(priya, ticket)
	h.deliver()
	h.opensPage(ana, ticket)
	newest := int64(2)
	if statuses := h.statuses(priya, ticket); len(statuses) != 0 {
		t.Errorf("got %+v, want none", statuses)
	}
	if err := h.Mail.DecideOnEvent(t.Context(), priya, ticket, newest, mailout.Withdraw); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("got %v, want %v", err, fault.ErrNotFound)
	}
}

// statuses returns the mails about the entries of a ticket, as an actor sees them.
func (h deskWithMail) statuses(who account.Actor, id int64) map[int64]mailout.DeliveryStatus {
	h.t.Helper()
	t, err := h.Tickets.Get(h.t.Context(), who, id)
	if err != nil {
		h.t.Fatal(err)
	}
	statuses, err := h.Mail.DeliveryStatuses(h.t.Context(), who, t, 1, t.LastSeq)
	if err != nil {
		h.t.Fatal(err)
	}
	return statuses
}
