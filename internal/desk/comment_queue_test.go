package desk

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"frontdesk/internal/account"
)

func TestConcurrentMessagesOnManyTicketsAreStoredOnceInOrder(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	const tickets, lines = 40, 10
	told := make([][]int64, tickets)
	var group sync.WaitGroup
	for i := range tickets {
		id := k.open(k.ana, fmt.Sprint("ticket ", i))
		group.Go(func() {
			for n := range lines {
				e, err := k.desk.Comments.Add(context.Background(), []account.Actor{k.ana, k.priya}[n%2], id, MessageInput{Text: "line", SubmissionID: fmt.Sprint(n)})
				if err != nil {
					t.Error(err)
				}
				told[i] = append(told[i], e.Seq)
			}
		})
	}
	group.Wait()
	for i := range tickets {
		if want := []int64{2, 3, 4, 5, 6, 7, 8, 9, 10, 11}; !slices.Equal(told[i], want) {
			t.Fatalf("ticket %d: sequence numbers %v", i, told[i])
		}
	}
	var stored int
	k.must(k.pool.QueryRow(context.Background(), `select count(*) from ticket_events where kind = 'message'`).Scan(&stored))
	if stored != tickets*lines {
		t.Fatalf("%d messages are stored, want %d", stored, tickets*lines)
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
		said := time.Now()
		_, err := k.desk.Comments.Add(ctx, k.ana, other, MessageInput{Text: "goes by"})
		k.must(err)
		if took := time.Since(said); took > time.Second { // a delayed message takes lock_timeout, 2 s
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
