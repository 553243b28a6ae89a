package desk

import (
	"context"
	"errors"
	"sync"
	"testing"

	"frontdesk/internal/account"
)

// blind sends a comment that must be refused because of unseen comments, and returns the error.
func (k *ticketFixture) blind(by account.Actor, in CommentInput) *Unseen {
	k.Helper()
	_, err := k.desk.Comments.Add(context.Background(), by, k.ticket, in)
	var unseen *Unseen
	if !errors.As(err, &unseen) {
		k.Fatalf("the comment of %s: got %v", by.Username, err)
	}
	return unseen
}

func TestACommentIsNotStoredWhileAnswersOfOthersAreUnseen(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.comment(k.tom, CommentInput{Text: "I look into it"})
	k.comment(k.tom, CommentInput{Text: "It is mended"})
	for _, by := range []account.Actor{k.priya, k.ana} {
		for _, in := range []CommentInput{{Text: "Is it", Seen: 1}, {Text: "Is it", Seen: 1, SubmissionID: "k"}} {
			if got := *k.blind(by, in); got != (Unseen{Answers: 2, After: 1, First: 2, By: k.tom.Username}) {
				t.Errorf("%s: %+v", by.Username, got)
			}
		}
	}
	if got := *k.blind(k.priya, CommentInput{Text: "Done", Then: "resolved", Seen: 2}); got != (Unseen{Answers: 1, After: 2, First: 3, By: k.tom.Username}) {
		t.Errorf("send and resolve: %+v", got)
	}
	tl := k.timeline(k.ana)
	if len(tl.Entries) != 2 {
		t.Fatalf("the comment was stored: got %d entries, want 2: %+v", len(tl.Entries), tl.Entries)
	}
	if tl.Ticket.CommentCount != 2 {
		t.Fatalf("the comment was stored: the comment count of the ticket is %d, want 2", tl.Ticket.CommentCount)
	}
	if tl.Ticket.Status != StatusOpen {
		t.Fatalf("the comment was stored: the status of the ticket is %q, want %q", tl.Ticket.Status, StatusOpen)
	}
	k.comment(k.priya, CommentInput{Text: "Is it", Seen: 3})
	k.comment(k.ana, CommentInput{Text: "Programs are not asked"})
}

func TestOnlyCommentsOfOtherStaffStopAComment(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.comment(k.priya, CommentInput{Text: "My own"})
	k.comment(k.ana, CommentInput{Text: "The requester's"})
	for _, by := range []account.Actor{k.tom, k.ana} {
		if _, err := k.desk.Comments.Add(context.Background(), by, k.ticket, MessageInput{Text: "A message"}); err != nil {
			t.Fatal(err)
		}
	}
	k.setStatus(k.tom, StatusInProgress)
	k.comment(k.priya, CommentInput{Text: "Nothing to read first", Seen: 1})
	k.comment(k.ana, CommentInput{Text: "Nor for me", Seen: 7})
	got := *k.blind(k.ana, CommentInput{Text: "But here", Seen: 6})
	if got.Answers != 1 {
		t.Errorf("the answer unseen by the requester: got %d answers, want 1", got.Answers)
	}
	if got.First != 7 {
		t.Errorf("the answer unseen by the requester: first is %d, want 7", got.First)
	}
}

func TestAnAdminIsTheCustomerOfTheirOwnTicket(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.ticket = k.open(k.tom, "of an admin")
	k.comment(k.tom, CommentInput{Text: "One thing more"})
	k.comment(k.priya, CommentInput{Text: "What they add is no answer", Seen: 1})
	k.blind(k.tom, CommentInput{Text: "Hers is", Seen: 1})
}

func TestARepeatedFormIsNotCheckedForUnseenComments(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	first := k.comment(k.priya, CommentInput{Text: "Once", SubmissionID: "k", Seen: 1})
	k.comment(k.tom, CommentInput{Text: "Another", Seen: first.Seq})
	if again := k.comment(k.priya, CommentInput{Text: "Once", SubmissionID: "k", Seen: 1}); again.Seq != first.Seq {
		t.Errorf("the copy became entry %d", again.Seq)
	}
	k.blind(k.ana, CommentInput{Text: "Thanks", SubmissionID: "a", Seen: 1})
	k.comment(k.ana, CommentInput{Text: "Thanks to both", SubmissionID: "a", Seen: 3})
}

// Of two concurrent comments, the second one has not seen the first.
func TestOneOfManyConcurrentCommentsIsStored(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	for round := range 10 {
		seen := k.timeline(k.priya).Ticket.LastSeq
		var group sync.WaitGroup
		var mu sync.Mutex
		stored, refused := 0, 0
		for i, by := range []account.Actor{k.priya, k.tom, k.person("a"+string(rune('a'+round)), account.RoleAdmin)} {
			in := CommentInput{Text: "Me first", Seen: seen}
			if i == 1 {
				in.Then = "resolved"
			}
			group.Go(func() {
				_, err := k.desk.Comments.Add(context.Background(), by, k.ticket, in)
				var unseen *Unseen
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					stored++
				case errors.As(err, &unseen):
					refused++
				default:
					t.Error(err)
				}
			})
		}
		group.Wait()
		if stored != 1 {
			t.Fatalf("round %d: stored is %d, want 1", round, stored)
		}
		if refused != 2 {
			t.Fatalf("round %d: refused is %d, want 2", round, refused)
		}
	}
}
