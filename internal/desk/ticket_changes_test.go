package desk_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
)

// changes returns the changes of a list since a time, or fails the test.
func (w *listWorld) changes(who account.Actor, f ticketquery.Filter, since time.Time, shown ...int64) ticketquery.Changes {
	w.t.Helper()
	c, err := w.desk.Lists.Changes(w.t.Context(), who, f, since, shown)
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func TestChangesContainTheShownRows(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 0)
	stays, goes := w.open(w.customer, "Stays", "words"), w.open(w.customer, "Goes", "words")
	opened := time.Now()
	if _, err := w.desk.Tickets.SetStatus(t.Context(), w.admin, stays, desk.StatusInput{Status: "IN_PROGRESS"}); err != nil {
		t.Fatal(err)
	}
	comment(t, w.desk, w.admin, stays, "We look into it.")
	if err := w.desk.Tickets.Delete(t.Context(), w.customer, goes); err != nil {
		t.Fatal(err)
	}
	for _, who := range []account.Actor{w.admin, w.customer} {
		// The list has open tickets. The change of a row that is no longer open is still reported.
		c := w.changes(who, ticketquery.Filter{Status: "OPEN"}, opened, stays, goes)
		if len(c.Rows) != 1 {
			t.Fatalf("for %s the rows are %+v, want one", who.Username, c.Rows)
		}
		want := c.Rows[0]
		want.ID, want.Status, want.CommentCount = stays, desk.StatusInProgress, 1
		if diff := cmp.Diff(want, c.Rows[0]); diff != "" {
			t.Errorf("for %s the row (-want +got):\n%s", who.Username, diff)
		}
		if !slices.Equal(c.Gone, []int64{goes}) {
			t.Errorf("for %s: gone is %v, want %v", who.Username, c.Gone, []int64{goes})
		}
		if c.New.N != 0 {
			t.Errorf("for %s: the number of new tickets is %d, want 0", who.Username, c.New.N)
		}
	}
	own := w.changes(w.customer, ticketquery.Filter{}, opened)
	if own.Counts[desk.StatusInProgress] != 1 {
		t.Errorf("a customer's counts: own.Counts[desk.StatusInProgress] is %d, want 1", own.Counts[desk.StatusInProgress])
	}
	if own.Counts[desk.StatusOpen] != 0 {
		t.Errorf("a customer's counts: own.Counts[desk.StatusOpen] is %d, want 0", own.Counts[desk.StatusOpen])
	}
}

func TestChangesCountOnlyNewTicketsOfTheFilter(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 8)
	opened := time.Now().Add(10 * time.Second) // after all existing tickets, and after the time that is allowed for a late commit
	w.desk = desk.New(w.fixture.pool, desk.Options{Now: func() time.Time { return time.Now().Add(20 * time.Second) }})
	mine, other := w.open(w.customer, "A squeaking brake", "words"), w.open(w.other, "A lamp", "words")
	for _, c := range []struct {
		who   account.Actor
		f     ticketquery.Filter
		shown []int64
		want  int64
	}{
		{w.admin, ticketquery.Filter{}, nil, 2},
		{w.admin, ticketquery.Filter{Sort: ticketquery.SortWaiting, Status: ticketquery.FilterActive}, nil, 2},
		{w.admin, ticketquery.Filter{}, []int64{mine}, 1},
		{w.admin, ticketquery.Filter{}, []int64{mine, other}, 0},
		{w.admin, ticketquery.Filter{Status: "RESOLVED"}, nil, 0},
		{w.admin, ticketquery.Filter{Status: ticketquery.FilterWaiting}, nil, 0},
		{w.admin, ticketquery.Filter{Priority: "Urgent"}, nil, 0},
		{w.admin, ticketquery.Filter{Category: "Billing"}, nil, 0},
		{w.admin, ticketquery.Filter{Category: "General", Priority: "Low"}, nil, 2},
		{w.admin, ticketquery.Filter{Q: "squeaking"}, nil, 1},
		{w.admin, ticketquery.Filter{Requester: fmt.Sprint(w.other.ID)}, nil, 1},
		{w.customer, ticketquery.Filter{}, nil, 1},
		{w.customer, ticketquery.Filter{Requester: fmt.Sprint(w.other.ID)}, nil, 1},
		{w.customer, ticketquery.Filter{Q: "lamp"}, nil, 0},
	} {
		if got := w.changes(c.who, c.f, opened, c.shown...); got.New != (listing.Capped{N: c.want}) {
			t.Errorf("%s, %+v, showing %v: %s new, want %d", c.who.Username, c.f, c.shown, got.New, c.want)
		}
	}
	if got := w.changes(w.admin, ticketquery.Filter{}, time.Time{}); got.New.N != 0 {
		t.Errorf("with a zero time: %s new", got.New)
	}
}

func TestATicketOfAnotherUserIsReportedAsGone(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 0)
	foreign := w.open(w.other, "The other's secret", "words")
	c := w.changes(w.customer, ticketquery.Filter{}, time.Now().Add(-time.Hour), foreign, 999_999, -1)
	if len(c.Rows) != 0 {
		t.Errorf("got %d rows, want 0: %+v", len(c.Rows), c.Rows)
	}
	if !slices.Equal(c.Gone, []int64{foreign, 999_999, -1}) {
		t.Errorf("gone is %v, want %v", c.Gone, []int64{foreign, 999_999, -1})
	}
	if c.New.N != 0 {
		t.Errorf("the number of new tickets is %d, want 0", c.New.N)
	}
}

func TestATicketCommittedLateIsNew(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 0)
	late := w.open(w.customer, "Under way while the list was read", "words")
	if got := w.changes(w.admin, ticketquery.Filter{}, time.Now()); got.New.N != 1 {
		t.Errorf("%s new", got.New)
	}
	if got := w.changes(w.admin, ticketquery.Filter{}, time.Now(), late); got.New.N != 0 {
		t.Errorf("%s new, though it is shown", got.New)
	}
}

func TestNewTicketsAreCountedUpToNinetyNine(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 0)
	shown := []int64{w.open(w.customer, "One of many", "words")}
	for i := range int64(100) {
		shown = append(shown, shown[0]+1+i)
	}
	w.fixture.exec(`insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash)
		select requester_id, subject, description, category_id, priority, 'n' || n, submission_hash from tickets, generate_series(1, 100) n`)
	since := time.Now().Add(-time.Hour)
	if got := w.changes(w.admin, ticketquery.Filter{}, since); got.New.String() != "99+" {
		t.Errorf("of 101: %s", got.New)
	}
	if got := w.changes(w.admin, ticketquery.Filter{}, since, shown[:2]...); got.New.String() != "99" {
		t.Errorf("of 99: %s", got.New)
	}
	got := w.changes(w.admin, ticketquery.Filter{}, since, shown...)
	if len(got.Rows) != ticketquery.MaxShown {
		t.Errorf("of too many shown: got %d rows, want %d: %+v", len(got.Rows), ticketquery.MaxShown, got.Rows)
	}
	if got.New.N != 1 {
		t.Errorf("of too many shown: the number of new tickets is %d, want 1", got.New.N)
	}
}
