package desk

import (
	"context"
	"fmt"
	"testing"

	"frontdesk/db"
	"frontdesk/internal/event"
)

// internalEvent writes an internal event by Priya and returns its seq.
func (k *ticketFixture) internalEvent() (seq int64) {
	k.Helper()
	k.must(k.desk.tx(context.Background(), func(q *db.Queries) (err error) {
		seq, err = k.desk.recordInternal(context.Background(), q, k.priya, k.ticket, entry{kind: event.KindAssignment, data: map[string]string{"to": "tom"}})
		return err
	}))
	return seq
}

// ticketRow returns the columns of the ticket's row that a requester can notice.
func (k *ticketFixture) ticketRow() (row string) {
	k.Helper()
	k.must(k.pool.QueryRow(context.Background(),
		`select concat_ws(' ', version, updated_at, waiting_since, comment_count, file_count, status, public_seq(last_seq, internal_seq, public_seq_before)) from tickets where id = $1`, k.ticket).Scan(&row))
	return row
}

func TestAnInternalEventChangesNothingThatARequesterSees(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.comment(k.priya, CommentInput{Text: "One moment."})
	before := k.ticketRow()
	*k.now = k.now.Add(3600e9)
	first, second := k.internalEvent(), k.internalEvent()
	if first != 3 {
		t.Errorf("first is %d, want 3", first)
	}
	if second != 4 {
		t.Errorf("second is %d, want 4", second)
	}
	if after := k.ticketRow(); after != before {
		t.Errorf("row %q, want %q", after, before)
	}
	e := k.comment(k.ana, CommentInput{Text: "Thank you."})
	var public int64
	k.must(k.pool.QueryRow(context.Background(), `select public_seq(last_seq, internal_seq, public_seq_before) from tickets where id = $1`, k.ticket).Scan(&public))
	if e.Seq != 5 {
		t.Errorf("the seq is %d, want 5", e.Seq)
	}
	if public != 5 {
		t.Errorf("public is %d, want 5", public)
	}
}

func TestOnlyStaffSeeInternalEntries(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	ctx := context.Background()
	k.comment(k.priya, CommentInput{Text: "One moment."})
	k.internalEvent()
	own := k.open(k.tom, "of staff")
	_, err := k.desk.Comments.Add(ctx, k.priya, own, CommentInput{Text: "For a colleague."})
	k.must(err)
	first := k.ticket
	k.ticket = own
	k.internalEvent()
	k.ticket = first

	for _, c := range []struct {
		who    string
		ticket int64
		entry  int // how many entries the actor sees
		last   int64
		actor  func() Timeline
	}{
		{"staff", first, 2, 3, func() Timeline { return k.timeline(k.priya) }},
		{"the requester", first, 1, 2, func() Timeline { return k.timeline(k.ana) }},
	} {
		line := c.actor()
		if len(line.Entries) != c.entry {
			t.Errorf("%s: got %d entries, want %d: %+v", c.who, len(line.Entries), c.entry, line.Entries)
		}
		if line.Earlier {
			t.Errorf("%s: earlier is true, want false", c.who)
		}
		if got := line.Last(); got != c.last {
			t.Errorf("%s: the last seq is %d, want %d", c.who, got, c.last)
		}
		if line.Ticket.LastSeq != c.last {
			t.Errorf("%s: the last seq of the ticket is %d, want %d", c.who, line.Ticket.LastSeq, c.last)
		}
	}
	line, err := k.desk.Log.Timeline(ctx, k.tom, own, TimelineRange{})
	k.must(err)
	if len(line.Entries) != 1 {
		t.Errorf("got %d entries, want 1: %+v", len(line.Entries), line.Entries)
	}
	if line.Ticket.LastSeq != 2 {
		t.Errorf("the last seq of the ticket is %d, want 2", line.Ticket.LastSeq)
	}
	after, err := k.desk.Log.Timeline(ctx, k.ana, first, TimelineRange{After: 1})
	k.must(err)
	if len(after.Entries) != 1 {
		t.Errorf("the requester sees %d entries after the first, want 1", len(after.Entries))
	}
}

func TestUpdatesOfARequesterHaveNoInternalEntries(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.internalEvent()
	k.comment(k.priya, CommentInput{Text: "One moment."})
	k.internalEvent()
	updates, err := k.desk.Log.Updates(context.Background(), []Position{
		{TicketID: k.ticket, Seq: 1, Upto: 4}, {TicketID: k.ticket, Seq: 1, Upto: 4, Internal: true},
		{TicketID: k.ticket, Seq: 3, Upto: 4},
	})
	k.must(err)
	n := updates[0]
	if len(n.Entries) != 1 {
		t.Errorf("got %d entries, want 1: %+v", len(n.Entries), n.Entries)
	}
	if n.To != 3 {
		t.Errorf("the updates end at %d, want 3", n.To)
	}
	if n.Ticket.LastSeq != 3 {
		t.Errorf("the last seq of the ticket is %d, want 3", n.Ticket.LastSeq)
	}
	n = updates[1]
	if len(n.Entries) != 3 {
		t.Errorf("got %d entries, want 3: %+v", len(n.Entries), n.Entries)
	}
	if n.To != 4 {
		t.Errorf("the updates end at %d, want 4", n.To)
	}
	n = updates[2]
	if len(n.Entries) != 0 {
		t.Errorf("got %d entries, want 0: %+v", len(n.Entries), n.Entries)
	}
	if n.To != 3 {
		t.Errorf("the updates end at %d, want 3", n.To)
	}
}

func TestUpdatesReadTogetherAreThoseReadAlone(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.sendMessage(k.ana)
	k.internalEvent()
	k.comment(k.priya, CommentInput{Text: "One moment."})
	k.sendMessage(k.ana)
	var all []Position
	for from := range int64(5) {
		for to := from; to <= 5; to++ {
			all = append(all, Position{TicketID: k.ticket, Seq: from, Upto: to}, Position{TicketID: k.ticket, Seq: from, Upto: to, Internal: true})
		}
	}
	together, err := k.desk.Log.Updates(context.Background(), all)
	k.must(err)
	for i, p := range all {
		alone, err := k.desk.Log.Updates(context.Background(), []Position{p})
		k.must(err)
		if got, want := fmt.Sprintf("%+v", together[i].Entries), fmt.Sprintf("%+v", alone[0].Entries); got != want {
			t.Errorf("%+v: got the entries %s, want %s", p, got, want)
		}
		if got, want := together[i].To, alone[0].To; got != want {
			t.Errorf("%+v: got entries up to %d, want %d", p, got, want)
		}
		if got, want := together[i].Previous.Seq, alone[0].Previous.Seq; got != want {
			t.Errorf("%+v: the entry before is %d, want %d", p, got, want)
		}
	}
}

func TestAnInternalEventIsUnreadForStaffOnly(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.see(k.ana, 1)
	k.see(k.tom, 1)
	k.internalEvent()
	if n := k.timeline(k.ana).Read.Unread; n != 0 {
		t.Errorf("%d unread for the requester, want 0", n)
	}
	if n := k.timeline(k.tom).Read.Unread; n != 1 {
		t.Errorf("%d unread for staff, want 1", n)
	}
	k.see(k.ana, 1) // counts the later entries again
	if n := k.timeline(k.ana).Read.Unread; n != 0 {
		t.Errorf("%d unread for the requester after another look, want 0", n)
	}
}

func TestARequesterCannotNoticeWhichInternalEntriesStaffHaveRead(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.sendMessage(k.ana)
	k.see(k.priya, 2)
	k.wantsSeen(k.ana, 2)
	k.internalEvent()
	k.see(k.tom, 3)
	k.wantsSeen(k.ana, 2)
	public, err := k.desk.Log.See(context.Background(), k.tom, k.ticket, 3)
	k.must(err)
	if public != 2 {
		t.Errorf("the last public entry that was seen is %d, want 2", public)
	}
}

func TestANumberOfAnInternalEntryDoesNotHinderARequestersComment(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.comment(k.priya, CommentInput{Text: "One moment."})
	k.internalEvent()
	in := CommentInput{Text: "Thank you.", Seen: 2, SubmissionID: "once"}
	c, err := in.checked()
	k.must(err)
	e, err := k.desk.Comments.insertComment(context.Background(), k.desk.Comments.writePlain, k.ana, k.ticket, c, nil)
	k.must(err)
	if e.Seq != 4 {
		t.Errorf("the comment has seq %d, want 4", e.Seq)
	}
}
