package desk_test

import (
	"strings"
	"testing"
	"time"

	"frontdesk/internal/desk"
)

// Staff open tickets for addresses without an account. Its owner cannot sign in before they choose a password.
func TestAMailToAnAccountWithoutAPasswordSaysHowToGetOne(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	if _, err := h.Tickets.OpenFor(t.Context(), priya, forUser("new@example.org")); err != nil {
		t.Fatal(err)
	}
	h.answers(priya, ticket, desk.CommentInput{Text: "Your invoice is paid."})
	h.passes(time.Minute)
	const link = "https://desk.example.org/password"
	got := h.arrived("new@example.org")
	if len(got) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(got), got)
	}
	if value := unfolded(got[0].Data); !strings.Contains(value, "no password yet") {
		t.Errorf(`got %q, want it with "no password yet"`, value)
	}
	if value := unfolded(got[0].Data); !strings.Contains(value, `href="`+link+`"`) {
		t.Errorf("got %q, want it with %q", value, `href="`+link+`"`)
	}
	if got := h.wantArrived(ana, 1)[0]; strings.Contains(unfolded(got.Data), link) {
		t.Error("the mail to a user with a password speaks of choosing one")
	}
}

func TestNoTextOfUsersAddsAHeader(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, _ := h.pair()
	h.exec("update users set username = E'ana\\r\\nBcc: eve@example.org' where id = $1", ana.ID)
	in := invoice()
	in.Subject = "Invoice “ä” " + strings.Repeat("long ", 30)
	ticket := h.opens(ana, in).ID
	h.exec("update tickets set subject = subject || E'\\r\\nX-Evil: 1\\nBcc: eve@example.org' where id = $1", ticket)
	h.exec("update users set username = E'priya\\nX-Evil: 2' where id = $1", priya.ID)
	h.comments(priya, ticket)
	h.passes(time.Minute)
	got := h.wantArrived(ana, 1)[0].Header()
	for _, name := range []string{"X-Evil", "Bcc"} {
		if v := got.Values(name); len(v) > 0 {
			t.Errorf("the mail has the header %s: %v", name, v)
		}
	}
	if v := got.Values("Subject"); len(v) != 1 {
		t.Errorf("the mail has %d subjects, want 1", len(v))
	}
}

func TestAnAddressThatMailCannotCarryIsStoredAsFailed(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	for i, addr := range []string{"a b@example.org", "help@example.org", strings.Repeat("x", 65) + "@example.org", `"a"@b"@example.org`} {
		h.exec("update users set email = $2 where id = $1", ana.ID, addr)
		h.comments(priya, ticket)
		h.passes(time.Minute)
		if got := h.text("select state || ' ' || last_text from mail_out order by id desc limit 1"); !strings.HasPrefix(got, "failed the address cannot get mail: ") {
			t.Errorf("%q: the mail is %q", addr, got)
		}
		if n := h.number("select count(*) from mail_out"); n != int64(i+1) {
			t.Errorf("%q: there are %d mails, want %d", addr, n, i+1)
		}
	}
	if n := len(h.smtp.Messages()); n != 0 {
		t.Errorf("%d mails were sent, want none", n)
	}
}

func TestPreferencesDecideWhatIsMailedToARequester(t *testing.T) {
	for _, c := range []struct {
		prefs string
		want  int
	}{{`{}`, 3}, {`{"answer":false}`, 1}, {`{"status":false}`, 2}, {`{"answer":false,"status":false}`, 0}} {
		t.Run(c.prefs, func(t *testing.T) {
			h := newDeskWithMail(t)
			ana, priya, ticket := h.pair()
			h.exec("update users set mail_prefs = $2::jsonb where id = $1", ana.ID, c.prefs)
			h.comments(priya, ticket)
			h.clock.later(time.Minute)
			h.sets(priya, ticket, desk.StatusResolved)
			h.sendsMessage(priya, ticket)
			h.passes(10 * time.Minute)
			h.passes(10 * time.Minute)
			h.wantArrived(ana, c.want)
		})
	}
}

func TestTheSignatureNamesTheAuthorOfAnAnswer(t *testing.T) {
	h := newDeskWithMail(t)
	h.exec("update mailboxes set signature = E'{agent}\\nfor {desk}\\n\\nExample Ltd'")
	if err := h.Mail.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	ana, priya, ticket := h.pair()
	h.comments(priya, ticket)
	h.passes(time.Minute)
	h.enqueue(aMail("bo@example.org"))
	h.send()
	if data, want := h.wantArrived(ana, 1)[0].Data, "priya\nfor Example Help\n\nExample Ltd"; !strings.Contains(data, want) {
		t.Errorf("the mail lacks %q:\n%s", want, data)
	}
	data := h.arrived("bo@example.org")[0].Data
	if strings.Contains(data, "for Example Help") {
		t.Errorf(`the data is %q, want it without "for Example Help"`, data)
	}
	if !strings.Contains(data, "Example Ltd") {
		t.Errorf(`the data is %q, want it with "Example Ltd"`, data)
	}
}
