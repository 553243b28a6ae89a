package handlers

import (
	"maps"
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
// has ended. After countChanges, it hashes the tables only if one of them has changed.
func (a *app) everything(t *testing.T) snapshot {
	t.Helper()
	if !a.counted {
		return a.hashes(t)
	}
	var changes int64 // before the hashes, so that a change during them is noticed the next time
	if err := a.pool.QueryRow(t.Context(), "select last_value + is_called::int from test_changes").Scan(&changes); err != nil {
		t.Fatal(err)
	}
	if a.last == nil || changes != a.changes {
		a.last, a.changes = a.hashes(t), changes
	}
	return maps.Clone(a.last)
}

// hashes returns the hash of each table.
func (a *app) hashes(t *testing.T) snapshot {
	t.Helper()
	rows, err := a.pool.Query(t.Context(), "select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'kept_forms'")
	if err != nil {
		t.Fatal(err)
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	for i, name := range names {
		names[i] = "select '" + name + "', concat(count(*), ' ', sum(hashtextextended((to_jsonb(t) - " + ignoredColumns + "::text[])::text, 0))) from " + name + " t"
	}
	if rows, err = a.pool.Query(t.Context(), strings.Join(names, " union all ")); err != nil {
		t.Fatal(err)
	}
	out := snapshot{}
	var name, hash string
	_, err = pgx.ForEachRow(rows, []any{&name, &hash}, func() error { out[name] = hash; return nil })
	if err != nil {
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

// countingChanges adds triggers that count the changes of all rows with a sequence, which also
// counts those that are rolled back. An update of ignored columns only is not a change.
const countingChanges = `
create sequence test_changes;
create function test_count_change() returns trigger language plpgsql as $$ begin perform nextval('test_changes'); return null; end $$;
do $$ declare name text; begin
	for name in select relname from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'kept_forms' loop
		execute format('create trigger test_rows after insert or delete on %I for each row execute function test_count_change()', name);
		execute format('create trigger test_all_rows after truncate on %I execute function test_count_change()', name);
		execute format('create trigger test_columns after update on %1$I for each row
			when (to_jsonb(old) - %2$L::text[] is distinct from to_jsonb(new) - %2$L::text[])
			execute function test_count_change()', name, ` + ignoredColumns + `);
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
