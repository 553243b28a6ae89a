package db_test

import (
	"context"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/postgres"
	"frontdesk/internal/testdir"
)

// poolSize is the pool size of the program.
const poolSize = 10

func TestASuitableDatabaseIsFit(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	execute(t, own.URL("postgres"), "create database empty", "create database unrelated")
	execute(t, own.URL("unrelated"), `create table "Invoices" (n int)`, "create table invoices (n int)")
	own.Migrate()
	for _, name := range []string{"postgres", "empty", "unrelated"} {
		fit(t, own.URL(name))
	}
}

// The libc locale C folds only ASCII letters; the locale of the provider folds all letters.
func TestLettersAreFoldedByTheLocaleProviderOfTheDatabase(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	for _, provider := range []string{"locale_provider icu icu_locale 'und'", "locale_provider builtin builtin_locale 'C.UTF-8'"} {
		t.Run(provider, func(t *testing.T) {
			conn, err := pgx.Connect(t.Context(), own.URL("postgres"))
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close(context.Background())
			if _, err := conn.Exec(t.Context(), "create database folds template template0 encoding 'UTF8' locale 'C' "+provider); err != nil {
				t.Skipf("this PostgreSQL has no such provider: %v", err)
			}
			fit(t, own.URL("folds"))
			execute(t, own.URL("postgres"), "drop database folds")
		})
	}
}

func TestADatabaseOfAnotherEncodingOrLocaleIsUnfit(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	for name, c := range map[string]struct{ as, finding string }{
		"latin1": {"encoding 'LATIN1' locale 'C'", "encoding"},
		"ascii":  {"encoding 'SQL_ASCII' locale 'C'", "encoding"},
		"plain":  {"encoding 'UTF8' locale 'C'", "locale"},
	} {
		execute(t, own.URL("postgres"), "create database "+name+" template template0 "+c.as)
		finds(t, own.URL(name), c.finding, "createdb -E UTF8 -T template0")
	}
}

func TestARoleWithoutRightsIsUnfit(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	execute(t, own.URL("postgres"), "create database a", "create database b", "create database c", "create database d", `create role "Weak Role" login`, "create role limited login connection limit 4")
	weak := func(name string) string { return with(t, own.URL(name), "user", "Weak Role") }
	execute(t, own.URL("a"), "create extension pg_trgm", "revoke create on schema public from public")
	finds(t, weak("a"), "rights", `GRANT CREATE ON SCHEMA public TO "Weak Role"`)
	execute(t, own.URL("b"), "grant create on schema public to public")
	finds(t, weak("b"), "extension", "run CREATE EXTENSION pg_trgm in the database b")
	execute(t, own.URL("b"), `grant create on database b to "Weak Role"`)
	fit(t, weak("b"))
	execute(t, own.URL("c"), "create extension pg_trgm", "drop schema public cascade")
	finds(t, weak("c"), "schema", `CREATE SCHEMA public AUTHORIZATION "Weak Role"`)
	execute(t, own.URL("d"), "create schema elsewhere", "create extension pg_trgm schema elsewhere")
	finds(t, own.URL("d"), "extension", "ALTER EXTENSION pg_trgm SET SCHEMA public")
	execute(t, own.URL("postgres"), "alter database d connection limit 5")
	execute(t, own.URL("d"), "alter extension pg_trgm set schema public", "grant create on schema public to public")
	finds(t, own.URL("d"), "connections", "ALTER DATABASE d CONNECTION LIMIT -1")
	execute(t, own.URL("postgres"), "alter database d connection limit -1")
	finds(t, with(t, own.URL("d"), "user", "limited"), "connections", "ALTER ROLE limited CONNECTION LIMIT -1")
}

func TestTablesOfAnotherRoleAreUnfit(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	own.Migrate()
	execute(t, own.URL("postgres"), "create role second login", "grant create on schema public to second")
	finds(t, with(t, own.URL("postgres"), "user", "second"), "owner", "run GRANT frontdesk TO second")
}

func TestAReadOnlyDatabaseIsUnfit(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	execute(t, own.URL("postgres"), "create database closed", "alter database closed set default_transaction_read_only = on")
	finds(t, own.URL("closed"), "readonly", "ALTER DATABASE closed SET default_transaction_read_only = off")
}

func TestAStandbyIsUnfit(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	tool := filepath.Join(own.Programs(), "pg_basebackup")
	if !exists(tool) {
		t.Skip("pg_basebackup is not installed beside this server")
	}
	dir, err := os.MkdirTemp(testdir.Parent(), "frontdesk-standby-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	who := own.Account()
	if err := os.Chown(dir, int(who.Uid), int(who.Gid)); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(own.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), tool, "-D", filepath.Join(dir, "postgres"), "-R", "-c", "fast", "-h", u.Query().Get("host"), "-U", u.Query().Get("user"))
	cmd.Dir, cmd.SysProcAttr = dir, asRootSwitch(who)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	standby, err := postgres.Start(t.Context(), postgres.Options{DataDir: dir, BinDir: own.Programs(), NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer standby.Stop(context.Background())
	found := unfit(t, standby.URL("postgres"))
	if len(found) != 1 {
		t.Fatalf("got %d elements, want 1: %+v", len(found), found)
	}
	if found[0].Name != "standby" {
		t.Errorf(`the name is %q, want "standby"`, found[0].Name)
	}
	if !strings.Contains(found[0].Sentence, "the primary server") {
		t.Errorf(`the sentence is %q, want it with "the primary server"`, found[0].Sentence)
	}
}

// exists reports whether there is a file at the path.
func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// asRootSwitch returns attributes that run a command as who if the test runs as root.
func asRootSwitch(who syscall.Credential) *syscall.SysProcAttr {
	if os.Geteuid() != 0 {
		return &syscall.SysProcAttr{}
	}
	return &syscall.SysProcAttr{Credential: &who}
}

func TestTheDatabaseOfAnotherProgramIsRefused(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	for name, c := range map[string]struct {
		tables []string
		says   string
	}{
		"prisma":  {[]string{`create table "User" (id int)`, `create table "Ticket" (id int)`, "create table _prisma_migrations (id int)"}, "frontdesk import --from"},
		"pushed":  {[]string{`create table "User" (id int)`, `create table "Ticket" (id int)`}, "the first system"},
		"goose":   {[]string{"create table goose_db_version (id int, version_id bigint)", "insert into goose_db_version values (1, 20240101)"}, "goose_db_version"},
		"users":   {[]string{"create table users (id int)"}, `"users"`},
		"a_type":  {[]string{"create type user_role as enum ('x')"}, `"user_role"`},
		"a_view":  {[]string{"create view tickets as select 1 as n"}, `"tickets"`},
		"routine": {[]string{"create function words(text) returns text language sql as 'select $1'"}, `"words"`},
	} {
		execute(t, own.URL("postgres"), "create database "+name)
		execute(t, own.URL(name), c.tables...)
		finds(t, own.URL(name), "foreign", c.says)
		pool, err := db.Open(t.Context(), own.URL(name), 2)
		if err != nil {
			t.Fatal(err)
		}
		err = db.Migrate(t.Context(), pool)
		if !errors.Is(err, db.ErrForeign) {
			t.Fatalf("%s: got the error %v, want %v", name, err, db.ErrForeign)
		}
		if !strings.Contains(err.Error(), "createdb") {
			t.Errorf(`%s: the error is %q, want a remedy with "createdb"`, name, err)
		}
		pool.Close()
	}
}

func TestAnInterruptedMigrationIsNotTakenForAnotherProgram(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	execute(t, own.URL("postgres"), "create table goose_db_version (id int generated by default as identity primary key, version_id bigint not null, is_applied boolean not null, tstamp timestamp not null default now())",
		"insert into goose_db_version (version_id, is_applied) values (0, true)")
	fit(t, own.URL("postgres"))
	own.Migrate()
	fit(t, own.URL("postgres"))
	execute(t, own.URL("postgres"), "insert into goose_db_version (version_id, is_applied) values (99999, true)")
	finds(t, own.URL("postgres"), "newer", "newer version")
}

func TestARoleWithAnotherClientEncodingStoresEveryText(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	execute(t, own.URL("postgres"), "alter role frontdesk set client_encoding = 'LATIN1'", "alter role frontdesk set timezone = 'Asia/Tokyo'", "alter role frontdesk set datestyle = 'German'")
	fit(t, own.URL("postgres"))
	pool, err := db.Open(t.Context(), own.URL("postgres"), 2)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	var bytes int
	if err := pool.QueryRow(t.Context(), "select octet_length($1::text)", "Ж日").Scan(&bytes); err != nil || bytes != 5 {
		t.Errorf("two characters have %d bytes (%v), want 5", bytes, err)
	}
}

func TestARoleThatMayNotUsePlpgsqlIsUnfit(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	execute(t, own.URL("postgres"), "create database plain", "create role weak login")
	execute(t, own.URL("plain"), "create extension pg_trgm", "grant create on schema public to weak", "revoke usage on language plpgsql from public")
	finds(t, with(t, own.URL("plain"), "user", "weak"), "language", "GRANT USAGE ON LANGUAGE plpgsql TO weak")
}

// The check waits for a locked table longer than the statement_timeout of the database.
func TestADatabaseWithAShortStatementTimeoutIsFit(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	own.Migrate()
	execute(t, own.URL("postgres"), "alter database postgres set statement_timeout = '1s'")
	lock, err := pgx.Connect(t.Context(), own.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close(context.Background())
	if _, err := lock.Exec(t.Context(), "begin; lock table goose_db_version in access exclusive mode"); err != nil {
		t.Fatal(err)
	}
	checked := make(chan struct{})
	go func() {
		defer close(checked)
		fit(t, own.URL("postgres"))
	}()
	eventually(t, "the check waits longer than the statement_timeout", func() bool {
		// A transaction reads pg_stat_activity once.
		if _, err := lock.Exec(t.Context(), "select pg_stat_clear_snapshot()"); err != nil {
			t.Fatal(err)
		}
		var waits bool
		if err := lock.QueryRow(t.Context(), `select exists (select from pg_stat_activity
			where wait_event_type = 'Lock' and clock_timestamp() - query_start > '1.2s')`).Scan(&waits); err != nil {
			t.Fatal(err)
		}
		return waits
	})
	if _, err := lock.Exec(t.Context(), "rollback"); err != nil {
		t.Fatal(err)
	}
	<-checked
}

func TestADatabaseWithBackslashesInStringsIsFit(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	execute(t, own.URL("postgres"), "create database old", "alter database old set standard_conforming_strings = off")
	fit(t, own.URL("old"))
}
