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
	env := []string{"DATA_DIR=" + dataDir(t)}
	served := serve(t, env...)
	if said := run(t, env, "user", "add", "ann@example.org", "--name", "Ann"); !strings.Contains(said, "ann@example.org can sign in with the password ") {
		t.Errorf("add: %s", said)
	}
	run(t, env, "user", "admin", "ANN@example.org")
	run(t, env, "user", "password", "ann@example.org")
	if said := run(t, env, "user", "list"); !strings.Contains(said, "ann@example.org\tAnn\tadmin\n") {
		t.Errorf("list: %s", said)
	}
	out, err := command(t, env, "user", "add", "zoe@example.org", "--name", "Zoë\x1b[2J\tadmin").CombinedOutput()
	if err == nil || !strings.Contains(string(out), "characters that cannot be shown") {
		t.Errorf("add, with a terminal control character in the name: got %v, %q, want it refused", err, out)
	}
	out, err = command(t, env, "user", "password", "nobody@example.org").CombinedOutput()
	if err == nil || string(out) != "frontdesk: there is no account with the address nobody@example.org\n" {
		t.Errorf("%v: %s", err, out)
	}
	served.health(t)
	served.end(t, syscall.SIGTERM)
	if said := run(t, env, "user", "list"); !strings.Contains(said, "ann@example.org") {
		t.Errorf("while the server is stopped: %s", said)
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
	if said := run(t, env, "migrate"); !strings.Contains(said, `duplicate identifiers`) || !strings.Contains(said, `ana\\u200b@example.org`) {
		t.Errorf("migrate printed %q", said)
	}
	if said := run(t, env, "user", "list"); !strings.Contains(said, "\tAna\tcustomer\tanother spelling of") {
		t.Errorf("user list printed %q", said)
	}
}

func TestTheFirstAdminsPasswordIsPrintedOnce(t *testing.T) {
	t.Parallel()
	env := []string{"DATA_DIR=" + dataDir(t)}
	const says = "The first admin is admin@example.com with the password "
	if said := run(t, env, "seed"); !strings.Contains(said, says) {
		t.Errorf("the first run: %s", said)
	}
	if said := run(t, env, "seed"); strings.Contains(said, "password") {
		t.Errorf("the second run: %s", said)
	}
}

func TestTheDemoPrintsWhoCanSignInAndWhere(t *testing.T) {
	t.Parallel()
	said := run(t, []string{"DATA_DIR=" + dataDir(t), "PORT=4321"}, "seed", "--demo")
	for _, want := range []string{"http://127.0.0.1:4321", "priya@lindqvist.example", "ana.kovac@example.org", "password "} {
		if !strings.Contains(said, want) {
			t.Errorf("seed --demo printed %q without %q", said, want)
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
