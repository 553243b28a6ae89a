package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/db/dbtest"
)

// firstSystem creates a database of the first system with the given number of tickets and
// without files. It returns its URL.
func firstSystem(t *testing.T, tickets string) string {
	t.Helper()
	url := dbtest.NewURL(t)
	execute(t, url, "drop schema public cascade; create schema public")
	for _, name := range []string{"source.sql", "large.sql"} {
		sql, err := os.ReadFile(filepath.Join("../../internal/importer/testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		execute(t, url, strings.ReplaceAll(string(sql), ":tickets", tickets))
	}
	return url
}

// interrupted runs an import until the first tickets are committed, and then sends it a
// signal. It returns the output and the error.
func interrupted(t *testing.T, signal os.Signal, cmd *exec.Cmd) (output string, err error) {
	t.Helper()
	out, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var printed strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		printed.WriteString(lines.Text() + "\n")
		if strings.HasPrefix(lines.Text(), "tickets: ") {
			_ = cmd.Process.Signal(signal) // the import may have ended
		}
	}
	err = cmd.Wait()
	return printed.String(), err
}

func TestAKilledImportContinuesAndEndsOnce(t *testing.T) {
	t.Parallel()
	const tickets = 1600
	desk, dir := dbtest.NewURL(t), dataDir(t)
	env := []string{"DATA_DIR=" + dir, "DATABASE_URL=" + desk}
	args := []string{"import", "--from", firstSystem(t, "1600"), "--uploads", t.TempDir(), "--report", filepath.Join(dir, "report.csv")}
	if output := run(t, env, append(args, "--dry-run")...); !strings.Contains(output, "Dry run, in") || !strings.Contains(output, "ticket           1600 imported") {
		t.Errorf("the dry run printed %s", output)
	}
	for _, c := range []struct {
		signal  os.Signal
		message string
	}{{syscall.SIGKILL, "tickets: "}, {syscall.SIGINT, "run the same command again to continue"}} {
		if output, err := interrupted(t, c.signal, command(t, env, args...)); err == nil || !strings.Contains(output, c.message) {
			t.Errorf("after %v: got %v, %q, want an error and %q", c.signal, err, output, c.message)
		}
	}
	output := run(t, env, args...)
	for _, want := range []string{"The import is finished", "ticket           1600 imported", "comment          6400 imported", "attachment          0 imported, 0 of them changed; 200 not imported"} {
		if !strings.Contains(output, want) {
			t.Errorf("it printed %s without %q", output, want)
		}
	}
	if output := run(t, env, args...); !strings.Contains(output, "nothing was changed now") {
		t.Errorf("the second run printed %s", output)
	}
	conn, err := pgx.Connect(t.Context(), desk)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var stored, events int
	if err := conn.QueryRow(t.Context(), "select (select count(*) from tickets), (select count(*) from ticket_events)").Scan(&stored, &events); err != nil {
		t.Fatal(err)
	}
	if stored != tickets || events != 9*tickets {
		t.Errorf("got %d tickets with %d events, want %d with %d", stored, events, tickets, 9*tickets)
	}
}

func TestAnImportRunsBesideADeskThatIsServed(t *testing.T) {
	t.Parallel()
	dir := migratedDir(t)
	env := []string{"DATA_DIR=" + dir}
	served := serve(t, env...)
	output := run(t, env, "import", "--from", firstSystem(t, "100"), "--uploads", t.TempDir(), "--report", filepath.Join(dir, "report.csv"))
	for _, want := range []string{"account             1 imported", "the account admin@example.com of this desk has a new id", "ticket            100 imported"} {
		if !strings.Contains(output, want) {
			t.Errorf("it printed %s without %q", output, want)
		}
	}
	served.health(t)
	if output := run(t, env, "user", "list"); !strings.Contains(output, "user500@example.org\tUser 500\tcustomer") {
		t.Errorf("user list printed %s", output)
	}
}
