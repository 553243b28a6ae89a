package main

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/db/dbtest"
)

// database creates a database on the server of a test, runs statements there, and returns its
// URL.
func database(t *testing.T, own *dbtest.Own, name, as string, statements ...string) string {
	t.Helper()
	execute(t, own.URL("postgres"), "create database "+name+" template template0 "+as)
	execute(t, own.URL(name), statements...)
	return own.URL(name)
}

// execute executes SQL statements in the database at the address.
func execute(t *testing.T, address string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	for _, sql := range statements {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

func TestAnUnfitDatabaseIsRefusedAtTheStart(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	data := "DATA_DIR=" + dataDir(t)
	latin := database(t, own, "latin", "encoding 'LATIN1' locale 'C'")
	prisma := database(t, own, "prisma", "", `create table "User" (id int)`, `create table "Ticket" (id int)`, "create table _prisma_migrations (id int)")
	refused(t, []string{data, "DATABASE_URL=" + latin}, "createdb -E UTF8 -T template0")
	refused(t, []string{data, "DATABASE_URL=" + prisma}, "frontdesk import --from URL --uploads DIR")
	for _, args := range [][]string{{"migrate"}, {"seed"}, {"user", "list"}} {
		out, err := command(t, []string{data, "DATABASE_URL=" + prisma}, args...).CombinedOutput()
		if err == nil {
			t.Fatalf("%v: got no error, want one: %s", args, out)
		}
		if !strings.Contains(string(out), "the first system") {
			t.Errorf(`%v: got %q, want it with "the first system"`, args, string(out))
		}
	}
}

func TestTheCheckPrintsEveryFindingAndChangesNothing(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	data := "DATA_DIR=" + dataDir(t)
	if output := run(t, []string{data, "DATABASE_URL=" + own.URL("postgres")}, "migrate", "--check"); !strings.HasSuffix(output, "The database is fit.\n") {
		t.Errorf("a fit database: %s", output)
	}
	unfit := database(t, own, "two", "encoding 'UTF8' locale 'C'", "create table users (n int)")
	cmd := command(t, []string{data, "DATABASE_URL=" + unfit}, "migrate", "--check")
	out, _ := cmd.CombinedOutput()
	code := cmd.ProcessState.ExitCode()
	if code != 1 {
		t.Errorf("two findings: the code is %d, want 1", code)
	}
	if !strings.HasPrefix(string(out), "locale: ") {
		t.Errorf(`two findings: got %q, want the prefix "locale: "`, string(out))
	}
	if !strings.Contains(string(out), "\nforeign: ") {
		t.Errorf("two findings: got %q, want it with %q", string(out), "\nforeign: ")
	}
	execute(t, own.URL("postgres"), "drop database two", "do $$ begin if to_regclass('users') is not null then raise 'a table was made'; end if; end $$")
}

func TestTheCheckOfThePrivateDatabaseFindsItFit(t *testing.T) {
	t.Parallel()
	if output := run(t, []string{"DATA_DIR=" + dataDir(t)}, "migrate", "--check"); output != "The database is fit.\n" {
		t.Errorf("got %s", output)
	}
}
