package desk_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
)

// The mails of a member of staff by event and preference.
func TestStaffGetMailsAboutTheEventsTheyWant(t *testing.T) {
	everything := `{"opened":true}`
	for _, c := range []struct {
		event, prefs string
		want         int
	}{
		{"opened", `{}`, 0}, {"opened", everything, 1},
		{"assigned", `{}`, 1}, {"assigned", `{"assigned":false}`, 0},
		{"assigned by themselves", everything, 0},
		{"mentioned", `{}`, 1}, {"mentioned", `{"mentioned":false}`, 0},
		{"note without mention", everything, 0},
		{"answered", `{}`, 1}, {"answered", `{"answered":false}`, 0},
		{"answered elsewhere", `{}`, 0},
		{"answered and muted", `{}`, 0},
	} {
		t.Run(c.event+" "+c.prefs, func(t *testing.T) {
			h := newDeskWithMail(t)
			bo := h.person("bo", account.RoleAgent)
			ana, priya, ticket := h.pair()
			if c.event != "opened" {
				h.deliver()
				h.exec("delete from mail_waiting")
			}
			h.exec("update users set mail_prefs = $2::jsonb where id = $1", bo.ID, c.prefs)
			switch c.event {
			case "assigned":
				h.assigns(priya, ticket, fmt.Sprint(bo.ID))
			case "assigned by themselves":
				h.assigns(bo, ticket, fmt.Sprint(bo.ID))
			case "mentioned":
				h.notes(priya, ticket, "Look, @bo")
			case "note without mention":
				h.notes(priya, ticket, "Look")
			case "answered and muted":
				h.comments(bo, ticket)
				h.follows(bo, ticket, "no")
				h.comments(ana, ticket)
			case "answered":
				h.comments(bo, ticket)
				h.comments(ana, ticket)
			case "answered elsewhere":
				h.comments(priya, ticket)
				h.comments(ana, ticket)
			}
			h.passes(9 * time.Minute)
			h.wantArrived(bo, 0)
			h.passes(2 * time.Minute)
			h.wantArrived(bo, c.want)
			h.passes(time.Hour)
			h.wantArrived(bo, c.want)
		})
	}
}

func TestWhatStaffReadInTimeIsNotMailed(t *testing.T) {
	h := newDeskWithMail(t)
	bo := h.person("bo", account.RoleAgent)
	_, priya, ticket := h.pair()
	h.assigns(priya, ticket, fmt.Sprint(bo.ID))
	h.passes(9 * time.Minute)
	h.opensPage(bo, ticket)
	h.passes(2 * time.Minute)
	h.wantArrived(bo, 0)
}

func TestEventsOfStaffAreOneMailEachTenMinutes(t *testing.T) {
	h := newDeskWithMail(t)
	bo := h.person("bo", account.RoleAgent)
	ana, priya, first := h.pair()
	h.assigns(priya, first, fmt.Sprint(bo.ID))
	h.deliver()
	h.clock.later(time.Minute)
	second := h.opens(ana, invoice()).ID
	h.assigns(priya, second, fmt.Sprint(bo.ID))
	h.passes(10 * time.Minute)
	h.passes(time.Minute)
	mails := h.wantArrived(bo, 1)
	if want := "2 tickets need you"; mails[0].Header().Get("Subject") != want {
		t.Errorf("the subject is %q, want %q", mails[0].Header().Get("Subject"), want)
	}
	for _, id := range []int64{first, second} {
		if want := fmt.Sprintf("https://desk.example.org/tickets/%d", id); !strings.Contains(unfolded(mails[0].Data), want) {
			t.Errorf("the mail lacks %s", want)
		}
	}
	h.comments(ana, first)
	h.passes(5 * time.Minute)
	h.wantArrived(bo, 1)
	h.passes(6 * time.Minute)
	h.wantArrived(bo, 2)
}

func TestNoticesAreNotSentAboutTicketsThatStaffMayNotRead(t *testing.T) {
	h := newDeskWithMail(t)
	bo := h.person("bo", account.RoleAgent)
	_, priya, ticket := h.pair()
	h.assigns(priya, ticket, fmt.Sprint(bo.ID))
	h.deliver()
	h.exec("with team as (insert into teams (name, name_key, private) values ('Board', 'board', true) returning id) update tickets set team_id = (select id from team)")
	h.passes(11 * time.Minute)
	h.wantArrived(bo, 0)
}

// The token of a notice ends the notices, and no other one does.
func TestNoticesCanBeUnsubscribedWithTheTokenOfAMail(t *testing.T) {
	h := newDeskWithMail(t)
	bo := h.person("bo", account.RoleAgent)
	_, priya, ticket := h.pair()
	h.assigns(priya, ticket, fmt.Sprint(bo.ID))
	h.passes(11 * time.Minute)
	header := h.wantArrived(bo, 1)[0].Header()
	if got, want := header.Get("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click"; got != want {
		t.Errorf("List-Unsubscribe-Post is %q, want %q", got, want)
	}
	token, found := strings.CutPrefix(strings.Trim(header.Get("List-Unsubscribe"), "<>"), "https://desk.example.org/unsubscribe/")
	if !found {
		t.Fatalf("List-Unsubscribe is %q", header.Get("List-Unsubscribe"))
	}
	id, mac, _ := strings.Cut(token, ".")
	for _, wrong := range []string{"", ".", id, id + ".", id + "." + mac[:25], fmt.Sprintf("%d.%s", priya.ID, mac), "0" + token, token + "0", id + "." + strings.Repeat("0", 26)} {
		if err := h.Mail.Unsubscribe(t.Context(), wrong); !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("token %q: got %v, want %v", wrong, err, fault.ErrNotFound)
		}
	}
	for range 2 { // a token can be used again
		if err := h.Mail.Unsubscribe(t.Context(), token); err != nil {
			t.Fatal(err)
		}
	}
	h.notes(priya, ticket, "Look, @bo")
	h.passes(time.Hour)
	h.wantArrived(bo, 1)
}

func TestMailsToRequestersCannotBeUnsubscribedByPrograms(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.comments(priya, ticket)
	h.passes(time.Minute)
	header := h.wantArrived(ana, 1)[0].Header()
	for _, name := range []string{"List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted"} {
		if v := header.Values(name); len(v) > 0 {
			t.Errorf("the mail has %s: %v", name, v)
		}
	}
}

func TestEventsThatWaitForAMailAreDroppedWithTheLastMailbox(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.comments(priya, ticket)
	h.comments(ana, ticket)
	h.deliver()
	if n := h.number("select count(*) from mail_waiting"); n != 1 {
		t.Fatalf("%d events wait for a mail, want 1", n)
	}
	without := desk.New(h.pool, desk.Options{})
	if err := without.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := h.number("select count(*) from mail_waiting"); n != 0 {
		t.Errorf("%d events wait for a mail on a desk without a mailbox, want 0", n)
	}
}
