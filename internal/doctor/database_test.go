package doctor

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgproto3"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// newDesk returns an examination of an empty desk.
func newDesk(t *testing.T, url string) *examination {
	t.Helper()
	pool, err := db.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	dir := t.TempDir()
	return &examination{limits: usual(), q: db.New(pool), Options: Options{Pool: pool, URL: url, Conns: 4, DataDir: dir, Uploads: dir, Now: time.Now}}
}

// exec runs a statement.
func (e *examination) exec(t *testing.T, sql string) {
	t.Helper()
	if _, err := e.Pool.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// finds runs all checks, and fails the test unless one has a finding of the level with the
// text.
func (e *examination) finds(t *testing.T, check string, level Level, text string) {
	t.Helper()
	e.found = nil
	e.run(t.Context())
	for _, f := range e.found {
		if f.Check == check && f.Level == level && strings.Contains(f.Text, text) {
			return
		}
	}
	t.Errorf("got %v, want a %s of %s with %q", e.found, level, check, text)
}

func TestADeskWithoutProblemsHasNone(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewOwn(t, nil).Migrate())
	e.finds(t, "clock", OK, "agree")
	for _, f := range e.found {
		// Servers of tests do not flush, and the disk is that of the machine.
		if f.Level == Problem && f.Check != "durability" && f.Check != "disk" {
			t.Errorf("got %v", f)
		}
	}
}

func TestSettingsThatLoseDataAreFound(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, map[string]string{"autovacuum": "off"})
	e := newDesk(t, own.Migrate())
	// Servers of tests do not flush.
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		e.finds(t, "durability", Problem, setting+" is off")
	}
	e.finds(t, "bloat", Problem, "autovacuum is off")
}

func TestAForgottenReplicationSlotIsFound(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewOwn(t, map[string]string{"wal_level": "replica"}).Migrate())
	e.exec(t, "select pg_create_physical_replication_slot('forgotten', true)")
	e.finds(t, "slots", Problem, "pg_drop_replication_slot('forgotten')")
}

func TestAStandbyThatIsBehindIsFound(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, map[string]string{"wal_level": "replica"})
	e := newDesk(t, own.Migrate())
	e.exec(t, "select pg_create_physical_replication_slot('standby', true)")
	e.follow(t, "standby")
	e.finds(t, "slots", Warning, "set max_slot_wal_keep_size")
	e.limits.wal = -1 // it is behind by 0 bytes or more
	e.finds(t, "slots", Warning, `the replication slot "standby" is`)
}

// follow reads the WAL of a slot, as a standby does, until the test ends.
func (e *examination) follow(t *testing.T, slot string) {
	t.Helper()
	var from string
	if err := e.Pool.QueryRow(t.Context(), "select pg_current_wal_flush_lsn()::text").Scan(&from); err != nil {
		t.Fatal(err)
	}
	cfg, err := pgconn.ParseConfig(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg.RuntimeParams["replication"] = "true"
	conn, err := pgconn.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	conn.Frontend().Send(&pgproto3.Query{String: "START_REPLICATION SLOT " + slot + " PHYSICAL " + from})
	if err := conn.Frontend().Flush(); err != nil {
		t.Fatal(err)
	}
	for {
		switch m, err := conn.ReceiveMessage(t.Context()); m := m.(type) {
		case *pgproto3.CopyBothResponse:
			return
		case *pgproto3.ErrorResponse:
			t.Fatal(m.Message)
		case nil:
			t.Fatal(err)
		}
	}
}

func TestWALThatIsNotRemovedIsFound(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, map[string]string{"wal_level": "replica", "max_wal_size": "32MB", "min_wal_size": "32MB"})
	e := newDesk(t, own.Migrate())
	e.finds(t, "wal", OK, "of WAL")
	e.exec(t, "select pg_create_physical_replication_slot('forgotten', true)") // it keeps the segments
	for range 6 {
		e.fillSegment(t)
	}
	e.finds(t, "wal", Warning, "32 MiB are usual")
}

func TestWALThatCannotBeArchivedIsFound(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, map[string]string{"wal_level": "replica", "archive_mode": "on", "archive_command": "/bin/false"})
	e := newDesk(t, own.Migrate())
	e.fillSegment(t) // the server archives it soon
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if found, err := e.q.WAL(t.Context()); err != nil || found[0].Unsaved {
			break
		}
	}
	e.finds(t, "wal", Problem, "look for archive_command")
}

// fillSegment begins another segment of WAL, of 16 MiB.
func (e *examination) fillSegment(t *testing.T) {
	t.Helper()
	e.exec(t, "create table filler as select 1")
	e.exec(t, "drop table filler")
	e.exec(t, "select pg_switch_wal()")
}

func TestALongTransactionIsFound(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewURL(t))
	e.limits.transaction = 0
	tx, err := e.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	e.finds(t, "waiting", Warning, "idle in transaction")
}

func TestDeadRowsAreFound(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewURL(t))
	e.limits.deadRows = 100
	e.exec(t, "insert into rate_limits (key, allowed_at) select n::text, now() from generate_series(1, 1000) n")
	e.exec(t, "delete from rate_limits")
	// PostgreSQL counts the rows a little later.
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if found, err := e.q.BloatedTables(t.Context(), 100); err != nil || len(found) > 0 {
			break
		}
		e.Pool.Reset() // a connection that ends reports its statistics
	}
	e.finds(t, "bloat", Warning, "vacuum rate_limits")
}

func TestAJobThatDoesNotEndIsFound(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewURL(t))
	e.exec(t, "insert into backfills (name, started_at) values ('new', now()), ('old', now() - interval '2 days')")
	e.finds(t, "jobs", OK, `"new"`)
	e.finds(t, "jobs", Warning, `"old" runs for 48h`)
}

func TestUndeliveredEventsAreFound(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewURL(t))
	e.exec(t, "insert into outbox_consumers (name, kinds) values ('mail', '{comment}')")
	e.exec(t, "insert into users (username, email, password_hash) values ('ana', 'ana@example.org', '-')")
	e.exec(t, "insert into tickets (requester_id, subject, description, category_id, priority, submission_id, submission_hash, last_seq) select u.id, 's', 'd', c.id, 'Low', 's', '', 1 from users u, categories c where c.name = 'Billing'")
	e.exec(t, "insert into ticket_events (ticket_id, seq, kind, author_id, created_at) select id, 1, 'comment', requester_id, now() - interval '5 minutes' from tickets")
	e.finds(t, "outbox", Warning, "events that wait for mail: 1, one of them for 5m")
	e.exec(t, "insert into outbox_dead (consumer, stream, id, seq, error, tries) select 'mail', 'ticket', id, 1, 'failed', 10 from tickets")
	e.finds(t, "outbox", Problem, "events that could not be delivered to mail: 1")
}

func TestALockedTableIsFound(t *testing.T) {
	t.Parallel()
	e := newDesk(t, dbtest.NewOwn(t, nil).Migrate())
	tx, err := e.Pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(t.Context())
	if _, err := tx.Exec(t.Context(), "set local idle_in_transaction_session_timeout = 0; lock table outbox_consumers in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	e.finds(t, "outbox", Problem, "another session has locked")
}
