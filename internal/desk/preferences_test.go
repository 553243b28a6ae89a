package desk_test

import (
	"fmt"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// Each event about which a user is notified, by channel and preference. What is off in one channel is
// not off in the other one.
func TestAnEventNotifiesInTheChannelsThatAreOn(t *testing.T) {
	for _, c := range []struct {
		event   string
		staff   bool // the reader is bo, an agent; else ana, the requester
		happens func(h deskWithMail, ana, bo, priya account.Actor, ticket int64)
	}{
		{"answer", false, func(h deskWithMail, _, _, priya account.Actor, ticket int64) { h.comments(priya, ticket) }},
		{"status", false, func(h deskWithMail, _, _, priya account.Actor, ticket int64) {
			h.sets(priya, ticket, desk.StatusResolved)
		}},
		{"assigned", true, func(h deskWithMail, _, bo, priya account.Actor, ticket int64) {
			h.assigns(priya, ticket, fmt.Sprint(bo.ID))
		}},
		{"mentioned", true, func(h deskWithMail, _, _, priya account.Actor, ticket int64) { h.notes(priya, ticket, "Look, @bo") }},
		{"answered", true, func(h deskWithMail, ana, bo, _ account.Actor, ticket int64) {
			h.comments(bo, ticket)
			h.deliver()
			h.comments(ana, ticket)
		}},
		{"opened", true, func(h deskWithMail, ana, _, _ account.Actor, _ int64) { h.opens(ana, invoice()) }},
	} {
		for _, mail := range []bool{true, false} {
			for _, page := range []bool{true, false} {
				t.Run(fmt.Sprintf("%s, mail %t, page %t", c.event, mail, page), func(t *testing.T) {
					h := newDeskWithMail(t)
					bo := h.person("bo", account.RoleAgent)
					ana, priya, ticket := h.pair()
					h.exec("update users set seen_at = now()")
					h.deliver()
					h.exec("delete from mail_waiting")
					h.exec("delete from notifications")
					reader := ana
					if c.staff {
						reader = bo
					}
					h.exec("update users set mail_prefs = jsonb_build_object($2::text, $3::boolean), page_prefs = jsonb_build_object($2::text, $4::boolean) where id = $1", reader.ID, c.event, mail, page)
					c.happens(h, ana, bo, priya, ticket)
					h.passes(11 * time.Minute)
					h.wantArrived(reader, map[bool]int{true: 1}[mail])
					if n, want := h.number("select count(*) from notifications where user_id = $1", reader.ID), int64(map[bool]int{true: 1}[page]); n != want {
						t.Errorf("%d notifications, want %d", n, want)
					}
				})
			}
		}
	}
}

// What a user has switched off for one kind of event does not hide others on the same ticket.
func TestAnEventThatIsOffHidesNoOtherOneOfItsTicket(t *testing.T) {
	h := newDeskWithMail(t)
	bo := h.person("bo", account.RoleAgent)
	ana, priya, ticket := h.pair()
	h.exec(`update users set seen_at = now(), page_prefs = '{"answered": false, "opened": false, "status": false}'`)
	h.comments(bo, ticket)
	h.comments(ana, ticket)
	h.notes(priya, ticket, "Look, @bo")
	h.sets(priya, ticket, desk.StatusResolved)
	h.deliver()
	if got, want := h.text("select string_agg(kind::text || ' ' || events, ', ') from notifications where user_id = $1", bo.ID), "note 1"; got != want {
		t.Errorf("bo is notified of %q, want %q", got, want)
	}
	if got, want := h.text("select string_agg(kind::text || ' ' || events, ', ') from notifications where user_id = $1", ana.ID), "comment 1"; got != want {
		t.Errorf("ana is notified of %q, want %q", got, want)
	}
}
