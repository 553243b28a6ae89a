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

// newSmallMailbox returns a desk whose server takes messages up to a number of bytes.
func newSmallMailbox(t *testing.T, size int) deskWithMail {
	t.Helper()
	t.Parallel()
	smtp, c := mailtest.New(t, mailtest.WithExtension(fmt.Sprint("SIZE ", size))), &clock{}
	f := newFixtureWithFiles(t, func(o *desk.Options) {
		o.Now, o.Mail, o.Log = c.now, mailOptions(smtp.Target()), slog.New(slog.DiscardHandler)
	})
	h := deskWithMail{withOutbox(t, f), smtp, c}
	if err := h.Mail.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestAnAnswerThatIsTooLargeForTheServerIsSentWithLinks(t *testing.T) {
	h := newSmallMailbox(t, 20000)
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

func TestAnAnswerThatIsTooLargeWithoutFilesFails(t *testing.T) {
	h := newSmallMailbox(t, 2000)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	in := invoice()
	in.Subject = "Content-Disposition: attachment"
	ticket := h.opens(ana, in).ID
	h.answers(priya, ticket, desk.CommentInput{Text: "See the page."})
	h.passes(time.Minute)
	h.wantStates("failed")
	file := h.stages(priya, "key", "large.txt", strings.Repeat("0123456789abcde\n", 2000))
	h.answers(priya, ticket, desk.CommentInput{Text: "See the file.", SubmissionID: "key"})
	h.passes(time.Minute)
	h.wantStates("failed queued") // with a link to the file
	h.send()
	h.wantStates("failed failed")
	if n := h.text("select count(*) from mail_out where position($1::bytea in raw) > 0", []byte(file.Name)); n != "1" {
		t.Errorf("%s mails have the link, want 1", n)
	}
}

func TestChatMessagesThatAreTooLargeForTheServerKeepTheirText(t *testing.T) {
	h := newSmallMailbox(t, 2000)
	_, priya, ticket := h.pair()
	h.sendsMessage(priya, ticket)
	h.sendsMessage(priya, ticket)
	h.passes(10 * time.Minute)
	h.wantStates("failed")
	if n := h.text("select count(*) from mail_out where position('2 new chat messages'::bytea in raw) > 0"); n != "1" {
		t.Error("the mail has not the text of both messages")
	}
}

func TestAMailAboutALongChatCountsAllMessagesAndHasTheLast(t *testing.T) {
	h := newDeskWithMail(t)
	_, priya, ticket := h.pair()
	for range 53 {
		h.sendsMessage(priya, ticket)
	}
	h.passes(10 * time.Minute)
	for _, want := range []string{"There are 53 new chat messages", "These are the last 50"} {
		if n := h.text("select count(*) from mail_out where position($1::bytea in replace(convert_from(raw, 'UTF8'), E'=\r\n', '')::bytea) > 0", []byte(want)); n != "1" {
			t.Errorf("the mail lacks %q", want)
		}
	}
}

func TestMailsWithManyLargeFilesAreWrittenInTransactionsOfTheirOwn(t *testing.T) {
	h := newSmallMailbox(t, 100<<20)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	content := strings.Repeat("0123456789abcde\n", 9<<16)
	for i := range 4 {
		key := fmt.Sprint("key ", i)
		ticket := h.opens(ana, invoice()).ID
		h.stages(priya, key, "large.txt", content)
		h.answers(priya, ticket, desk.CommentInput{Text: "See the file.", SubmissionID: key})
	}
	h.deliver()
	h.wantStates("queued queued queued queued")
	if n := h.text("select count(distinct xmin::text) from mail_out"); n != "4" {
		t.Errorf("the mails were written in %s transactions, want 4", n)
	}
}
