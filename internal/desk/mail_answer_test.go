package desk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/mail/mailtest"
)

// passes moves the clock, writes the mails that are due, and sends them.
func (h deskWithMail) passes(d time.Duration) {
	h.t.Helper()
	h.deliver()
	h.clock.later(d)
	if err := h.Mail.RunOnce(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	h.send()
}

// arrived returns the messages to an address.
func (h deskWithMail) arrived(to string) (found []mailtest.Message) {
	for _, m := range h.smtp.Messages() {
		if len(m.To) == 1 && m.To[0] == to {
			found = append(found, m)
		}
	}
	return found
}

// wantArrived returns the mails that arrived for a user, and fails the test if their
// number is not want.
func (h deskWithMail) wantArrived(who account.Actor, want int) []mailtest.Message {
	h.t.Helper()
	got := h.arrived(who.Email)
	if len(got) != want {
		h.t.Fatalf("%s got %d mails, want %d", who.Username, len(got), want)
	}
	return got
}

// answers adds a comment.
func (h deskWithMail) answers(who account.Actor, ticket int64, in desk.CommentInput) {
	h.t.Helper()
	if _, err := h.Comments.Add(h.t.Context(), who, ticket, in); err != nil {
		h.t.Fatal(err)
	}
}

// sets changes the status of a ticket.
func (h deskWithMail) sets(who account.Actor, ticket int64, status desk.Status) {
	h.t.Helper()
	if _, err := h.Tickets.SetStatus(h.t.Context(), who, ticket, desk.StatusInput{Status: string(status)}); err != nil {
		h.t.Fatal(err)
	}
}

// pair returns a customer with a ticket, and an admin.
func (h deskWithMail) pair() (ana, priya account.Actor, ticket int64) {
	ana, priya = h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	return ana, priya, h.opens(ana, invoice()).ID
}

func TestARequesterGetsAnAnswerByMailAfterTheTimeToUndo(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.answers(priya, ticket, desk.CommentInput{Text: "Your invoice is paid."})
	h.passes(5 * time.Second) // the clock goes on meanwhile
	h.wantArrived(ana, 0)
	h.passes(6 * time.Second)
	got := h.wantArrived(ana, 1)[0]
	for _, want := range []string{"Your invoice is paid.", fmt.Sprintf("https://desk.example.org/tickets/%d", ticket), "priya has answered"} {
		if !strings.Contains(unfolded(got.Data), want) {
			t.Errorf("the mail lacks %q:\n%s", want, got.Data)
		}
	}
	h.wantArrived(priya, 0)
}

// unfolded returns a message without the soft line breaks of quoted-printable.
func unfolded(data string) string {
	return strings.NewReplacer("=\r\n", "", "=\n", "", "=E2=80=9C", "“", "=E2=80=9D", "”", "=3D", "=").Replace(data)
}

func TestSendAndResolveIsOneMail(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.answers(priya, ticket, desk.CommentInput{Text: "Done.", Then: "resolved"})
	h.passes(time.Minute)
	got := h.wantArrived(ana, 1)[0]
	if want := "The ticket is resolved now."; !strings.Contains(unfolded(got.Data), want) {
		t.Errorf("the mail lacks %q", want)
	}
}

func TestAStatusSetRightAfterAnAnswerHasAMailOfItsOwn(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.answers(priya, ticket, desk.CommentInput{Text: "Done."})
	h.deliver()
	h.sets(priya, ticket, desk.StatusResolved)
	h.passes(time.Minute)
	if got := h.wantArrived(ana, 2)[1]; !strings.Contains(unfolded(got.Data), "has resolved your ticket") {
		t.Errorf("the second mail does not say that the ticket is resolved:\n%s", got.Data)
	}
}

func TestSendAndResolveIsMailedToThoseWhoWantOnlyTheStatus(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.exec(`update users set mail_prefs = '{"answer": false}' where id = $1`, ana.ID)
	h.answers(priya, ticket, desk.CommentInput{Text: "Done.", Then: "resolved"})
	h.passes(time.Minute)
	got := h.wantArrived(ana, 1)[0]
	if value := unfolded(got.Data); !strings.Contains(value, "has resolved your ticket") {
		t.Errorf(`got %q, want it with "has resolved your ticket"`, value)
	}
	if strings.Contains(got.Data, "Done.") {
		t.Errorf(`the data is %q, want it without "Done."`, got.Data)
	}
}

func TestAStatusAloneIsMailedIfStaffResolveOrReopen(t *testing.T) {
	for _, c := range []struct {
		from, to desk.Status
		want     int
	}{
		{"OPEN", "IN_PROGRESS", 0}, {"OPEN", "RESOLVED", 1}, {"IN_PROGRESS", "CLOSED", 1}, {"RESOLVED", "CLOSED", 0},
		{"RESOLVED", "OPEN", 1}, {"CLOSED", "IN_PROGRESS", 1}, {"IN_PROGRESS", "OPEN", 0},
	} {
		t.Run(string(c.from+" to "+c.to), func(t *testing.T) {
			h := newDeskWithMail(t)
			ana, priya, ticket := h.pair()
			h.exec("update tickets set status = $2 where id = $1", ticket, c.from)
			h.sets(priya, ticket, c.to)
			h.passes(time.Minute)
			h.wantArrived(ana, c.want)
		})
	}
}

func TestTheRequestersOwnActsAreNotMailedToThem(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.comments(ana, ticket)
	h.sets(ana, ticket, desk.StatusResolved)
	h.sendsMessage(ana, ticket)
	own := h.opens(priya, invoice()).ID // staff are requesters of their own tickets
	h.comments(priya, own)
	h.passes(time.Minute)
	h.passes(time.Hour)
	h.wantArrived(ana, 0)
	h.wantArrived(priya, 0)
}

func TestAnAnswerThatWasReadOnThePageIsNotMailed(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.comments(priya, ticket)
	h.deliver()
	h.opensPage(ana, ticket)
	h.passes(time.Minute)
	h.wantArrived(ana, 0)
	h.wantStates("skipped")
}

func TestAWithdrawnMailIsNotSentAndTheCommentStays(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.comments(priya, ticket)
	h.deliver()
	h.exec("update mail_out set state = 'cancelled' where state = 'queued'")
	h.passes(time.Minute)
	h.wantArrived(ana, 0)
	if got, want := h.kinds(ticket), "opened comment"; got != want {
		t.Errorf("the log is %q, want %q", got, want)
	}
}

func TestNoMailToTheCustomerHasInternalThings(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	bo := h.person("bo", account.RoleAgent)
	h.notes(priya, ticket, "SECRET of @bo")
	h.assigns(priya, ticket, fmt.Sprint(bo.ID))
	h.comments(bo, ticket)
	h.notes(bo, ticket, "SECRET again")
	h.sendsMessage(bo, ticket)
	h.passes(time.Minute)
	h.passes(time.Hour)
	for _, m := range h.wantArrived(ana, 2) {
		for _, secret := range []string{"SECRET", "ssign", "priya"} {
			if strings.Contains(m.Data, secret) {
				t.Errorf("a mail to the customer has %q:\n%s", secret, m.Data)
			}
		}
	}
}

func TestMailsAboutATicketHaveACommonReference(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.comments(priya, ticket)
	h.passes(time.Minute)
	h.comments(priya, ticket)
	h.passes(time.Minute)
	mails := h.wantArrived(ana, 2)
	root := strings.Fields(mails[0].Header().Get("References"))[0]
	if want := fmt.Sprintf("<%d.root.", ticket); !strings.HasPrefix(root, want) {
		t.Errorf("the first reference is %s, want it to begin with %s", root, want)
	}
	refs := strings.Fields(mails[1].Header().Get("References"))
	if refs[0] != root {
		t.Errorf("refs[0] is %q, want %q", refs[0], root)
	}
	if refs[1] != mails[0].Header().Get("Message-Id") {
		t.Errorf("refs[1] is %q, want %q", refs[1], mails[0].Header().Get("Message-Id"))
	}
	if a, b := mails[0].Header().Get("Subject"), mails[1].Header().Get("Subject"); a != b {
		t.Errorf("the subjects are %q and %q, want the same", a, b)
	}
}

func TestNothingIsSentToThoseWhoseRightHasEnded(t *testing.T) {
	for name, end := range map[string]string{
		"disabled":       "update users set disabled_at = now() where username = 'ana'",
		"other address":  "update users set email = 'ana2@example.org' where username = 'ana'",
		"deleted ticket": "update tickets set deleted_at = now()",
		"other owner":    "update tickets set requester_id = (select id from users where username = 'priya')",
	} {
		for _, when := range []string{"before the mail is written", "before it is sent"} {
			t.Run(name+" "+when, func(t *testing.T) {
				h := newDeskWithMail(t)
				_, priya, ticket := h.pair()
				h.comments(priya, ticket)
				h.sendsMessage(priya, ticket)
				if when == "before it is sent" {
					h.passes(0)
					h.clock.later(10 * time.Minute)
					h.smtp.FailAt(mailtest.Mail, mailtest.Act{Reply: "450 4.2.0 later"})
					h.passes(0)
					h.smtp.Follow(nil)
				}
				h.exec(end)
				h.passes(10 * time.Minute)
				h.passes(10 * time.Minute)
				for _, m := range h.smtp.Messages() {
					if m.To[0] == "ana@example.org" {
						t.Errorf("a mail was sent to %v", m.To)
					}
				}
			})
		}
	}
}
