package db_test

import (
	"bytes"
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/requestid"
)

// observed collects the statements of a request with the id "observed".
type observed struct {
	mu  sync.Mutex
	all []db.Statement
}

// observe stores a statement of the observed request.
func (o *observed) observe(ctx context.Context, s db.Statement) {
	if requestid.Of(ctx) == "observed" {
		o.mu.Lock()
		defer o.mu.Unlock()
		o.all = append(o.all, s)
	}
}

func TestStatementsAreObservedByTheNamesOfTheirQueries(t *testing.T) {
	t.Parallel()
	var seen observed
	pool, err := db.Open(t.Context(), dbtest.NewURL(t), 2, db.Observer(seen.observe))
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	ctx := requestid.With(t.Context(), "observed")
	if _, err := db.New(pool).ListCategories(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ReadOwnListPage(ctx, pool, db.ListOwnTicketsParams{Viewer: 1, Max: 1}); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, "SELECT 'a secret' from categories where id = any($1)", []int64{1}); err != nil {
		t.Fatal(err)
	}
	if _, err := pool.Exec(ctx, "select 1/0"); err == nil {
		t.Fatal("a division by zero succeeds")
	}
	var names []string
	for _, s := range seen.all {
		names = append(names, s.Name)
	}
	if want := []string{"ListCategories", "ListOwnTickets", "ListCategories", "select", "select"}; !slices.Equal(names, want) {
		t.Fatalf("got the statements %v, want %v", names, want)
	}
	got := seen.all[0]
	if got.Rows != 3 {
		t.Errorf("the list of categories: got %d rows, want 3", got.Rows)
	}
	if got.Failed {
		t.Error("the list of categories: failed is true, want false")
	}
	if got.Took <= 0 {
		t.Errorf("the list of categories: the duration is %s, want more than 0", got.Took)
	}
	got = seen.all[4]
	if !got.Failed {
		t.Error("the division by zero: failed is false, want true")
	}
	if got.SQLState != "22012" {
		t.Errorf(`the division by zero: the SQL state is %q, want "22012"`, got.SQLState)
	}
}

// slowLog returns a log of statements from 500 ms on, what it has written, and a function
// that advances its clock.
func slowLog() (l *db.SlowLog, out *bytes.Buffer, advance func(time.Duration)) {
	out = new(bytes.Buffer)
	l = db.NewSlowLog(500*time.Millisecond, slog.New(requestid.Handler(slog.NewTextHandler(out, nil))))
	now := time.Now()
	l.SetNow(func() time.Time { return now })
	return l, out, func(d time.Duration) { now = now.Add(d) }
}

func TestSlowStatementsAreLoggedWithTheirRequest(t *testing.T) {
	t.Parallel()
	l, out, _ := slowLog()
	ctx := requestid.With(t.Context(), "0123456789abcdef")
	if l.Observe(ctx, db.Statement{Name: "GetTicket", Took: 499 * time.Millisecond}) {
		t.Error("a statement below the limit is slow")
	}
	if !l.Observe(ctx, db.Statement{Name: "CountTickets", Took: 500 * time.Millisecond, Rows: 7}) {
		t.Error("a statement at the limit is not slow")
	}
	got, want := out.String(), `level=WARN msg="slow query" query=CountTickets took=500ms rows=7 failed=false request_id=0123456789abcdef`+"\n"
	if !strings.HasSuffix(got, want) {
		t.Errorf("got %q, want the end %q", got, want)
	}
	if value := strings.Count(got, "\n"); value != 1 {
		t.Errorf("got %d lines, want 1", value)
	}
}

func TestTheNumberOfSlowStatementsInTheLogIsLimited(t *testing.T) {
	t.Parallel()
	l, out, advance := slowLog()
	slow := db.Statement{Name: "CountTickets", Took: time.Second}
	for range 100 {
		l.Observe(t.Context(), slow)
	}
	if got := strings.Count(out.String(), "slow query"); got != 30 {
		t.Errorf("got %d entries in a minute, want 30", got)
	}
	advance(time.Minute)
	l.Observe(t.Context(), slow)
	if !strings.Contains(out.String(), `msg="slow queries not logged" queries=70`) {
		t.Errorf("the log does not have the number of the others: %s", out)
	}
	if got := strings.Count(out.String(), "query=CountTickets"); got != 31 {
		t.Errorf("got %d entries, want 31", got)
	}
}
