package desk_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/event"
	"frontdesk/internal/outbox"
)

// deliverTo delivers the committed events of one consumer, with one try for each.
func (h deskWithOutbox) deliverTo(c outbox.Consumer) {
	h.t.Helper()
	box := outbox.New(h.pool, outbox.Options{Pause: time.Millisecond, MaxTries: 1, Log: slog.New(slog.DiscardHandler)}, c)
	if err := box.Drain(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
}

// assignedTicket returns a ticket of ana that is assigned to tom, whose notifications have been
// delivered and read. priya is a colleague.
func (h deskWithOutbox) assignedTicket() (ticket int64, ana, priya, tom account.Actor) {
	h.t.Helper()
	ana, priya, tom = h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin), h.person("tom", account.RoleAgent)
	ticket = h.opens(ana, invoice()).ID
	h.assigns(priya, ticket, fmt.Sprint(tom.ID))
	h.deliver()
	h.opensPage(tom, ticket)
	return ticket, ana, priya, tom
}

func TestANoteDeliveredAfterALaterAnswerCounts(t *testing.T) {
	h := newDeskWithOutbox(t)
	ticket, ana, priya, tom := h.assignedTicket()
	h.notes(priya, ticket, "@tom look.")
	h.comments(ana, ticket)
	h.deliverTo(h.Notifications.Consumer())
	h.wantNotifications(tom, fmt.Sprintf("*#%d comment 4-4 (1)", ticket))
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("*#%d comment 3-4 (2)", ticket))
	list, err := h.Notifications.List(t.Context(), tom, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	if got := list.Rows[0].Author; got != ana.Username {
		t.Errorf("the author is %q, want that of the newest event, %q", got, ana.Username)
	}
}

func TestNotesDeliveredTogetherAroundAnAnswerCount(t *testing.T) {
	h := newDeskWithOutbox(t)
	ticket, ana, priya, tom := h.assignedTicket()
	h.notes(priya, ticket, "@tom look.")
	h.comments(ana, ticket)
	h.notes(priya, ticket, "And this.")
	h.deliverTo(h.Notifications.Consumer())
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("*#%d note 3-5 (3)", ticket))
}

func TestALateEventCountsOnlyIfItsUserHasNotSeenIt(t *testing.T) {
	h := newDeskWithOutbox(t)
	ticket, ana, priya, tom := h.assignedTicket()
	h.notes(priya, ticket, "@tom look.")
	h.comments(ana, ticket)
	h.deliverTo(h.Notifications.Consumer())
	h.opensPage(tom, ticket) // with the note
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("#%d comment 4-4 (1)", ticket))
	h.notes(priya, ticket, "@tom again.")
	h.comments(ana, ticket)
	h.deliverTo(h.Notifications.Consumer())
	if _, err := h.Notifications.ReadAll(t.Context(), tom, 0); err != nil { // without the note
		t.Fatal(err)
	}
	h.wantNotifications(tom, fmt.Sprintf("#%d comment 6-6 (1)", ticket))
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("*#%d note 5-5 (1)", ticket))
	list, err := h.Notifications.List(t.Context(), tom, 0, 0)
	if err != nil || !list.Rows[0].Mentioned {
		t.Errorf("the notification is %+v, %v; want one of a mention", list.Rows, err)
	}
}

func TestANoteSeenBeforeItsDeliveryIsNotCountedWithALaterOne(t *testing.T) {
	h := newDeskWithOutbox(t)
	ticket, _, priya, tom := h.assignedTicket()
	h.notes(priya, ticket, "@tom look.")
	h.opensPage(tom, ticket)
	h.notes(priya, ticket, "@tom again.")
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("*#%d note 4-4 (1)", ticket))
}

func TestMarkAllAsReadDoesNotIncludeALateEventThatThePageDidNotCount(t *testing.T) {
	h := newDeskWithOutbox(t)
	ticket, ana, priya, tom := h.assignedTicket()
	h.notes(priya, ticket, "@tom look.")
	h.comments(ana, ticket)
	h.deliverTo(h.Notifications.Consumer())
	shown, err := h.Notifications.List(t.Context(), tom, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	h.deliver()
	if n, err := h.Notifications.ReadAll(t.Context(), tom, shown.Newest); err != nil || n != 0 {
		t.Errorf("marked %d, %v; want 0", n, err)
	}
	h.wantNotifications(tom, fmt.Sprintf("*#%d comment 3-4 (2)", ticket))
}

func TestARetriedDeadEventCountsOnce(t *testing.T) {
	h := newDeskWithOutbox(t)
	ticket, ana, priya, tom := h.assignedTicket()
	h.notes(priya, ticket, "@tom look.")
	h.comments(ana, ticket)
	failing := h.Notifications.NotesConsumer()
	failing.Deliver = func(context.Context, pgx.Tx, []outbox.Event) error { return errors.New("broken") }
	h.deliverTo(failing)
	h.deliver()
	h.wantNotifications(tom, fmt.Sprintf("*#%d comment 4-4 (1)", ticket))
	h.exec("update outbox_dead set retry_at = now()")
	h.deliver()
	if n := h.number("select count(*) from outbox_dead"); n != 0 {
		t.Errorf("%d events are dead after the retry, want 0", n)
	}
	h.wantNotifications(tom, fmt.Sprintf("*#%d comment 3-4 (2)", ticket))
	h.exec("insert into outbox_dead (consumer, stream, id, seq, error, tries, retry_at) values ('note notifications', 'ticket', $1, 3, '', 10, now())", ticket)
	if _, err := h.Notifications.ReadAll(t.Context(), tom, 0); err != nil {
		t.Fatal(err)
	}
	h.deliver() // the same event again
	h.wantNotifications(tom, fmt.Sprintf("#%d comment 3-4 (2)", ticket))
}

func TestADeadAnswerThatIsRetriedTakesPrecedenceOverALaterChangeOfStatus(t *testing.T) {
	h := newDeskWithOutbox(t)
	ticket, ana, priya, _ := h.assignedTicket()
	h.comments(priya, ticket)
	failing := h.Notifications.Consumer()
	failing.Deliver = func(context.Context, pgx.Tx, []outbox.Event) error { return errors.New("broken") }
	h.deliverTo(failing)
	if _, err := h.Tickets.SetStatus(t.Context(), priya, ticket, desk.StatusInput{Status: "RESOLVED"}); err != nil {
		t.Fatal(err)
	}
	h.deliver()
	h.wantNotifications(ana, fmt.Sprintf("*#%d status 4-4 (1)", ticket))
	h.exec("update outbox_dead set retry_at = now()")
	h.deliver()
	h.wantNotifications(ana, fmt.Sprintf("*#%d comment 3-4 (2)", ticket))
}

func TestWhatEndsARightDuringADeliveryLeavesNothingThatIsCounted(t *testing.T) {
	for name, end := range map[string]string{
		"a removed member":            "delete from team_members",
		"a team that becomes private": "update teams set private = true",
		"a ticket that moves":         "update tickets set team_id = 2",
		"a ticket in the trash":       "update tickets set deleted_at = now()",
	} {
		t.Run(name, func(t *testing.T) {
			h := newDeskWithOutbox(t)
			ticket, member := h.privateTicket()
			h.exec("insert into teams (name, name_key, private) values ('Board', 'board', true)")
			if name == "a team that becomes private" {
				h.exec("update teams set private = false where id = 1")
				h.exec("delete from team_members")
			}
			tx, err := h.pool.Begin(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer tx.Rollback(context.Background())
			if err := h.Notifications.Consumer().Deliver(t.Context(), tx, []outbox.Event{{TicketID: ticket, Seq: 1, Kind: event.KindOpened, AuthorID: h.number("select requester_id from tickets")}}); err != nil {
				t.Fatal(err)
			}
			h.exec(end)
			if err := tx.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			if n := h.number("select count(*) from notifications where user_id = $1", member.ID); n != 1 {
				t.Fatalf("the member has %d rows, want 1", n)
			}
			h.wantNotifications(member, "")
		})
	}
}
