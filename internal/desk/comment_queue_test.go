package desk

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
)

func TestConcurrentMessagesOnManyTicketsAreStoredOnceInOrder(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	const tickets, messages = 40, 10
	seqs := make([][]int64, tickets)
	var group sync.WaitGroup
	for i := range tickets {
		id := k.open(k.ana, fmt.Sprint("ticket ", i))
		group.Go(func() {
			for n := range messages {
				e, err := k.desk.Comments.Add(context.Background(), []account.Actor{k.ana, k.priya}[n%2], id, MessageInput{Text: "line", SubmissionID: fmt.Sprint(n)})
				if err != nil {
					t.Error(err)
				}
				seqs[i] = append(seqs[i], e.Seq)
			}
		})
	}
	group.Wait()
	for i := range tickets {
		if want := []int64{2, 3, 4, 5, 6, 7, 8, 9, 10, 11}; !slices.Equal(seqs[i], want) {
			t.Fatalf("ticket %d: sequence numbers %v", i, seqs[i])
		}
	}
	var stored int
	k.must(k.pool.QueryRow(context.Background(), `select count(*) from ticket_events where kind = 'message'`).Scan(&stored))
	if stored != tickets*messages {
		t.Fatalf("%d messages are stored, want %d", stored, tickets*messages)
	}
}

func TestAMessageToALockedTicketDoesNotDelayOthers(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	ctx, other := context.Background(), k.open(k.ana, "other")
	tx, err := k.pool.Begin(ctx)
	k.must(err)
	defer tx.Rollback(ctx)
	_, err = tx.Exec(ctx, `select from tickets where id = $1 for update`, k.ticket)
	k.must(err)
	held := make(chan error, 1)
	go func() {
		_, err := k.desk.Comments.Add(ctx, k.ana, k.ticket, MessageInput{Text: "waits"})
		held <- err
	}()
	for range 50 {
		time.Sleep(4 * time.Millisecond) // until the other message is probably being written
		sent := time.Now()
		_, err := k.desk.Comments.Add(ctx, k.ana, other, MessageInput{Text: "goes by"})
		k.must(err)
		if took := time.Since(sent); took > time.Second { // a delayed message takes lock_timeout, 2 s
			t.Fatalf("a message on another ticket took %s", took)
		}
	}
	k.must(tx.Commit(ctx))
	k.must(<-held)
}

func TestAMessageThatFailsDoesNotAffectOthers(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	nobody := account.Actor{ID: 999_999, Username: "nobody", Role: account.RoleAdmin}
	var group sync.WaitGroup
	for i := range 40 {
		id := k.open(k.ana, fmt.Sprint("ticket ", i))
		group.Go(func() {
			if _, err := k.desk.Comments.Add(context.Background(), k.ana, id, MessageInput{Text: "line"}); err != nil {
				t.Error(err)
			}
		})
		group.Go(func() {
			if _, err := k.desk.Comments.Add(context.Background(), nobody, id, MessageInput{Text: "line"}); err == nil {
				t.Error("a message without an author was accepted")
			}
		})
	}
	group.Wait()
}

func TestAWriterTakesNoCommentsOfTicketsThatAnotherIsWriting(t *testing.T) {
	t.Parallel()
	q := commentQueue{writing: map[int64]bool{}}
	add := func(tickets ...int64) (starts int) {
		for _, id := range tickets {
			if q.add(&queuedComment{row: db.WriteCommentParams{TicketID: id}}) {
				starts++
			}
		}
		return starts
	}
	next := func(written []*queuedComment, want ...int64) []*queuedComment {
		t.Helper()
		comments := q.next(written)
		var got []int64
		for _, c := range comments {
			got = append(got, c.row.TicketID)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("a writer takes comments of the tickets %v, want %v", got, want)
		}
		return comments
	}

	if got := add(1, 2, 1); got != 1 {
		t.Errorf("few comments start %d writers, want 1", got)
	}
	first := next(nil, 1, 2, 1)
	if got := add(1, 3, 1, 4, 5, 6, 7); got != 0 {
		t.Errorf("seven waiting comments start %d more writers, want 0", got)
	}
	if got := add(8, 9); got != 1 {
		t.Errorf("nine waiting comments start %d more writers, want 1", got)
	}
	second := next(nil, 3, 4, 5, 6, 7, 8, 9)
	next(second) // the others are of ticket 1: the second writer ends
	first = next(first, 1, 1)
	next(first)
	if q.writers != 0 {
		t.Errorf("got %d writers, want 0", q.writers)
	}
	if len(q.waiting) != 0 {
		t.Errorf("got %d elements, want 0: %v", len(q.waiting), q.waiting)
	}
	if len(q.writing) != 0 {
		t.Errorf("got %d elements, want 0: %v", len(q.writing), q.writing)
	}
	if got := add(1); got != 1 {
		t.Errorf("a comment afterwards starts %d writers, want 1", got)
	}
}
