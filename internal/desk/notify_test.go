package desk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/outbox"
)

func TestANewTicketNotifiesStaffButNotItsRequester(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAdmin)
	ticket := h.opens(ana, invoice()).ID
	h.deliver()
	want := fmt.Sprintf("*#%d opened 1-1 (1)", ticket)
	h.wantNotifications(priya, want)
	h.wantNotifications(tom, want)
	h.wantNotifications(ana, "")
}

func TestAnOwnTicketDoesNotNotifyItsAuthor(t *testing.T) {
	h := newDeskWithOutbox(t)
	priya, tom := h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAdmin)
	ticket := h.opens(priya, invoice()).ID
	h.comments(priya, ticket)
	h.deliver()
	h.wantNotifications(priya, "")
	h.wantNotifications(tom, fmt.Sprintf("*#%d comment 1-2 (2)", ticket))
}

func TestAnswersAndStatusChangesNotifyTheRequester(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, ben, priya := h.person("ana", account.RoleCustomer), h.person("ben", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	ticket := h.opens(ana, invoice()).ID
	h.deliver()
	h.comments(priya, ticket)
	h.sendsMessage(priya, ticket)
	h.deliver()
	h.wantNotifications(ana, fmt.Sprintf("*#%d message 2-3 (2)", ticket))
	if _, err := h.Tickets.SetStatus(t.Context(), priya, ticket, desk.StatusInput{Status: "RESOLVED"}); err != nil {
		t.Fatal(err)
	}
	h.deliver()
	h.wantNotifications(ana, fmt.Sprintf("*#%d message 2-4 (3)", ticket)) // an unread answer takes precedence over a change of status
	h.opensPage(ana, ticket)
	if _, err := h.Tickets.SetStatus(t.Context(), priya, ticket, desk.StatusInput{Status: "CLOSED"}); err != nil {
		t.Fatal(err)
	}
	h.deliver()
	h.wantNotifications(ana, fmt.Sprintf("*#%d status 5-5 (1)", ticket))
	h.wantNotifications(ben, "")
	list, err := h.Notifications.List(t.Context(), ana, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if list.Rows[0].Status != "CLOSED" {
		t.Errorf(`the status is %q, want "CLOSED"`, list.Rows[0].Status)
	}
	if list.Rows[0].Author != "priya" {
		t.Errorf(`the author is %q, want "priya"`, list.Rows[0].Author)
	}
}

func TestChangesOfFieldsNotifyNoUser(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	ticket := h.opens(ana, invoice())
	if _, err := h.Tickets.Triage(t.Context(), priya, ticket.ID, desk.TriageInput{Status: "OPEN", Priority: "Urgent", Category: "Billing", Version: 1}); err != nil {
		t.Fatal(err)
	}
	h.deliver()
	h.wantNotifications(ana, "")
}

func TestAnAnswerOfTheRequesterNotifiesItsStaffOrElseAllStaff(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya, tom := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAdmin)
	ticket := h.opens(ana, invoice()).ID
	h.comments(ana, ticket)
	h.deliver()
	all := fmt.Sprintf("*#%d comment 1-2 (2)", ticket)
	h.wantNotifications(priya, all)
	h.wantNotifications(tom, all)
	h.comments(priya, ticket)
	h.opensPage(priya, ticket)
	h.comments(ana, ticket)
	h.deliver()
	h.wantNotifications(priya, fmt.Sprintf("*#%d comment 4-4 (1)", ticket))
	h.wantNotifications(tom, all)
}

func TestDisabledInactiveAndDemotedUsersAreNotNotified(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, boss := h.person("ana", account.RoleCustomer), h.person("boss", account.RoleAdmin)
	disabled, dormant, demoted := h.person("disabled", account.RoleAdmin), h.person("dormant", account.RoleAdmin), h.person("demoted", account.RoleAdmin)
	first := h.opens(ana, invoice()).ID
	h.deliver()
	if err := errors.Join(
		h.Accounts.Users.SetDisabled(t.Context(), boss, disabled.ID, true),
		h.Accounts.Users.SetRole(t.Context(), boss, demoted.ID, string(account.RoleCustomer)),
	); err != nil {
		t.Fatal(err)
	}
	h.exec("update users set seen_at = now() - interval '31 days' where id = $1", dormant.ID)
	second := h.opens(ana, invoice()).ID
	h.deliver()
	h.wantNotifications(boss, fmt.Sprintf("*#%d opened 1-1 (1), *#%d opened 1-1 (1)", second, first))
	h.wantNotifications(dormant, fmt.Sprintf("*#%d opened 1-1 (1)", first))
	h.wantNotifications(disabled, fmt.Sprintf("*#%d opened 1-1 (1)", first))
	demoted.Role = account.RoleCustomer
	h.wantNotifications(demoted, "")
	if n := h.number("select count(*) from notifications where user_id = $1", demoted.ID); n != 0 {
		t.Errorf("the demoted user has %d rows left, want 0", n)
	}
}

func TestADemotionWaitsForADeliveryAndRemovesItsNotifications(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, boss, tom := h.person("ana", account.RoleCustomer), h.person("boss", account.RoleAdmin), h.person("tom", account.RoleAdmin)
	c := h.Notifications.Consumer()
	tx, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background())
	ticket := h.opens(ana, invoice()).ID
	if err := c.Deliver(t.Context(), tx, []outbox.Event{{TicketID: ticket, Seq: 1, Kind: event.KindOpened, AuthorID: ana.ID}}); err != nil {
		t.Fatal(err)
	}
	demoted := make(chan error, 1)
	go func() { demoted <- h.Accounts.Users.SetRole(t.Context(), boss, tom.ID, string(account.RoleCustomer)) }()
	h.waitForRowLock()
	if err := tx.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-demoted; err != nil {
		t.Fatal(err)
	}
	if n := h.number("select count(*) from notifications where user_id = $1", tom.ID); n != 0 {
		t.Errorf("the demoted user has %d notifications, want 0", n)
	}
	if n := h.number("select count(*) from notifications where user_id = $1", boss.ID); n != 1 {
		t.Errorf("the other members of staff have %d notifications, want 1", n)
	}
}

// waitForRowLock waits until a statement waits for a row that another transaction has locked.
func (h deskWithOutbox) waitForRowLock() {
	h.t.Helper()
	for end := time.Now().Add(10 * time.Second); h.number(`select count(*) from pg_sleep(0.002), pg_stat_activity a
		where a.datname = current_database() and a.wait_event = 'transactionid'`) == 0; {
		if time.Now().After(end) {
			h.t.Fatal("no statement waits")
		}
	}
}

func TestAnEventDeliveredTwiceNotifiesOnce(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	ticket := h.opens(ana, invoice()).ID
	h.comments(ana, ticket)
	h.deliver()
	h.exec("insert into outbox_dead (consumer, stream, id, seq, error, tries, retry_at) values ('notifications', 'ticket', $1, 1, '', 10, now())", ticket)
	h.deliver()
	h.wantNotifications(priya, fmt.Sprintf("*#%d comment 1-2 (2)", ticket))
}

func TestADeletedTicketNotifiesNoUser(t *testing.T) {
	h := newDeskWithOutbox(t)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	ticket, late := h.opens(ana, invoice()).ID, h.opens(ana, invoice()).ID
	h.comments(priya, ticket)
	h.deliver()
	h.comments(priya, late)
	for _, id := range []int64{ticket, late} {
		if err := h.Tickets.Delete(t.Context(), ana, id); err != nil {
			t.Fatal(err)
		}
	}
	h.wantDeletedHidden(ana, ticket)
	h.deliver()
	h.wantNotifications(ana, "")
	if n := h.number("select count(*) from notifications"); n != 0 {
		t.Errorf("%d notifications are left, want 0", n)
	}
}

// wantDeletedHidden checks the state before the deletion is delivered: the notification exists
// and is not listed.
func (h deskWithOutbox) wantDeletedHidden(who account.Actor, ticket int64) {
	h.t.Helper()
	page, err := h.Notifications.List(h.t.Context(), who, 0, 0)
	if err != nil || len(page.Rows) != 0 {
		h.t.Errorf("a ticket in the trash is listed: %+v, %v", page.Rows, err)
	}
	if n := h.number("select count(*) from notifications where ticket_id = $1", ticket); n == 0 {
		h.t.Error("the notification is deleted before the deletion was delivered")
	}
}
