package desk_test

import (
	"context"
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// A commit that is cancelled while it waits for the standby is stored on the primary alone. A
// form that is sent again finds it there, and must not be acknowledged until the standby has it.
func TestAFormThatIsSentAgainIsNotAcknowledgedBeforeTheStandbyHasIt(t *testing.T) {
	t.Parallel()
	pair := dbtest.NewPair(t)
	pool, err := db.Open(t.Context(), pair.First.URL("postgres"), 8)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	if err := db.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	h := fixture{desk.New(pool, desk.Options{}), t, pool}
	ana := h.person("ana", account.RoleCustomer)
	category := "General"
	if err := pool.QueryRow(t.Context(), "select name from categories order by id limit 1").Scan(&category); err != nil {
		t.Fatal(err)
	}
	soon := func() context.Context {
		ctx, stop := context.WithTimeout(t.Context(), 700*time.Millisecond)
		t.Cleanup(stop)
		return ctx
	}
	open := func(ctx context.Context, key string) (int64, error) {
		t, err := h.Tickets.Open(ctx, ana, desk.TicketInput{Subject: "Invoice", Description: "It has our old address.", Category: category, Priority: "Low", SubmissionID: key})
		return t.ID, err
	}
	first, err := open(t.Context(), "key 1")
	if err != nil {
		t.Fatal(err)
	}
	sends := map[string]func(ctx context.Context) error{
		"ticket": func(ctx context.Context) error { _, err := open(ctx, "key 2"); return err },
		"comment": func(ctx context.Context) error {
			_, err := h.Comments.Add(ctx, ana, first, desk.CommentInput{Text: "Thank you.", SubmissionID: "key 3"})
			return err
		},
	}
	pair.Second.Stop()
	for name, send := range sends {
		for n := range 2 {
			if err := send(soon()); err == nil {
				t.Errorf("%s, time %d: acknowledged although the standby does not have it", name, n+1)
			}
		}
	}
	pair.Second.Continue()
	for name, send := range sends {
		if err := send(t.Context()); err != nil {
			t.Errorf("%s, after the standby has continued: %v", name, err)
		}
	}
	if n := h.number("select (select count(*) from tickets) + (select count(*) from ticket_events where kind = 'comment')"); n != 3 {
		t.Errorf("there are %d tickets and comments, want 2 and 1", n)
	}
}
