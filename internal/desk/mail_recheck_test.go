package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/mail/mailtest"
)

// private gives a ticket to a private team without members.
func (h deskWithMail) private(ticket int64) {
	h.t.Helper()
	h.exec("with team as (insert into teams (name, name_key, private) values ('Board', 'board', true) returning id) update tickets set team_id = (select id from team) where id = $1", ticket)
}

// waits makes the mails that are due wait, because the server takes none now, and then lets it take them.
func (h deskWithMail) waits() {
	h.t.Helper()
	h.smtp.FailAt(mailtest.Rcpt, mailtest.Act{Reply: "450 4.2.1 later"})
	h.passes(11 * time.Minute)
	h.wantStates("deferred")
	h.smtp.Follow(nil)
}

func TestANoticeLeavesOutTheTicketsThatBecameUnreadableWhileItWaited(t *testing.T) {
	h := newDeskWithMail(t)
	bo := h.person("bo", account.RoleAgent)
	ana, priya, secret := h.pair()
	other := h.opens(ana, invoice()).ID
	h.exec("update tickets set subject = 'The secret one' where id = $1", secret)
	h.assigns(priya, secret, fmt.Sprint(bo.ID))
	h.assigns(priya, other, fmt.Sprint(bo.ID))
	h.waits()
	before := h.text("select message_id from mail_out")
	h.private(secret)
	h.passes(time.Hour)
	got := h.wantArrived(bo, 1)[0]
	text := unfolded(got.Data)
	if strings.Contains(text, "secret") {
		t.Errorf(`the mail is %q, want it without "secret"`, text)
	}
	if strings.Contains(text, fmt.Sprintf("/tickets/%d\"", secret)) {
		t.Errorf("the mail is %q, want it without %q", text, fmt.Sprintf("/tickets/%d\"", secret))
	}
	if want := fmt.Sprintf("https://desk.example.org/tickets/%d", other); !strings.Contains(unfolded(got.Data), want) {
		t.Errorf("the mail lacks %s", want)
	}
	if want := fmt.Sprintf("[#%d]", other); !strings.HasPrefix(h.text("select subject from mail_out"), want) {
		t.Errorf("the subject in the list is %q, want it to begin with %s", h.text("select subject from mail_out"), want)
	}
	if got.Header().Get("Message-Id") != "<"+before+">" {
		t.Errorf("the id is %s, want <%s>", got.Header().Get("Message-Id"), before)
	}
}

// What ends a mail that waits for its server.
func TestAMailIsCheckedAgainWhenItIsSent(t *testing.T) {
	for _, c := range []struct {
		name, want string
		staff      bool // a notice to staff; else an answer to the requester
		change     func(h deskWithMail, reader account.Actor, ticket int64)
	}{
		{"nothing, staff", "sent", true, func(deskWithMail, account.Actor, int64) {}},
		{"nothing, requester", "sent", false, func(deskWithMail, account.Actor, int64) {}},
		{"read, staff", "skipped", true, func(h deskWithMail, who account.Actor, ticket int64) { h.opensPage(who, ticket) }},
		{"read, requester", "skipped", false, func(h deskWithMail, who account.Actor, ticket int64) { h.opensPage(who, ticket) }},
		{"not wanted, staff", "skipped", true, func(h deskWithMail, who account.Actor, _ int64) {
			h.exec(`update users set mail_prefs = '{"assigned": false}' where id = $1`, who.ID)
		}},
		{"not wanted, requester", "skipped", false, func(h deskWithMail, who account.Actor, _ int64) {
			h.exec(`update users set mail_prefs = '{"answer": false}' where id = $1`, who.ID)
		}},
		{"another preference, requester", "sent", false, func(h deskWithMail, who account.Actor, _ int64) {
			h.exec(`update users set mail_prefs = '{"status": false}' where id = $1`, who.ID)
		}},
		{"unreadable, staff", "skipped", true, func(h deskWithMail, _ account.Actor, ticket int64) { h.private(ticket) }},
		{"deleted, requester", "skipped", false, func(h deskWithMail, _ account.Actor, ticket int64) {
			h.exec("update tickets set deleted_at = now() where id = $1", ticket)
		}},
		{"assigned to another, staff", "skipped", true, func(h deskWithMail, _ account.Actor, ticket int64) {
			h.exec("update tickets set assignee_id = null where id = $1", ticket)
		}},
		{"disabled, staff", "skipped", true, func(h deskWithMail, who account.Actor, _ int64) {
			h.exec("update users set disabled_at = now() where id = $1", who.ID)
		}},
		{"without an address, requester", "failed", false, func(h deskWithMail, who account.Actor, _ int64) {
			h.exec("alter table users drop constraint users_email_length")
			h.exec("update users set email = '' where id = $1", who.ID)
		}},
		{"without a recipient, requester", "failed", false, func(h deskWithMail, _ account.Actor, _ int64) {
			h.exec("update mail_rcpt set state = 'failed'")
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newDeskWithMail(t)
			bo := h.person("bo", account.RoleAgent)
			reader, priya, ticket := h.pair()
			if c.staff {
				reader = bo
				h.assigns(priya, ticket, fmt.Sprint(bo.ID))
			} else {
				h.comments(priya, ticket)
			}
			h.waits()
			c.change(h, reader, ticket)
			h.passes(time.Hour)
			h.wantStates(c.want)
			if text := h.text("select last_text from mail_out"); (text == "") != (c.want == "sent") {
				t.Errorf("the reason is %q", text)
			}
		})
	}
}

// A user who changes their address while a mail waits gets it at the new one.
func TestAMailAboutATicketFollowsItsReaderToAnotherAddress(t *testing.T) {
	for _, staff := range []bool{false, true} {
		t.Run(fmt.Sprintf("staff %v", staff), func(t *testing.T) {
			h := newDeskWithMail(t)
			bo := h.person("bo", account.RoleAgent)
			reader, priya, ticket := h.pair()
			if staff {
				reader = bo
				h.assigns(priya, ticket, fmt.Sprint(bo.ID))
			} else {
				h.comments(priya, ticket)
			}
			h.waits()
			h.exec("update users set email = 'new@example.org' where id = $1", reader.ID)
			h.passes(time.Hour)
			h.wantStates("sent")
			h.wantArrived(reader, 0)
			got := h.arrived("new@example.org")
			if len(got) != 1 {
				t.Fatalf("got %d elements, want 1: %+v", len(got), got)
			}
			if value := got[0].Header().Get("To"); !strings.Contains(value, "<new@example.org>") {
				t.Fatalf(`the header To is %q, want it with "<new@example.org>"`, value)
			}
			if to := h.text("select addr || ' ' || state from mail_rcpt"); to != "new@example.org accepted" {
				t.Errorf("the recipient is %q, want the new address", to)
			}
		})
	}
}

func TestAMailWhoseReaderHasAnAddressThatMailCannotCarryFails(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.comments(priya, ticket)
	h.waits()
	h.exec("update users set email = 'a..b@example.org' where id = $1", ana.ID)
	h.passes(time.Hour)
	h.wantStates("failed")
	if text := h.text("select last_text from mail_out"); !strings.Contains(text, "the address cannot get mail") {
		t.Errorf("the reason is %q", text)
	}
}
