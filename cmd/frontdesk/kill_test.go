package main

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
)

// killable builds the program with the tag killpoints once. It is removed with [binary].
var killable = sync.OnceValues(func() (string, error) {
	path, err := binary()
	if err != nil {
		return "", err
	}
	path += "-killable"
	out, err := exec.Command("go", "build", "-race=false", "-ldflags=-s -w", "-tags", "killpoints", "-o", path, "frontdesk/cmd/frontdesk").CombinedOutput()
	if err != nil {
		return "", errors.New(string(out))
	}
	return path, nil
})

// killableCommand returns a command of the program that stops at a killpoint.
func killableCommand(t *testing.T, env []string, point string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := killable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := command(t, append(env, "KILLPOINT="+point), args...)
	cmd.Path = path
	return cmd
}

// steps runs a command that succeeds, and returns the names of its killpoints. Of those that each
// table has, it returns only the one of the table users: they differ in nothing else.
func steps(t *testing.T, env []string, args ...string) (names []string) {
	t.Helper()
	out, err := killableCommand(t, env, "*", args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v: %s", args, err, out)
	}
	for line := range strings.Lines(string(out)) {
		name, ok := strings.CutPrefix(strings.TrimSpace(line), "killpoint: ")
		_, table, each := strings.Cut(name, " table ")
		isOfAnotherTable := each && table != "users"
		if ok && !isOfAnotherTable && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	if len(names) < 5 {
		t.Fatalf("%v has the killpoints %q, want more", args, names)
	}
	return names
}

// held is a command that waits at a killpoint.
type held struct {
	t    *testing.T
	cmd  *exec.Cmd
	free io.Closer // ends the wait
	rest *bufio.Reader
}

// hold starts a command and returns when it waits at the killpoint.
func hold(t *testing.T, env []string, point string, args ...string) held {
	t.Helper()
	h := held{t: t, cmd: killableCommand(t, env, point, args...)}
	stdin, err := h.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	h.free = stdin
	stderr, err := h.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := h.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	h.rest = bufio.NewReader(stderr)
	var output strings.Builder
	for {
		line, err := h.rest.ReadString('\n')
		if strings.TrimSpace(line) == "killpoint: "+point {
			return h
		}
		output.WriteString(line)
		if err != nil {
			t.Fatalf("%v ended before %q: %s", args, point, output.String())
		}
	}
}

// kill kills the command.
func (h held) kill() {
	h.t.Helper()
	if err := h.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		h.t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, h.rest)
	if err := h.cmd.Wait(); err == nil {
		h.t.Error("the command was not killed")
	}
}

// finish lets the command continue, and returns its error and what it prints to standard error.
func (h held) finish() (string, error) {
	h.t.Helper()
	if err := h.free.Close(); err != nil {
		h.t.Fatal(err)
	}
	output, err := io.ReadAll(h.rest)
	if err != nil {
		h.t.Fatal(err)
	}
	return string(output), h.cmd.Wait()
}

// newDesk returns the environment of a desk in a database of its own. It has a ticket with a
// file of random bytes of the given size.
func newDesk(t *testing.T, fileSize int) []string {
	t.Helper()
	env := emptyDesk(t)
	fillDesk(t, value(env, "DATA_DIR"), value(env, "DATABASE_URL"), fileSize)
	return env
}

// emptyDesk returns the environment of an empty desk in a database of its own.
func emptyDesk(t *testing.T) []string {
	t.Helper()
	return []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=" + dbtest.NewURL(t), "LOG_LEVEL=ERROR"} // no warning of fsync, which is off in tests
}

// value returns the value of a variable of an environment.
func value(env []string, name string) string {
	for _, e := range env {
		if v, ok := strings.CutPrefix(e, name+"="); ok {
			return v
		}
	}
	return ""
}

// fillDesk adds a customer, a ticket with a file of random bytes, and a key of API tokens.
func fillDesk(t *testing.T, dir, url string, fileSize int) {
	t.Helper()
	pool, err := db.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	files, err := blob.OpenFolder(filepath.Join(dir, "uploads"))
	if err != nil {
		t.Fatal(err)
	}
	defer files.Close()
	ana := account.Actor{Username: "Ana", Email: "ana@example.org", Role: account.RoleCustomer}
	if ana.ID, err = db.New(pool).CreateUser(t.Context(), db.CreateUserParams{Username: ana.Username, Email: ana.Email, PasswordHash: "-", Role: ana.Role}); err != nil {
		t.Fatal(err)
	}
	d := desk.New(pool, desk.Options{Blobs: files, MaxUpload: int64(fileSize) + 1})
	random := rand.NewChaCha8([32]byte{1})
	if _, err := d.Files.Stage(t.Context(), ana, "form", "noise.bin", io.LimitReader(random, int64(fileSize))); err != nil {
		t.Fatal(err)
	}
	in := desk.TicketInput{Subject: "The rear light", Description: "It went out", Category: "Billing", Priority: "High", SubmissionID: "form"}
	if _, err := d.Tickets.Open(t.Context(), ana, in); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "jwt-secret"), []byte(strings.Repeat("a key ", 8)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// migrated migrates a database.
func migrated(t *testing.T, url string) {
	t.Helper()
	pool, err := db.Open(t.Context(), url, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := db.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
}
