package main

import (
	"os"
	"strings"
	"syscall"
	"testing"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// run runs a command and returns its output.
func run(t *testing.T, env []string, args ...string) string {
	t.Helper()
	out, err := command(t, env, args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v: %s", args, err, out)
	}
	return string(out)
}

func TestAccountsAreManagedWhileTheServerRuns(t *testing.T) {
	t.Parallel()
	env := []string{"DATA_DIR=" + migratedDir(t)}
	served := serve(t, env...)
	if output := run(t, env, "user", "add", "ann@example.org", "--name", "Ann"); !strings.Contains(output, "ann@example.org can sign in with the password ") {
		t.Errorf("add: %s", output)
	}
	run(t, env, "user", "admin", "ANN@example.org")
	run(t, env, "user", "password", "ann@example.org")
	if output := run(t, env, "user", "list"); !strings.Contains(output, "ann@example.org\tAnn\tadmin\n") {
		t.Errorf("list: %s", output)
	}
	out, err := command(t, env, "user", "add", "zoe@example.org", "--name", "Zoë\x1b[2J\tadmin").CombinedOutput()
	if err == nil {
		t.Fatalf("add, with a terminal control character in the name: got no error, want one: %s", out)
	}
	if !strings.Contains(string(out), "characters that cannot be shown") {
		t.Errorf(`add, with a terminal control character in the name: got %q, want it with "characters that cannot be shown"`, string(out))
	}
	out, err = command(t, env, "user", "password", "nobody@example.org").CombinedOutput()
	if err == nil {
		t.Fatalf("got no error, want one: %s", out)
	}
	if string(out) != "frontdesk: there is no account with the address nobody@example.org\n" {
		t.Errorf("the output is %q, want %q", string(out), "frontdesk: there is no account with the address nobody@example.org\n")
	}
	served.health(t)
	served.end(t, syscall.SIGTERM)
	if output := run(t, env, "user", "list"); !strings.Contains(output, "ann@example.org") {
		t.Errorf("while the server is stopped: %s", output)
	}
}

func TestListsContainNoTerminalControlCharacters(t *testing.T) {
	t.Parallel()
	if got, want := printable("Zoë\x1b[2J\tadmin"), "Zoë\ufffd[2J\ufffdadmin"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestMigratingReportsIdentifiersThatDifferOnlyInSpelling(t *testing.T) {
	t.Parallel()
	url := dbtest.NewURL(t)
	pool, err := db.Open(t.Context(), url, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	for _, email := range []string{"ana@example.org", "ana\u200b@example.org"} {
		if _, err := pool.Exec(t.Context(), "insert into users (username, email, password_hash) values ('Ana', $1, '-')", email); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=" + url}
	output := run(t, env, "migrate")
	if !strings.Contains(output, `duplicate identifiers`) {
		t.Errorf(`the output is %q, want it with "duplicate identifiers"`, output)
	}
	if !strings.Contains(output, `ana\\u200b@example.org`) {
		t.Errorf("the output is %q, want it with %q", output, `ana\\u200b@example.org`)
	}
	if output := run(t, env, "user", "list"); !strings.Contains(output, "\tAna\tcustomer\tanother spelling of") {
		t.Errorf("user list printed %q", output)
	}
}

func TestTheFirstAdminsPasswordIsPrintedOnce(t *testing.T) {
	t.Parallel()
	env := emptyDesk(t)
	const message = "The first admin is admin@example.com with the password "
	if output := run(t, env, "seed"); !strings.Contains(output, message) {
		t.Errorf("the first run: %s", output)
	}
	if output := run(t, env, "seed"); strings.Contains(output, "password") {
		t.Errorf("the second run: %s", output)
	}
}

func TestTheDemoPrintsWhoCanSignInAndWhere(t *testing.T) {
	t.Parallel()
	output := run(t, append(emptyDesk(t), "PORT=4321"), "seed", "--demo")
	for _, want := range []string{"http://127.0.0.1:4321", "priya@lindqvist.example", "ana.kovac@example.org", "password "} {
		if !strings.Contains(output, want) {
			t.Errorf("seed --demo printed %q without %q", output, want)
		}
	}
}

func TestAnOrdinaryUserRunsTheProgram(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("the test already runs as an ordinary user")
	}
	dir := dataDir(t)
	const nobody = 65534
	if err := os.Chown(dir, nobody, nobody); err != nil {
		t.Fatal(err)
	}
	cmd := command(t, []string{"DATA_DIR=" + dir}, "seed")
	cmd.Dir = "/"
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	if out, err := cmd.CombinedOutput(); err != nil || !strings.Contains(string(out), "The first admin is") {
		t.Errorf("%v: %s", err, out)
	}
}
