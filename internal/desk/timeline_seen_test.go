package desk

import (
	"context"
	"testing"

	"frontdesk/internal/account"
)

// sendMessage adds a chat message to the fixture's ticket.
func (k *ticketFixture) sendMessage(by account.Actor) {
	k.Helper()
	_, err := k.desk.Comments.Add(context.Background(), by, k.ticket, MessageInput{Text: "line"})
	k.must(err)
}

// see stores that the user has seen the fixture's ticket up to seq.
func (k *ticketFixture) see(by account.Actor, seq int64) {
	k.Helper()
	_, err := k.desk.Log.See(context.Background(), by, k.ticket, seq)
	k.must(err)
}

// wantsSeen checks up to which sequence number the other side has seen the last message of by.
func (k *ticketFixture) wantsSeen(by account.Actor, seq int64) {
	k.Helper()
	if t := k.timeline(by); t.Seen != seq {
		k.Errorf("%s: the other side has seen the log up to %d, want %d", by.Username, t.Seen, seq)
	}
}

func TestTheAuthorOfTheLastMessageSeesThatItIsSeen(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.see(k.tom, 1)
	k.sendMessage(k.ana)
	k.sendMessage(k.ana)
	k.see(k.tom, 2)
	k.see(k.ana, 3)
	k.see(k.boris, 3) // it is not his ticket
	k.wantsSeen(k.ana, 0)
	k.see(k.tom, 3)
	k.wantsSeen(k.ana, 3)
	k.comment(k.ana, CommentInput{Text: "In full"})
	k.see(k.priya, 4)
	k.wantsSeen(k.ana, 4)
	k.wantsSeen(k.priya, 0)
	if own := k.timeline(k.tom).Read; own != (Reading{Seq: 3, Unread: 1}) {
		t.Errorf("Tom's own position is %+v", own)
	}
	k.sendMessage(k.priya)
	k.see(k.tom, 5)
	k.wantsSeen(k.priya, 0) // a colleague is on the same side
	k.wantsSeen(k.ana, 0)   // her message is not the last
	k.see(k.ana, 5)
	k.wantsSeen(k.priya, 5)
	k.wantsSeen(k.tom, 0) // it is not his message
}

func TestOnTheTicketOfAnAdminOtherStaffAreTheOtherSide(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.ticket = k.open(k.tom, "of an admin")
	k.sendMessage(k.tom)
	k.see(k.priya, 2)
	k.wantsSeen(k.tom, 2)
	k.sendMessage(k.priya)
	k.see(k.tom, 3)
	k.wantsSeen(k.priya, 3)
}
