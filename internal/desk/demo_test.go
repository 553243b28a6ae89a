package desk_test

import (
	"errors"
	"net/netip"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/demo"
	"frontdesk/internal/desk"
)

// The test is of a desk that sends mail: the addresses of a demonstration are invented, and must
// not get any.
func TestTheDemoDataIsConsistentAndNotMailed(t *testing.T) {
	h := newDeskWithMail(t)
	files, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 14, 42, 0, 0, time.UTC)
	opts := desk.Options{Blobs: files, Now: func() time.Time { return now }}
	made, err := demo.Seed(t.Context(), h.pool, opts)
	if err != nil {
		t.Fatal(err)
	}
	for email, staff := range map[string]bool{made.Staff: true, made.Customer: false} {
		who, err := h.Accounts.SignIn(t.Context(), account.SignInInput{Email: email, Password: made.Password}, netip.Addr{})
		if err != nil || who.Can(account.SeeAllTickets) != staff {
			t.Fatalf("%s signs in as %+v, %v; staff: want %v", email, who, err, staff)
		}
	}
	h.countersAgree()
	for what, least := range map[string]int64{
		"select count(*) from tickets":                                           200,
		"select count(*) from tickets where waiting_since < '2026-11-21 14:42Z'": 1,
		"select count(*) from tickets where status = 'OPEN'":                     5,
		"select count(*) from tickets where status = 'RESOLVED'":                 5,
		"select count(distinct subject) from tickets":                            100,
		"select count(*) from attachments where ticket_id is not null":           20,
		"select count(*) from ticket_events where kind = 'comment'":              300,
		"select count(*) from ticket_events where kind = 'message'":              20,
		"select count(*) from ticket_events where kind = 'field'":                10,
		"select count(distinct created_at::date) from tickets":                   45,
		"select count(*) from users":                                             40,
	} {
		if n := h.number(what); n < least {
			t.Errorf("%s: %d, expected at least %d", what, n, least)
		}
	}
	for _, none := range []string{
		"select count(*) from ticket_events where created_at > '2026-11-22 14:42Z'",
		"select count(*) from tickets where created_at > updated_at",
		"select count(*) from ticket_events e join ticket_events f on f.ticket_id = e.ticket_id and f.seq = e.seq + 1 where f.created_at < e.created_at",
		"select count(*) from ticket_events where body like '%{%' or data::text like '%{no}%'",
	} {
		if n := h.number(none); n != 0 {
			t.Errorf("%s: %d", none, n)
		}
	}
	if _, err := demo.Seed(t.Context(), h.pool, opts); !errors.Is(err, demo.ErrNotEmpty) {
		t.Errorf("a second time: %v", err)
	}
	h.wantsMailWaiting(0)
	h.opens(h.person("ana", account.RoleCustomer), invoice())
	h.wantsMailWaiting(1)
}

// wantsMailWaiting checks how many events wait to be mailed.
func (h deskWithMail) wantsMailWaiting(want int64) {
	h.t.Helper()
	if n := h.number("select count(*) from outbox_queue where consumer = 'mail'"); n != want {
		h.t.Errorf("%d events wait to be mailed, want %d", n, want)
	}
}
