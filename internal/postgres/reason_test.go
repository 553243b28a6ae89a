package postgres

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// fails starts a cluster that cannot start, and fails the test unless the error contains all
// the given texts.
func fails(t *testing.T, dir string, says ...string) {
	t.Helper()
	c, err := Start(t.Context(), Options{DataDir: dir, NoSync: true})
	if err == nil {
		stop(t, c)
		t.Fatal("the cluster started")
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%q is missing in: %v", s, err)
		}
	}
}

func TestAServerThatDoesNotStartReportsTheReasonAndTheRemedy(t *testing.T) {
	t.Parallel()
	for what, c := range map[string]struct {
		spoil func(t *testing.T, data string)
		says  []string
	}{
		"a setting that is none": {func(t *testing.T, data string) {
			appendTo(t, filepath.Join(data, "postgresql.conf"), "no_such_setting = 1\n")
		},
			[]string{"no_such_setting", "postgresql.conf"}},
		"a damaged file": {func(t *testing.T, data string) { remove(t, filepath.Join(data, "global", "pg_control")) },
			[]string{"pg_control", "restore them from a backup", "postgres"}},
		"no log of changes": {func(t *testing.T, data string) { remove(t, filepath.Join(data, "pg_wal")) },
			[]string{"pg_wal", "the whole log is in"}},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			dir := folder(t)
			stop(t, start(t, Options{DataDir: dir}))
			c.spoil(t, filepath.Join(dir, "postgres"))
			fails(t, dir, append(c.says, dir)...)
		})
	}
}

// appendTo appends text to a file.
func appendTo(t *testing.T, path, text string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// remove removes a file or a directory.
func remove(t *testing.T, path string) {
	t.Helper()
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
}

func TestAFolderWithOtherFilesIsNamed(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	if err := os.MkdirAll(filepath.Join(dir, "postgres", "photos"), 0o755); err != nil {
		t.Fatal(err)
	}
	fails(t, dir, filepath.Join(dir, "postgres"), "holds files, but no database")
}

func TestAFolderThatOthersMayEnterIsClosed(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	stop(t, start(t, Options{DataDir: dir}))
	if err := os.Chmod(filepath.Join(dir, "postgres"), 0o777); err != nil {
		t.Fatal(err)
	}
	stop(t, start(t, Options{DataDir: dir}))
}

func TestTheReasonIsTheFatalLine(t *testing.T) {
	t.Parallel()
	for out, want := range map[string]string{
		"2026-11-26 14:07:30.805 UTC [1] LOG:  starting\n2026-11-26 UTC [1] FATAL:  could not create lock file\n2026-11-26 UTC [1] LOG:  database system is shut down\n": "could not create lock file",
		"x LOG:  a\nx FATAL:  the database system is starting up\nx PANIC:  broken\nx LOG:  ready to accept connections":                                                 "broken",
		"initdb: error: could not look up effective user ID 12345: user does not exist\n":                                                                                "could not look up effective user ID 12345: user does not exist",
		"something else\nthe last\n": "the last",
	} {
		if got := reasonIn([]byte(out)); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// A container may run the program with any user ID.
func TestAUserWithoutAPasswdEntryGetsAnExplanation(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can become a user that does not exist")
	}
	const uid = 54321
	dir := folder(t)
	if err := os.Chown(dir, uid, uid); err != nil {
		t.Fatal(err)
	}
	self, err := program()
	if err != nil {
		t.Fatal(err)
	}
	none := &owner{uid: uid, gid: uid}
	cmd := none.command(t.Context(), "/", self, "-test.run", "^TestChildStartsInTheGivenFolder$", "-test.v")
	cmd.Env = append(cmd.Env, givenFolder+"="+dir)
	out, _ := cmd.CombinedOutput()
	for _, says := range []string{"could not look up effective user ID 54321", "/etc/passwd", "frontdesk:x:54321:54321:", "DATABASE_URL"} {
		if !strings.Contains(string(out), says) {
			t.Errorf("%q is missing in: %s", says, out)
		}
	}
}

const givenFolder = "FRONTDESK_TEST_FOLDER"

// TestChildStartsInTheGivenFolder is run by other tests, as other users.
func TestChildStartsInTheGivenFolder(t *testing.T) {
	dir := os.Getenv(givenFolder)
	if dir == "" {
		t.Skip("run by other tests")
	}
	stop(t, start(t, Options{DataDir: dir}))
}

func TestFilesOfAnotherUserAreNamedWithTheCommandThatGivesThemBack(t *testing.T) {
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files away")
	}
	dir := folder(t)
	stop(t, start(t, Options{DataDir: dir}))
	data := filepath.Join(dir, "postgres")
	err := filepath.WalkDir(data, func(path string, _ os.DirEntry, err error) error {
		if err == nil {
			err = syscall.Chown(path, 54321, 54321)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	fails(t, dir, "chown -R", data)
}
