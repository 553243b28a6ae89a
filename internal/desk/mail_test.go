package desk_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/jobs"
	"frontdesk/internal/mail"
	"frontdesk/internal/mail/mailtest"
	"frontdesk/internal/mailout"
	mailviews "frontdesk/views/mail"
)

// deskWithMail is a desk that sends mail to a scripted server.
type deskWithMail struct {
	deskWithOutbox
	smtp  *mailtest.Server
	clock *clock
}

// mailOptions returns the options of a desk that sends its mail to a server.
func mailOptions(server mail.Server) mailout.Options {
	return mailout.Options{Server: &server, From: mail.Address{Name: "Example Help", Addr: "help@example.org"}, DeskName: "Example Help", PublicURL: "https://desk.example.org",
		Keys: [][]byte{[]byte("a secret of the instance, 32 bytes")}, Render: mailviews.Render, Timeouts: mail.Timeouts{Connect: time.Second, Command: time.Second, Write: time.Second, End: time.Second}}
}

// newDeskWithMail returns a desk that sends its mail to a server for tests. It makes the
// test parallel.
func newDeskWithMail(t *testing.T, options ...mailtest.Option) deskWithMail {
	t.Helper()
	t.Parallel()
	smtp, c := mailtest.New(t, options...), &clock{}
	h := deskWithMail{newDeskWithOptions(t, desk.Options{Now: c.now, Log: slog.New(slog.DiscardHandler), Mail: mailOptions(smtp.Target())}), smtp, c}
	if err := h.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

// enqueue writes a mail that is not about a ticket.
func (h deskWithMail) enqueue(l mailout.AccountMail) {
	h.t.Helper()
	if err := db.Tx(h.t.Context(), h.pool, func(q *db.Queries) error { return h.Mail.Enqueue(h.t.Context(), q, l) }); err != nil {
		h.t.Fatal(err)
	}
}

// send sends all mails that are due, as the workers do.
func (h deskWithMail) send() {
	h.t.Helper()
	rows, err := h.pool.Query(h.t.Context(), "select id, job from mail_out where state in ('queued', 'deferred') and next_at <= $1 order by id", h.Now())
	if err != nil {
		h.t.Fatal(err)
	}
	var due []jobs.Mail
	for rows.Next() {
		var j jobs.Mail
		if err := rows.Scan(&j.ID, &j.Job); err != nil {
			h.t.Fatal(err)
		}
		due = append(due, j)
	}
	for _, j := range due {
		if err := h.Mail.Send(h.t.Context(), j); err != nil {
			h.t.Fatal(err)
		}
	}
}

// states returns the states of all mails in their order, with the last answer of the server.
func (h deskWithMail) states() string {
	h.t.Helper()
	return h.text("select coalesce(string_agg(state || case when doubled then '!' else '' end, ' ' order by id), '') from mail_out")
}

// text returns the one text that a query selects.
func (h deskWithMail) text(sql string, args ...any) (s string) {
	h.t.Helper()
	if err := h.pool.QueryRow(h.t.Context(), sql, args...).Scan(&s); err != nil {
		h.t.Fatal(err)
	}
	return s
}

// wantStates fails the test if the mails have other states.
func (h deskWithMail) wantStates(want string) {
	h.t.Helper()
	if got := h.states(); got != want {
		h.t.Errorf("the mails are %q, want %q", got, want)
	}
}

// aMail returns a mail to the address.
func aMail(to string) mailout.AccountMail {
	return mailout.AccountMail{Kind: mailout.KindTest, To: to, Content: mailout.Content{Subject: "A test", Intro: []string{"This is a test."}}}
}

func TestAMailIsSentOnceAndItsRowSaysSo(t *testing.T) {
	h := newDeskWithMail(t)
	h.enqueue(aMail("ana@example.org"))
	h.wantStates("queued")
	h.send()
	h.send()
	h.wantStates("sent")
	got := h.smtp.Messages()
	if len(got) != 1 {
		t.Fatalf("%d messages arrived, want 1", len(got))
	}
	if want := "help@example.org"; got[0].From != want {
		t.Errorf("the sender is %s, want %s", got[0].From, want)
	}
	if id := h.text("select '<' || message_id || '>' from mail_out"); got[0].Header().Get("Message-Id") != id {
		t.Errorf("the id is %s, want %s", got[0].Header().Get("Message-Id"), id)
	}
	if want := h.text("select id::text from instance"); got[0].Header().Get("X-Frontdesk-Instance") != want {
		t.Errorf("the instance is %q, want %q", got[0].Header().Get("X-Frontdesk-Instance"), want)
	}
	if text := h.text("select remote_queue_id from mail_out"); !strings.Contains(text, "4F00D") {
		t.Errorf("the answer of the server is %q, want its id of the message in it", text)
	}
}

func TestADeskWithoutAMailboxWritesNoMailAndQueuesNoEvents(t *testing.T) {
	h := newDeskWithOutbox(t)
	if err := h.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h.Mail.Enabled() {
		t.Error("mail is enabled without a mailbox")
	}
	deskWithMail{deskWithOutbox: h}.enqueue(aMail("ana@example.org"))
	ana := h.person("ana", account.RoleCustomer)
	h.opens(ana, invoice())
	for _, table := range []string{"mail_out", "river_job", "outbox_consumers where name = 'mail'", "outbox_queue where consumer = 'mail'"} {
		if n := h.number("select count(*) from " + table); n != 0 {
			t.Errorf("%s has %d rows, want 0", table, n)
		}
	}
}
