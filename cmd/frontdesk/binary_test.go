package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/db/dbtest"
)

// binary builds the program once, as it is released: without the race detector also if the tests have it.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "frontdesk-bin-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "frontdesk")
	built = true
	if err := os.Chmod(dir, 0o755); err != nil { // an ordinary user runs the program too
		return "", err
	}
	out, err := exec.Command("go", "build", "-race=false", "-ldflags=-s -w", "-o", path, "frontdesk/cmd/frontdesk").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	headlessShell.stop()
	wholeChromium.stop()
	if built {
		path, _ := binary()
		os.RemoveAll(filepath.Dir(path))
	}
	if copied {
		dir, _ := copies()
		os.RemoveAll(dir)
	}
	os.Exit(code)
}

// built reports whether a test has built the program.
var built bool

// copies makes the folder of the databases that tests copy.
var copies = sync.OnceValues(func() (string, error) {
	copied = true
	return dbtest.MakeFolder()
})

// copied reports whether a test has made the folder of copies.
var copied bool

// dataDir returns a folder that the unprivileged user of the database can enter. A database is made
// and copied in memory, where that takes a fraction of the processor time of a disk.
func dataDir(t *testing.T) string {
	t.Helper()
	return dbtest.DataFolder(t)
}

// migratedDir is dataDir with an embedded database that is migrated and stopped. Copying it takes a
// tenth of the time of a first start.
func migratedDir(t *testing.T) string {
	t.Helper()
	dir := dataDir(t)
	made, err := migratedDesk()
	if err != nil {
		t.Fatal(err)
	}
	copyDatabase(t, made, dir)
	return dir
}

// copyDatabase copies the stopped database of a data folder to another one.
func copyDatabase(t *testing.T, from, to string) {
	t.Helper()
	if out, err := exec.Command("cp", "-a", filepath.Join(from, "postgres"), to).CombinedOutput(); err != nil {
		t.Fatalf("copy a database: %v: %s", err, out)
	}
}

// migratedDesk makes the database of migratedDir in the folder of copies.
var migratedDesk = sync.OnceValues(func() (string, error) {
	path, err := binary()
	if err != nil {
		return "", err
	}
	parent, err := copies()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(parent, "migrated")
	cmd := exec.Command(path, "migrate")
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "DATA_DIR=" + dir}
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("migrate: %w: %s", err, out)
	}
	return dir, nil
})

// command returns a command of the program that has only these variables, PATH, HOME and
// PORT=0. It is killed after two minutes.
func command(t *testing.T, env []string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := binary()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH"), "HOME=" + os.Getenv("HOME"), "PORT=0"}, env...)
	return cmd
}

// running is a running program that serves a desk.
type running struct {
	cmd    *exec.Cmd
	url    string
	output string
	err    *bytes.Buffer
}

var readyLine = regexp.MustCompile(`ready at (http://\S+)`)

// serve starts a desk with these variables, and returns when it is ready.
func serve(t *testing.T, env ...string) *running {
	t.Helper()
	return started(t, command(t, env))
}

// started starts a command that serves a desk, and returns when it is ready.
func started(t *testing.T, cmd *exec.Cmd) *running {
	t.Helper()
	r := &running{cmd: cmd, err: &bytes.Buffer{}}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	r.cmd.Stderr = r.err
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.cmd.Process.Kill() })
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		r.output += lines.Text() + "\n"
		if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
			r.url = m[1]
			break
		}
	}
	if r.url == "" {
		_ = r.cmd.Wait()
		t.Fatalf("the program did not start: %s %s", r.output, r.err)
	}
	go func() {
		for lines.Scan() {
		}
	}()
	return r
}

// health fails the test if the desk is not ready.
func (r *running) health(t *testing.T) {
	t.Helper()
	resp, err := http.Get(r.url + "/ready")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		t.Errorf("not ready: %d", resp.StatusCode)
	}
}

// end sends a signal to the program and waits for its end. It fails the test if the
// program ends with an error, except after SIGKILL.
func (r *running) end(t *testing.T, sig syscall.Signal) {
	t.Helper()
	if err := r.cmd.Process.Signal(sig); err != nil {
		t.Fatal(err)
	}
	err := r.cmd.Wait()
	if sig != syscall.SIGKILL && err != nil {
		t.Errorf("the program ended with %v: %s", err, r.err)
	}
}

func TestTheProgramStartsWithoutDataStopsCleanlyAndRecoversFromAKill(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	first := serve(t, "DATA_DIR="+dir)
	first.health(t)
	first.end(t, syscall.SIGTERM)
	if _, err := os.Stat(filepath.Join(dir, "postgres", "postmaster.pid")); err == nil {
		t.Error("the database was not stopped")
	}
	second := serve(t, "DATA_DIR="+dir)
	second.health(t)
	second.end(t, syscall.SIGKILL)
	third := serve(t, "DATA_DIR="+dir)
	third.health(t)
	third.end(t, syscall.SIGINT)
	info, err := os.Stat(filepath.Join(dir, "jwt-secret"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the secret: %v, %v", info, err)
	}
}

func TestTwoProgramsCannotShareADataFolder(t *testing.T) {
	t.Parallel()
	dir := migratedDir(t)
	first := serve(t, "DATA_DIR="+dir)
	refused(t, []string{"DATA_DIR=" + dir}, "another Frontdesk is running")
	first.end(t, syscall.SIGTERM)
}

// refused runs the program and fails the test unless it exits with 1 and prints one line that
// contains says.
func refused(t *testing.T, env []string, message string) {
	t.Helper()
	cmd := command(t, env)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	err := cmd.Run()
	line := strings.TrimSpace(stderr.String())
	if got := cmd.ProcessState.ExitCode(); got != 1 {
		t.Errorf("%v: the exit code is %d, want 1: %v", env, got, err)
	}
	if !strings.Contains(line, message) {
		t.Errorf("%v: the line is %q, want it with %q", env, line, message)
	}
	if strings.Contains(line, "\n") {
		t.Errorf("%v: the line is %q, want it without %q", env, line, "\n")
	}
}

func TestAnErrorAtStartIsPrintedInOneLine(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	dir := dataDir(t)
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(dir, "missing"), link); err != nil {
		t.Fatal(err)
	}
	data := "DATA_DIR=" + dir
	for _, c := range []struct {
		message string
		env     []string
	}{
		{"is in use", []string{data, fmt.Sprintf("PORT=%d", l.Addr().(*net.TCPAddr).Port)}},
		{"cannot be reached", []string{data, "DATABASE_URL=postgres://u:s3cret@127.0.0.1:1/x"}},
		{"cannot be read", []string{data, "DATABASE_URL=nonsense://"}},
		{"are used as well: PGCONNECT_TIMEOUT", []string{data, "DATABASE_URL=postgres://u:s3cret@127.0.0.1:1/x", "PGCONNECT_TIMEOUT=abc"}},
		{"are used as well: PGSERVICE", []string{data, "DATABASE_URL=postgres://u:s3cret@127.0.0.1:1/x", "PGSERVICE=none"}},
		{"cannot write to", []string{"DATA_DIR=" + filepath.Join(file, "below")}},
		{"a link to a folder that does not exist", []string{"DATA_DIR=" + link}},
		{"JWT_SECRET is a published example", []string{data, "JWT_SECRET=replace-with-a-long-random-string"}},
		{"JWT_SECRET has 5 bytes", []string{data, "JWT_SECRET=short"}},
		{"ADMIN_PASSWORD is a published example", []string{data, "ADMIN_EMAIL=a@example.org", "ADMIN_PASSWORD=AdminPass123!"}},
		{"ADMIN_PASSWORD is a published example", []string{data, "ADMIN_EMAIL=a@example.org", "ADMIN_PASSWORD=AdminPass12025!"}},
		{"TIMEZONE", []string{data, "TIMEZONE=Mars/Olympus"}},
		{"TRUSTED_PROXIES", []string{data, "TRUSTED_PROXIES=everybody"}},
		{"is not a limit", []string{data, "LIMIT_TICKETS=many"}},
	} {
		refused(t, c.env, c.message)
	}
}

func TestVariablesOfOtherDatabasesDoNotReachTheEmbeddedOne(t *testing.T) {
	t.Parallel()
	output := run(t, []string{"DATA_DIR=" + dataDir(t), "PGOPTIONS=-c nonsense=1", "PGSERVICE=none", "PGTARGETSESSIONATTRS=standby", "PGMINPROTOCOLVERSION=9", "PGCHANNELBINDING=require", "PGCONNECT_TIMEOUT=abc", "PGTZ=Mars"}, "seed")
	if !strings.Contains(output, "The first admin is") {
		t.Errorf("got %q, want the first admin", output)
	}
}
