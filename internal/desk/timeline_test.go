package desk

import (
	"context"
	"testing"
)

func TestTheTimelineIsOrderedAndPaged(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.exec(`insert into ticket_events (ticket_id, seq, kind, author_id, body) select $1, n, 'comment', $2, n::text from generate_series(2, 131) n`, k.ticket, k.ana.ID)
	k.exec(`update tickets set last_seq = 131 where id = $1`, k.ticket)
	read := func(r TimelineRange) Timeline {
		t.Helper()
		tl, err := k.desk.Log.Timeline(context.Background(), k.ana, k.ticket, r)
		k.must(err)
		return tl
	}
	type part struct {
		first, last    int64
		n              int
		earlier, later bool
	}
	check := func(name string, tl Timeline, want part) {
		t.Helper()
		got := part{last: tl.Last(), n: len(tl.Entries), earlier: tl.Earlier, later: tl.Later}
		if got.n > 0 {
			got.first = tl.Entries[0].Seq
		}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", name, got, want)
		}
	}
	check("newest", read(TimelineRange{}), part{32, 131, 100, true, false})
	check("before 32", read(TimelineRange{Before: 32}), part{2, 31, 30, false, true})
	check("after 100", read(TimelineRange{After: 100}), part{101, 131, 31, true, false})
	check("after 10", read(TimelineRange{After: 10}), part{11, 110, 100, true, true})
	tl := read(TimelineRange{After: 131})
	if len(tl.Entries) != 0 {
		t.Errorf("without new entries: got %d entries, want 0: %+v", len(tl.Entries), tl.Entries)
	}
	if got := tl.Last(); got != 131 {
		t.Errorf("without new entries: the last seq is %d, want 131", got)
	}
}

func TestANewTicketHasAnEmptyTimeline(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	tl := k.timeline(k.ana)
	if len(tl.Entries) != 0 {
		t.Fatalf("got %d entries, want 0: %+v", len(tl.Entries), tl.Entries)
	}
	if got := tl.Last(); got != 1 {
		t.Fatalf("the last seq is %d, want 1", got)
	}
	if tl.Earlier {
		t.Fatal("earlier is true, want false")
	}
}

func TestAMessageBetweenTwoReadsStaysUnread(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	ctx := context.Background()
	page := k.timeline(k.ana)
	k.must(k.desk.Log.MarkRead(ctx, k.ana, k.ticket, page.Last(), page.Read))
	k.comment(k.priya, CommentInput{Text: "one"})
	k.comment(k.ana, CommentInput{Text: "mine does not count"})
	page = k.timeline(k.ana)
	if page.Read != (Reading{Seq: 1, Unread: 1}) {
		t.Fatalf("read %+v", page.Read)
	}
	k.comment(k.priya, CommentInput{Text: "in between"})
	k.must(k.desk.Log.MarkRead(ctx, k.ana, k.ticket, page.Last(), page.Read))
	if got := k.timeline(k.ana).Read; got != (Reading{Seq: 1, Unread: 2}) {
		t.Fatalf("a message in between was lost: %+v", got)
	}
	page = k.timeline(k.ana)
	k.must(k.desk.Log.MarkRead(ctx, k.ana, k.ticket, page.Last(), page.Read))
	if got := k.timeline(k.ana).Read; got != (Reading{Seq: 4}) {
		t.Fatalf("read %+v", got)
	}
}
