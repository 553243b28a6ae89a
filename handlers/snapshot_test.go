package handlers

import (
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// snapshot has a hash of each table, of the columns that a refused request may not change.
type snapshot map[string]string

// ignoredColumns are the columns without a snapshot: the times at which sessions, tokens and
// users were last seen.
const ignoredColumns = "'{seen_at,expires_at,last_used_at}'"

// everything returns a snapshot of all tables except the forms kept for users whose session
// has ended.
func (a *app) everything(t *testing.T) snapshot { t.Helper(); return a.everythingExcept(t) }

// everythingExcept is everything without some tables. After countChanges, it hashes only the
// tables that have changed.
func (a *app) everythingExcept(t *testing.T, skipped ...string) snapshot {
	t.Helper()
	changes := a.changes(t) // before the hashes, so that a change during them is noticed the next time
	var stale []string
	for table, n := range changes {
		known, ok := a.hashed[table]
		isCurrent := a.counted && ok && known.changes == n
		if !isCurrent && !slices.Contains(skipped, table) {
			stale = append(stale, table)
		}
	}
	if a.hashed == nil {
		a.hashed = map[string]tableHash{}
	}
	for table, hash := range a.hashes(t, stale) {
		a.hashed[table] = tableHash{changes[table], hash}
	}
	out := snapshot{}
	for table := range changes {
		if !slices.Contains(skipped, table) {
			out[table] = a.hashed[table].hash
		}
	}
	return out
}

// tableHash is the hash of a table after a number of changes.
type tableHash struct {
	changes int64
	hash    string
}

// changes returns the number of counted changes of each table.
func (a *app) changes(t *testing.T) map[string]int64 {
	t.Helper()
	rows, err := a.pool.Query(t.Context(), `select c.relname, coalesce(pg_sequence_last_value(to_regclass('test_changes_' || c.oid)), 0)
		from pg_class c where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace and c.relname <> 'kept_forms'`)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]int64{}
	var table string
	var n int64
	if _, err := pgx.ForEachRow(rows, []any{&table, &n}, func() error { out[table] = n; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// hashes returns the hash of each of the tables.
func (a *app) hashes(t *testing.T, tables []string) map[string]string {
	t.Helper()
	out := map[string]string{}
	if len(tables) == 0 {
		return out
	}
	var each []string
	for _, table := range slices.Sorted(slices.Values(tables)) {
		each = append(each, "select '"+table+"', concat(count(*), ' ', sum(hashtextextended((to_jsonb(t) - "+ignoredColumns+"::text[])::text, 0))) from "+table+" t")
	}
	rows, err := a.pool.Query(t.Context(), strings.Join(each, " union all "))
	if err != nil {
		t.Fatal(err)
	}
	var table, hash string
	if _, err := pgx.ForEachRow(rows, []any{&table, &hash}, func() error { out[table] = hash; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}

// differs returns the names of the tables that differ, or "".
func (s snapshot) differs(after snapshot) string {
	var out []string
	for name, hash := range after {
		if s[name] != hash {
			out = append(out, name)
		}
	}
	return strings.Join(out, ", ")
}

// countingChanges adds triggers that count the changes of each table with a sequence, which also
// counts those that are rolled back. An update of ignored columns only is not a change.
const countingChanges = `
create function test_count_change() returns trigger language plpgsql as $$ begin perform nextval('test_changes_' || tg_relid); return null; end $$;
do $$ declare c record; begin
	for c in select oid, relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace loop
		execute format('create sequence test_changes_%s', c.oid);
		execute format('create trigger test_rows after insert or delete on %I for each row execute function test_count_change()', c.relname);
		execute format('create trigger test_all_rows after truncate on %I execute function test_count_change()', c.relname);
		execute format('create trigger test_columns after update on %1$I for each row
			when (to_jsonb(old) - %2$L::text[] is distinct from to_jsonb(new) - %2$L::text[])
			execute function test_count_change()', c.relname, ` + ignoredColumns + `);
	end loop;
end $$`

// countChanges makes snapshots fast while nothing changes, for tests that take hundreds.
func (a *app) countChanges() {
	a.t.Helper()
	a.exec(countingChanges)
	a.counted = true
}

func TestASnapshotNoticesEveryChangeExceptOfTimesOfUse(t *testing.T) {
	app := newApp(t)
	ana := app.customer("Ana")
	app.countChanges()
	before := app.everything(t)
	app.exec("update users set seen_at = now() + interval '1 hour'")
	if got := before.differs(app.everything(t)); got != "" {
		t.Errorf("got changes of %q after an update of a time of use, want none", got)
	}
	for _, c := range []struct{ sql, table string }{
		{"update users set must_change_password = true", "users"},
		{"insert into teams (name, name_key) values ('Repairs', 'repairs')", "teams"},
		{"delete from teams", "teams"},
		{"truncate sessions", "sessions"},
	} {
		before := app.everything(t)
		app.exec(c.sql)
		if got := before.differs(app.everything(t)); got != c.table {
			t.Errorf("%s: got changes of %q, want %q", c.sql, got, c.table)
		}
	}
	before = app.everything(t)
	ana.enter()
	if got := before.differs(app.everything(t)); got != "sessions" {
		t.Errorf("a new session: got changes of %q, want sessions", got)
	}
}
