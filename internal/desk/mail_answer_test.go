package desk_test

import (
	"fmt"
	"log/slog"
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
	if err := h.Mail.Tend(h.t.Context()); err != nil {
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
	h.passes(9 * time.Second)
	h.wantArrived(ana, 0)
	h.passes(2 * time.Second)
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

func TestChatMessagesAreMailedTogetherWhenTheChatIsQuiet(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.sendsMessage(priya, ticket)
	h.passes(time.Minute)
	h.sendsMessage(priya, ticket)
	h.passes(90 * time.Second)
	h.wantArrived(ana, 0)
	h.passes(time.Minute)
	got := h.wantArrived(ana, 1)[0]
	if n := strings.Count(got.Data, "Hello"); n != 4 { // two in the text and two in the HTML
		t.Errorf("the mail has the message %d times, want 4:\n%s", n, got.Data)
	}
}

func TestChatMessagesThatWereReadAreNotMailed(t *testing.T) {
	h := newDeskWithMail(t)
	ana, priya, ticket := h.pair()
	h.sendsMessage(priya, ticket)
	h.deliver()
	h.opensPage(ana, ticket)
	h.passes(10 * time.Minute)
	h.wantArrived(ana, 0)
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
	if refs[0] != root || refs[1] != mails[0].Header().Get("Message-Id") {
		t.Errorf("the references of the second mail are %v, want %s and the id of the first mail", refs, root)
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

func TestFilesAreAttachedUpToALimitAndThenLinked(t *testing.T) {
	t.Parallel()
	smtp, c := mailtest.New(t), &clock{}
	f := newFixtureWithFiles(t, func(o *desk.Options) { o.Now, o.Mail, o.MaxUpload = c.now, mailOptions(smtp.Target()), 20<<20 })
	h := deskWithMail{withOutbox(t, f), smtp, c}
	if err := h.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	ana, priya, ticket := h.pair()
	h.stages(priya, "key", "small.txt", "SMALL CONTENT")
	large := h.stages(priya, "key", "large.txt", strings.Repeat("0123456789abcde\n", 1<<20))
	h.answers(priya, ticket, desk.CommentInput{Text: "See the files.", SubmissionID: "key"})
	h.passes(time.Minute)
	got := h.wantArrived(ana, 1)[0]
	if want := `filename="small.txt"`; !strings.Contains(got.Data, want) {
		t.Errorf("the mail lacks %s", want)
	}
	if strings.Contains(got.Data, `filename="large.txt"`) {
		t.Error("the large file is attached")
	}
	if want := "https://desk.example.org/uploads/" + large.Name; !strings.Contains(unfolded(got.Data), want) {
		t.Errorf("the mail lacks the link %s", want)
	}
}

// A store that has lost a file must not keep the answer from the customer.
func TestAnAnswerWhoseFileIsMissingIsMailedWithALink(t *testing.T) {
	t.Parallel()
	smtp, c := mailtest.New(t), &clock{}
	var blobs desk.Blobs
	f := newFixtureWithFiles(t, func(o *desk.Options) { o.Now, o.Mail, blobs = c.now, mailOptions(smtp.Target()), o.Blobs })
	h := deskWithMail{withOutbox(t, f), smtp, c}
	if err := h.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	ana, priya, ticket := h.pair()
	lost := h.stages(priya, "key", "lost.txt", "GONE")
	h.stages(priya, "key", "kept.txt", "HERE")
	h.answers(priya, ticket, desk.CommentInput{Text: "See the files.", SubmissionID: "key"})
	if err := blobs.Delete(lost.Name); err != nil {
		t.Fatal(err)
	}
	h.passes(time.Minute)
	got := unfolded(h.wantArrived(ana, 1)[0].Data)
	for _, want := range []string{"See the files.", "https://desk.example.org/uploads/" + lost.Name, `filename="kept.txt"`} {
		if !strings.Contains(got, want) {
			t.Errorf("the mail lacks %s", want)
		}
	}
	if strings.Contains(got, `filename="lost.txt"`) {
		t.Error("the missing file is attached")
	}
}

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
	if got := h.arrived("new@example.org"); len(got) != 1 || !strings.Contains(unfolded(got[0].Data), "no password yet") || !strings.Contains(unfolded(got[0].Data), `href="`+link+`"`) {
		t.Errorf("got %d mails, want one that says how to get a password: %v", len(got), got)
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
	h.enqueue(aLetter("bo@example.org"))
	h.send()
	if data, want := h.wantArrived(ana, 1)[0].Data, "priya\nfor Example Help\n\nExample Ltd"; !strings.Contains(data, want) {
		t.Errorf("the mail lacks %q:\n%s", want, data)
	}
	if data := h.arrived("bo@example.org")[0].Data; strings.Contains(data, "for Example Help") || !strings.Contains(data, "Example Ltd") {
		t.Errorf("a mail without an author should have only the second paragraph of the signature:\n%s", data)
	}
}

func TestAnAnswerThatIsTooLargeForTheServerIsSentWithLinks(t *testing.T) {
	t.Parallel()
	smtp, c := mailtest.New(t, mailtest.WithExtension("SIZE 20000")), &clock{}
	f := newFixtureWithFiles(t, func(o *desk.Options) {
		o.Now, o.Mail, o.Log = c.now, mailOptions(smtp.Target()), slog.New(slog.DiscardHandler)
	})
	h := deskWithMail{withOutbox(t, f), smtp, c}
	if err := h.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	ana, priya, ticket := h.pair()
	file := h.stages(priya, "key", "large.txt", strings.Repeat("0123456789abcde\n", 2000))
	h.answers(priya, ticket, desk.CommentInput{Text: "See the file.", SubmissionID: "key"})
	h.passes(time.Minute)
	h.wantStates("queued")
	h.send()
	got := h.wantArrived(ana, 1)[0]
	if strings.Contains(got.Data, `filename="large.txt"`) {
		t.Error("the file is attached")
	}
	if want := "https://desk.example.org/uploads/" + file.Name; !strings.Contains(unfolded(got.Data), want) {
		t.Errorf("the mail lacks the link %s", want)
	}
	if id := "<" + h.text("select message_id from mail_out") + ">"; got.Header().Get("Message-Id") != id {
		t.Errorf("the id is %s, want %s", got.Header().Get("Message-Id"), id)
	}
}
