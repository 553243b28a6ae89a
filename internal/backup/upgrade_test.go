package backup_test

import (
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// firstSchema is the first schema with tickets and their counters.
const firstSchema = 3

func TestADeskOfEverySchemaIsUpgraded(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	files := newFixture(t).files
	open := func(name string) *pgxpool.Pool {
		pool, err := db.Open(t.Context(), own.URL(name), 4)
		if err != nil {
			t.Fatal(err)
		}
		return pool
	}
	admin := open("template1")
	defer admin.Close()
	for _, version := range schemas(t) {
		// The database postgres is migrated step by step, and copied at each.
		base := open("postgres")
		migrateTo(t, base, version)
		base.Close()
		name := fmt.Sprintf("schema_%d", version)
		if _, err := admin.Exec(t.Context(), "create database "+name+" template postgres"); err != nil {
			t.Fatal(err)
		}
		pool := open(name)
		addOldRows(t, pool)
		if err := db.Migrate(t.Context(), pool); err != nil {
			t.Errorf("from schema %d: %v", version, err)
		} else if report := (fixture{t: t, pool: pool, files: files}).verified(); report.Tickets != 1 {
			t.Errorf("from schema %d: there are %d tickets, want 1", version, report.Tickets)
		}
		pool.Close()
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
func addOldRows(t *testing.T, pool *pgxpool.Pool) {
	t.Helper()
	for _, sql := range []string{
		"insert into users (username, email, password_hash, role) values ('Ana', 'ana@example.org', '-', 'customer'), ('Priya', 'priya@example.org', '-', 'admin')",
		`insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash, last_seq, comment_count)
			select u.id, 'Old', 'Old', c.id, 'Low', 's', '', 3, 2 from users u, categories c where u.username = 'Ana' and c.name = 'Billing'`,
		"insert into ticket_events (ticket_id, seq, kind, author_id) select id, 1, 'opened', requester_id from tickets",
		"insert into ticket_events (ticket_id, seq, kind, author_id, body) select t.id, case u.role when 'admin' then 3 else 2 end, 'comment', u.id, 'Hello' from tickets t, users u",
		"insert into ticket_reads (ticket_id, user_id, seq, unread) select id, requester_id, 1, 1 from tickets",
	} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}
