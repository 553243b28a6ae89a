package desk_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/listing"
	"frontdesk/internal/ticketquery"
)

// beforeSearchTexts is the last version without the tables that search reads now.
const beforeSearchTexts = 8

// newUpgrade returns a desk of the previous version with n tickets after the migration and
// before the jobs have run.
func newUpgrade(t *testing.T, n int) *listWorld {
	t.Helper()
	h := newFixture(t, desk.Options{})
	w := &listWorld{t: t, fixture: h, desk: h.Desk, own: map[int64]bool{}, admin: h.person("Priya", account.RoleAdmin), customer: h.person("Ana", account.RoleCustomer)}
	conn := stdlib.OpenDBFromPool(h.pool)
	defer conn.Close()
	p, err := goose.NewProvider(goose.DialectPostgres, conn, db.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.DownTo(t.Context(), beforeSearchTexts); err != nil {
		t.Fatal(err)
	}
	h.exec(`insert into tickets (requester_id, subject, description, category_id, priority, last_seq, submission_id, submission_hash)
		select $1, 'Ticket brake ' || n, 'Un problème 我家在上海东边', 1, 'Low', 3, 'u-' || n, '' from generate_series(1, $2::int) n`, w.customer.ID, n)
	h.exec(`insert into ticket_events (ticket_id, seq, kind, author_id, body)
		select t.id, seq, case when seq = 1 then 'opened' else 'comment' end::event_kind, $1, case when seq = 1 then '' else 'calliper 北京 ' || seq end
		from tickets t, generate_series(1, 3) seq`, w.customer.ID)
	if err := db.Migrate(t.Context(), h.pool); err != nil {
		t.Fatal(err)
	}
	return w
}

// fillOnly runs the jobs for a number of batches. The last batch fails before its commit.
func (w *listWorld) fillOnly(batches int) {
	w.t.Helper()
	ctx, cancel := context.WithCancel(w.t.Context())
	defer cancel()
	var jobs []db.BackfillJob
	for _, b := range db.Backfills {
		batch := b.Batch
		b.Batch = func(ctx context.Context, q *db.Queries, position string, _ int32) (string, bool, error) {
			next, done, err := batch(ctx, q, position, 20)
			if batches--; batches == 0 {
				cancel()
			}
			return next, done, err
		}
		jobs = append(jobs, b)
	}
	db.RunBackfills(ctx, w.fixture.pool, slog.New(slog.DiscardHandler), jobs)
}

// count returns the number of tickets that a search finds.
func (w *listWorld) count(q string) int {
	w.t.Helper()
	var n int
	err := w.desk.Lists.Each(w.t.Context(), w.admin, ticketquery.Filter{Q: q}, 0, listing.Visitor[ticketquery.FeedTicket]{Entry: func(ticketquery.FeedTicket) error { n++; return nil }})
	if err != nil {
		w.t.Fatalf("%q: %v", q, err)
	}
	return n
}

// pending returns the number of backfills that have not finished.
func (w *listWorld) pending() int64 {
	return w.fixture.number("select count(*) from backfills where finished_at is null")
}

// checkTexts fails the test unless the search tables have exactly the current texts and names,
// each once.
func (w *listWorld) checkTexts() {
	w.t.Helper()
	for what, sql := range map[string]string{
		"own texts": `with texts as (select t.id, x.* from tickets t, search_text(t.id, t.subject || ' ' || t.description) x)
			select (select count(*) from (table texts except all table search_tickets) a) + (select count(*) from (table search_tickets except all table texts) b)`,
		"comments": `with texts as (select e.ticket_id, e.seq, x.* from ticket_events e, search_text(e.ticket_id, e.body) x where e.kind = 'comment')
			select (select count(*) from (table texts except all table search_comments) a) + (select count(*) from (table search_comments except all table texts) b)`,
		"names": `with names as (select id, search_name(username, email) from users)
			select (select count(*) from (table names except all table search_names) a) + (select count(*) from (table search_names except all table names) b)`,
	} {
		if n := w.fixture.number(sql); n != 0 {
			w.t.Errorf("got %d missing or additional %s, want each once", n, what)
		}
	}
}

func TestTheOldIndexIsUsedUntilTheJobsAreFinished(t *testing.T) {
	t.Parallel()
	const n = 70
	w := newUpgrade(t, n)
	for batches := 1; w.pending() > 0; batches++ {
		for q, want := range map[string]int{"brake": n, "calliper": n, "brake 7": 2, "Ana": n, "#7": 2, "上海": 0, "probleme": 0} {
			if got := w.count(q); got != want {
				t.Errorf("with %d pending jobs, %q: got %d tickets, want %d", w.pending(), q, got, want)
			}
		}
		if users, err := w.desk.Accounts.Users.List(t.Context(), w.admin, account.UserFilter{Q: "an"}); err != nil || len(users.Rows) != 1 {
			t.Errorf("users: got %v, %v, want one", users.Rows, err)
		}
		w.fillOnly(batches)
		if batches > 50 {
			t.Fatal("the jobs do not end")
		}
	}
	for q, want := range map[string]int{"brake": n, "calliper": n, "Ana": n, "上海": n, "上海东": n, "probleme": n, "北京": n, "海上": 0} {
		if got := w.count(q); got != want {
			t.Errorf("afterwards, %q: got %d tickets, want %d", q, got, want)
		}
	}
	w.checkTexts()
}

func TestTicketsWrittenDuringTheJobsAreFoundOnce(t *testing.T) {
	t.Parallel()
	w := newUpgrade(t, 200)
	w.fixture.exec("update tickets set deleted_at = now() - interval '30 days' where id % 10 = 0") // these are purged below
	step, stop := 0, make(chan struct{})
	var writing sync.WaitGroup
	writing.Go(func() {
		for ; ; step++ {
			select {
			case <-stop:
				return
			default:
			}
			id := step*7%200 + 1
			w.fixture.exec("update tickets set subject = 'Edited ' || $2::text where id = $1", id, fmt.Sprint(step))
			w.fixture.exec("delete from tickets where id = $1 and deleted_at is not null", step*10%210)
			w.fixture.exec("insert into ticket_events (ticket_id, seq, kind, author_id, body) select id, last_seq + $2, 'comment', requester_id, 'later 广州' from tickets where id = $1", id, step+1)
			w.fixture.exec(`insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash)
				values ($1, 'Newer', '成都', 1, 'Low', $2, '')`, w.customer.ID, fmt.Sprint("n-", step))
			w.fixture.exec("update users set username = 'Ana ' || $2::text where id = $1", w.customer.ID, fmt.Sprint(step))
		}
	})
	for _, batches := range []int{2, 3, 4, 1000} { // all except the last are interrupted
		w.fillOnly(batches)
	}
	close(stop)
	writing.Wait()
	if n := w.pending(); n != 0 {
		t.Fatalf("got %d pending jobs, want none", n)
	}
	w.checkTexts()
	if got := w.count("成都"); got != min(step, 500) {
		t.Errorf("got %d newer tickets, want %d", got, step)
	}
}

// The previous version reads and writes its own tables while the new version runs.
func TestThePreviousVersionRunsBesideTheNewOne(t *testing.T) {
	t.Parallel()
	w := newUpgrade(t, 5)
	w.fillOnly(1000)
	id := w.open(w.customer, "A gearbox", "with oil")
	comment(t, w.desk, w.admin, id, "Send the sprocket")
	const texts = "(select ticket_id, search from ticket_words union all select ticket_id, search from ticket_events where search is not null) texts"
	for _, word := range []string{"gearbox", "sprocket", "brake"} {
		found := w.fixture.number("select count(*) from "+texts+" where ticket_id = $1 and search @@ to_tsquery('simple', $2)", id, word)
		if want := word != "brake"; (found == 1) != want {
			t.Errorf("%s in the tables of the previous version: got %d texts of the new ticket, want one: %v", word, found, want)
		}
		if n := w.fixture.number("select count(*) from "+texts+" where words_at(ticket_id, search) @@ quote_literal('0:' || $1)::tsquery", word); n == 0 {
			t.Errorf("%s in the index of the previous version: got no text", word)
		}
	}
}

func TestANewDeskNeedsNoBackfill(t *testing.T) {
	t.Parallel()
	w := newListWorld(t, 3)
	if n := w.pending(); n != 0 {
		t.Errorf("got %d pending jobs, want none", n)
	}
	if n := w.fixture.number("select count(*) from pg_class where relname in ('ticket_words', 'ticket_words_search_idx', 'ticket_events_search_idx', 'users_trgm')"); n != 0 {
		t.Errorf("got %d tables and indexes of the previous search, want none", n)
	}
	w.checkTexts()
}
