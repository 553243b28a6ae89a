package backup_test

import (
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// firstSchema is the first schema with tickets and their counters.
const firstSchema = 3

// TestADeskOfEverySchemaIsUpgraded migrates one database step by step, and adds a ticket with
// each schema.
func TestADeskOfEverySchemaIsUpgraded(t *testing.T) {
	t.Parallel()
	pool, err := db.Open(t.Context(), dbtest.NewOwn(t, nil).URL("postgres"), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	steps, err := goose.NewProvider(goose.DialectPostgres, stdlib.OpenDBFromPool(pool), db.Migrations())
	if err != nil {
		t.Fatal(err)
	}
	old := schemas(t)
	for _, version := range old {
		if _, err := steps.UpTo(t.Context(), version); err != nil {
			t.Fatalf("to schema %d: %v", version, err)
		}
		addOldRows(t, pool, version)
	}
	if err := db.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	if report := (fixture{t: t, pool: pool, files: newFixture(t).files}).verified(); report.Tickets != int64(len(old)) {
		t.Errorf("there are %d tickets, want one of each of the %d schemas", report.Tickets, len(old))
	}
}

// schemas returns the versions of the schema from the first, without the newest.
func schemas(t *testing.T) (all []int64) {
	t.Helper()
	names, err := fs.Glob(db.Migrations(), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names[:len(names)-1] {
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.ParseInt(number, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		if version >= firstSchema {
			all = append(all, version)
		}
	}
	return all
}

// migrateTo migrates a database without data to a version.
func migrateTo(t *testing.T, pool *pgxpool.Pool, version int64) {
	t.Helper()
	load, err := db.BeginLoad(t.Context(), pool, version)
	if err != nil {
		t.Fatal(err)
	}
	load.Close()
}

// addOldRows adds a customer, an admin and a ticket with a comment of each, with the columns
// of the first schema.
func addOldRows(t *testing.T, pool *pgxpool.Pool, version int64) {
	t.Helper()
	for _, sql := range []string{
		"insert into users (username, email, password_hash, role) values ('Ana', 'ana@$1.example.org', '-', 'customer'), ('Priya', 'priya@$1.example.org', '-', 'admin')",
		`insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash, last_seq, comment_count)
			select u.id, 'Old $1', 'Old', c.id, 'Low', 's$1', '', 3, 2 from users u, categories c where u.email = 'ana@$1.example.org' and c.name = 'Billing'`,
		"insert into ticket_events (ticket_id, seq, kind, author_id) select id, 1, 'opened', requester_id from tickets where subject = 'Old $1'",
		`insert into ticket_events (ticket_id, seq, kind, author_id, body) select t.id, case u.role when 'admin' then 3 else 2 end, 'comment', u.id, 'Hello'
			from tickets t, users u where t.subject = 'Old $1' and u.email like '%@$1.example.org'`,
		"insert into ticket_reads (ticket_id, user_id, seq, unread) select id, requester_id, 1, 1 from tickets where subject = 'Old $1'",
	} {
		if _, err := pool.Exec(t.Context(), strings.ReplaceAll(sql, "$1", strconv.FormatInt(version, 10))); err != nil {
			t.Fatalf("schema %d: %s: %v", version, sql, err)
		}
	}
}
