package desk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/outbox"
)

// deskWithOutbox is a desk whose events are delivered when a test calls deliver.
type deskWithOutbox struct {
	fixture
	box *outbox.Outbox
}

// newDeskWithOutbox returns a desk with an outbox. It makes the test parallel.
func newDeskWithOutbox(t *testing.T) deskWithOutbox {
	t.Helper()
	t.Parallel()
	return newDeskWithOptions(t, desk.Options{})
}

// newDeskWithOptions returns a desk with these options and an outbox.
func newDeskWithOptions(t *testing.T, opts desk.Options) deskWithOutbox {
	t.Helper()
	return withOutbox(t, newFixture(t, opts))
}

// withOutbox adds an outbox with the consumers of notifications and mail.
func withOutbox(t *testing.T, h fixture) deskWithOutbox {
	t.Helper()
	h.exec("alter table users alter seen_at set default now()") // as if all users had just used the desk
	box := outbox.New(h.pool, outbox.Options{Pause: time.Millisecond, Log: slog.New(slog.NewTextHandler(testLog{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))}, append(h.Notifications.Consumers(), h.Mail.Consumer())...)
	if err := box.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	return deskWithOutbox{h, box}
}

// invoice returns the input of a new ticket.
func invoice() desk.TicketInput { return anInput("") }

type testLog struct{ t *testing.T }

// Write fails the test, because nothing may be logged.
func (l testLog) Write(p []byte) (int, error) {
	l.t.Errorf("the outbox logged %s", p)
	return len(p), nil
}

// deliver delivers all committed events.
func (h deskWithOutbox) deliver() {
	h.t.Helper()
	if err := h.box.Drain(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// notificationsOf returns the notifications of the actor in short form, such as "*#1 comment 2-3 (2)" for
// two events with the sequence numbers 2 to 3. A star marks an unread notification.
func (h deskWithOutbox) notificationsOf(who account.Actor) string {
	h.t.Helper()
	page, err := h.Notifications.List(h.t.Context(), who, 0, 0)
	if err != nil {
		h.t.Fatal(err)
	}
	var out []string
	unread := 0
	for _, n := range page.Rows {
		star := ""
		if n.Unread {
			star = "*"
			unread++
		}
		out = append(out, fmt.Sprintf("%s#%d %s %d-%d (%d)", star, n.TicketID, n.Kind, n.FirstSeq, n.Seq, n.Events))
	}
	if unread != page.Unread {
		h.t.Errorf("%s has %d unread notifications in the list, and a count of %d", who.Username, unread, page.Unread)
	}
	return strings.Join(out, ", ")
}

// wantNotifications fails the test if the user has other notifications.
func (h deskWithOutbox) wantNotifications(who account.Actor, want string) {
	h.t.Helper()
	if got := h.notificationsOf(who); got != want {
		h.t.Errorf("%s has the notifications %q, want %q", who.Username, got, want)
	}
}

// comments adds a comment to a ticket.
func (h deskWithOutbox) comments(who account.Actor, ticket int64) {
	h.t.Helper()
	if _, err := h.Comments.Add(h.t.Context(), who, ticket, desk.CommentInput{Text: "A word"}); err != nil {
		h.t.Fatal(err)
	}
}

// sendsMessage adds a chat message to a ticket.
func (h deskWithOutbox) sendsMessage(who account.Actor, ticket int64) {
	h.t.Helper()
	if _, err := h.Comments.Add(h.t.Context(), who, ticket, desk.MessageInput{Text: "Hello"}); err != nil {
		h.t.Fatal(err)
	}
}

// opensPage reads the ticket and marks it as read, as its page does.
func (h deskWithOutbox) opensPage(who account.Actor, ticket int64) {
	h.t.Helper()
	page, err := h.Log.Timeline(h.t.Context(), who, ticket, desk.TimelineRange{})
	if err == nil {
		err = h.Log.MarkRead(h.t.Context(), who, ticket, page.Last(), page.Read)
	}
	if err != nil {
		h.t.Fatal(err)
	}
}

func TestANotificationIsReadByOpeningItsTicket(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	ticket := h.opens(ana, invoice()).ID
	h.deliver()
	h.opensPage(priya, ticket)
	h.wantNotifications(priya, fmt.Sprintf("#%d opened 1-1 (1)", ticket))
	h.comments(ana, ticket)
	h.deliver()
	h.wantNotifications(priya, fmt.Sprintf("*#%d comment 2-2 (1)", ticket))
	if _, err := h.Log.See(t.Context(), priya, ticket, 2); err != nil {
		t.Fatal(err)
	}
	h.wantNotifications(priya, fmt.Sprintf("#%d comment 2-2 (1)", ticket))
}

func TestAnEventReadBeforeItsDeliveryIsAReadNotification(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	ticket := h.opens(ana, invoice()).ID
	h.comments(priya, ticket)
	h.opensPage(ana, ticket)
	h.deliver()
	h.wantNotifications(ana, fmt.Sprintf("#%d comment 2-2 (1)", ticket))
}

func TestAnEventReadDuringItsDeliveryIsAReadNotification(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	ticket := h.opens(ana, invoice()).ID
	h.opensPage(ana, ticket)
	h.deliver()
	h.comments(priya, ticket)
	c := h.Notifications.Consumer()
	event := []outbox.Event{{TicketID: ticket, Seq: 2, Kind: event.KindComment, AuthorID: priya.ID}}
	tx, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	if err := c.Deliver(t.Context(), tx, event); err != nil {
		t.Fatal(err)
	}
	h.opensPage(ana, ticket) // before the commit, so that no notification is found
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.wantNotifications(ana, fmt.Sprintf("*#%d comment 2-2 (1)", ticket))
	if err := c.Committed(t.Context(), event); err != nil {
		t.Fatal(err)
	}
	h.wantNotifications(ana, fmt.Sprintf("#%d comment 2-2 (1)", ticket))
}

func TestTheListIsPagedAndAllShownNotificationsCanBeRead(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	var opened []int64
	open := func() {
		in := invoice()
		in.Subject = fmt.Sprint("Ticket ", len(opened))
		opened = append(opened, h.opens(ana, in).ID)
		h.deliver()
	}
	for range 5 {
		open()
	}
	list := h.Notifications
	var seen []int64
	first, before := int64(0), int64(0)
	for {
		page, err := list.List(t.Context(), priya, before, 2)
		if err != nil {
			t.Fatal(err)
		}
		if first == 0 {
			first = page.Newest
		}
		for _, n := range page.Rows {
			seen = append(seen, n.TicketID)
		}
		if before = page.Before; before == 0 {
			break
		}
	}
	slices.Reverse(seen)
	if !slices.Equal(seen, opened) {
		t.Errorf("the pages have the tickets %v, want %v", seen, opened)
	}
	open() // after the page was shown
	n, err := list.ReadAll(t.Context(), priya, first)
	if err != nil || n != 5 {
		t.Errorf("marked %d, %v; want 5", n, err)
	}
	if unread, err := list.Unread(t.Context(), priya.ID); err != nil || unread[priya.ID] != 1 {
		t.Errorf("unread are %v, %v; want 1", unread, err)
	}
}

func TestOneNotificationIsMarkedReadOnlyByItsUser(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, ben, priya := h.person("ana", account.RoleCustomer), h.person("ben", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	first, second := h.opens(ana, invoice()).ID, h.opens(ben, invoice()).ID
	h.deliver()
	list := h.Notifications
	if err := list.Read(t.Context(), ana, first); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("the requester, who has no notification: %v", err)
	}
	for range 2 { // the second time it changes nothing
		if err := list.Read(t.Context(), priya, first); err != nil {
			t.Error(err)
		}
	}
	h.wantNotifications(priya, fmt.Sprintf("*#%d opened 1-1 (1), #%d opened 1-1 (1)", second, first))
}

func TestOldNotificationsAreSwept(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana := h.person("ana", account.RoleCustomer)
	priya := h.person("priya", account.RoleAdmin)
	old, young := h.opens(ana, invoice()).ID, h.opens(priya, invoice()).ID
	h.deliver()
	h.comments(ana, old)
	h.comments(priya, old)
	h.deliver()
	h.exec("update notifications set created_at = now() - interval '91 days' where ticket_id = $1 and user_id = $2", old, priya.ID)
	if err := h.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.number("select count(*) from notifications where user_id = $1", priya.ID); n != 0 {
		t.Errorf("%d old notifications are left, want 0", n)
	}
	if n := h.number("select count(*) from notifications where ticket_id = $1", old); n != 1 {
		t.Errorf("%d younger notifications are left, want 1 (ticket %d)", n, young)
	}
}

func TestAChangeOfRoleRemovesNotificationsIfTheUserSeesOtherTickets(t *testing.T) {
	h := newDeskWithOutbox(t)
	boss, ana := h.person("boss", account.RoleAdmin), h.person("ana", account.RoleCustomer)
	noor := h.person("noor", account.RoleAgent)
	if _, err := h.Tickets.Open(t.Context(), ana, invoice()); err != nil {
		t.Fatal(err)
	}
	h.deliver()
	for _, c := range []struct {
		role account.Role
		want string
	}{{account.RoleAdmin, "*#1 opened 1-1 (1)"}, {account.RoleAgent, "*#1 opened 1-1 (1)"}, {account.RoleCustomer, ""}} {
		if err := h.Accounts.Users.SetRole(t.Context(), boss, noor.ID, string(c.role)); err != nil {
			t.Fatal(err)
		}
		noor.Role = account.RoleAgent // reads all that is there
		if got := h.notificationsOf(noor); got != c.want {
			t.Errorf("as %s: got %q, want %q", c.role, got, c.want)
		}
	}
}
