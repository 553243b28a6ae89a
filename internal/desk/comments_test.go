package desk

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
)

func TestACommentIsOneEntryAndIsCounted(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	e := k.comment(k.priya, CommentInput{Text: "  Hello\r\nAna  ", SubmissionID: "a"})
	tl := k.timeline(k.ana)
	ticket := tl.Ticket
	ticket.CommentCount, ticket.LastSeq, ticket.Version = 1, 2, 1
	if diff := cmp.Diff(ticket, tl.Ticket); diff != "" {
		t.Fatalf("the ticket (-want +got):\n%s", diff)
	}
	if len(tl.Entries) != 1 {
		t.Fatalf("got the entries %+v, want one", tl.Entries)
	}
	entry := tl.Entries[0]
	entry.Body, entry.Author, entry.AuthorRole, entry.Seq = "Hello\nAna", "priya", account.RoleAdmin, e.Seq
	if diff := cmp.Diff(entry, tl.Entries[0]); diff != "" {
		t.Fatalf("the entry (-want +got):\n%s", diff)
	}
}

func TestAChatMessageIsNotCountedAsAComment(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	if _, err := k.desk.Comments.Add(context.Background(), k.ana, k.ticket, MessageInput{Text: "hi"}); err != nil {
		t.Fatal(err)
	}
	tl := k.timeline(k.ana)
	if tl.Ticket.CommentCount != 0 {
		t.Fatalf("the comment count of the ticket is %d, want 0", tl.Ticket.CommentCount)
	}
	if tl.Entries[0].Kind != event.KindMessage {
		t.Fatalf("the kind is %q, want %q", tl.Entries[0].Kind, event.KindMessage)
	}
}

func TestInvalidCommentsAreRefusedByField(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	for _, text := range []string{"", " \r\n ", strings.Repeat("x", 20001), "a\x00b", "\xff"} {
		_, err := k.desk.Comments.Add(context.Background(), k.ana, k.ticket, CommentInput{Text: text})
		WantInvalid(t, err, "text", text)
	}
	if _, err := k.desk.Comments.Add(context.Background(), k.ana, k.ticket, MessageInput{Text: strings.Repeat("é", 2000)}); err != nil {
		t.Errorf("2,000 characters of two bytes: %v", err)
	}
	if _, err := k.desk.Comments.Add(context.Background(), k.ana, k.ticket, MessageInput{Text: strings.Repeat("é", 2001)}); err == nil {
		t.Error("2,001 characters were accepted")
	}
}

func TestAMessageOfTheRequesterReopensAFinishedTicket(t *testing.T) {
	t.Parallel()
	for _, done := range []Status{StatusResolved, StatusClosed} {
		k := newTicketFixture(t)
		k.setStatus(k.priya, done)
		k.comment(k.tom, CommentInput{Text: "For the record"})
		k.comment(k.ana, CommentInput{Text: "Not quite", SubmissionID: "c"})
		k.setStatus(k.priya, done)
		if _, err := k.desk.Comments.Add(context.Background(), k.ana, k.ticket, MessageInput{Text: "Hello?"}); err != nil {
			t.Fatal(err)
		}
		d := string(done)
		want := []string{"2 status priya OPEN>" + d + " ", "3 comment tom", "4 comment ana", "5 status ana " + d + ">OPEN comment",
			"6 status priya OPEN>" + d + " ", "7 message ana", "8 status ana " + d + ">OPEN message"}
		if diff := cmp.Diff(want, k.log()); diff != "" {
			t.Error(diff)
		}
	}
}

func TestTheRequesterCanKeepAFinishedTicketResolved(t *testing.T) {
	t.Parallel()
	for _, done := range []Status{StatusResolved, StatusClosed} {
		k := newTicketFixture(t)
		k.setStatus(k.priya, done)
		k.comment(k.ana, CommentInput{Text: "Thank you", Then: "keep", SubmissionID: "k"})
		k.comment(k.ana, CommentInput{Text: "Thank you", Then: "keep", SubmissionID: "k"}) // sent again
		if diff := cmp.Diff([]string{"2 status priya OPEN>" + string(done) + " ", "3 comment ana"}, k.log()); diff != "" {
			t.Error(diff)
		}
		if got := k.timeline(k.priya).Ticket.WaitingSince; got != nil {
			t.Errorf("%s: the ticket waits for staff since %v", done, got)
		}
	}
	k := newTicketFixture(t)
	k.comment(k.priya, CommentInput{Text: "Done?"})
	k.comment(k.ana, CommentInput{Text: "Not yet", Then: "keep"}) // the ticket is open again
	if k.timeline(k.priya).Ticket.WaitingSince == nil {
		t.Error("an open ticket with a comment of its requester does not wait for staff")
	}
}

func TestWaitingSinceDependsOnTheLastAuthor(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	opened := *k.now
	step := func(name string, act func(), want *time.Time) {
		t.Helper()
		*k.now = k.now.Add(time.Hour)
		act()
		got := k.timeline(k.priya).Ticket.WaitingSince
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: waiting since (-want +got):\n%s", name, diff)
		}
	}
	say := func(by account.Actor) func() { return func() { k.comment(by, CommentInput{Text: "x"}) } }
	later := func() *time.Time { n := k.now.Add(time.Hour); return &n }
	step("the requester adds to a new ticket", say(k.ana), &opened)
	step("staff answers", say(k.priya), nil)
	step("staff adds", say(k.tom), nil)
	first := later()
	step("the requester asks back", say(k.ana), first)
	step("and asks again", say(k.ana), first)
	step("staff takes it up", func() { k.setStatus(k.priya, StatusInProgress) }, first)
	step("staff closes without a word", func() { k.setStatus(k.priya, StatusClosed) }, nil)
	step("staff opens it by hand", func() { k.setStatus(k.priya, StatusOpen) }, nil)
	step("staff resolves", func() { k.setStatus(k.priya, StatusResolved) }, nil)
	step("the requester's word opens it", say(k.ana), later())
	step("send and resolve", func() { k.comment(k.priya, CommentInput{Text: "done", Then: "resolved"}) }, nil)
	if got := k.timeline(k.ana).Ticket.Status; got != StatusResolved {
		t.Errorf("the ticket is %s", got)
	}
}

func TestFiftyCopiesOfAFormAddOneEntry(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.setStatus(k.priya, StatusResolved)
	seqs := make([]int64, 50)
	var group sync.WaitGroup
	for i := range seqs {
		group.Go(func() {
			e, err := k.desk.Comments.Add(context.Background(), k.ana, k.ticket, CommentInput{Text: "Once", SubmissionID: "same"})
			if err != nil {
				t.Error(err)
			}
			seqs[i] = e.Seq
		})
	}
	group.Wait()
	want := []string{"2 status priya OPEN>RESOLVED ", "3 comment ana", "4 status ana RESOLVED>OPEN comment"}
	if diff := cmp.Diff(want, k.log()); diff != "" {
		t.Fatal(diff)
	}
	for _, seq := range seqs {
		if seq != 3 {
			t.Fatalf("a copy got entry %d", seq)
		}
	}
	if n := k.timeline(k.ana).Ticket.CommentCount; n != 1 {
		t.Fatalf("%d comments are counted", n)
	}
}

func TestAKeyUsedAgainWithAnotherTextIsRefused(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.comment(k.ana, CommentInput{Text: "One", SubmissionID: "key"})
	ctx := context.Background()
	if _, err := k.desk.Comments.Add(ctx, k.ana, k.ticket, CommentInput{Text: "Two", SubmissionID: "key"}); !errors.Is(err, fault.ErrKeyReused) {
		t.Errorf("another text: %v", err)
	}
	if _, err := k.desk.Comments.Add(ctx, k.ana, k.ticket, MessageInput{Text: "One", SubmissionID: "key"}); !errors.Is(err, fault.ErrKeyReused) {
		t.Errorf("a chat message of the same text: %v", err)
	}
	k.comment(k.priya, CommentInput{Text: "Other people have their own keys", SubmissionID: "key"})
	if n := len(k.log()); n != 2 {
		t.Errorf("%d entries, want 2", n)
	}
}

func TestSixteenConcurrentWritersCreateGaplessSeqs(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	var group sync.WaitGroup
	for w := range 16 {
		by := []account.Actor{k.ana, k.priya, k.tom}[w%3]
		group.Go(func() {
			for range 5 {
				if _, err := k.desk.Comments.Add(context.Background(), by, k.ticket, MessageInput{Text: "line"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	entries := k.timeline(k.ana).Entries
	for i, e := range entries {
		if e.Seq != int64(i+2) {
			t.Fatalf("entry %d has the sequence number %d", i, e.Seq)
		}
	}
	if len(entries) != 80 {
		t.Fatalf("%d entries, want 80", len(entries))
	}
}
