package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"frontdesk/db/dbtest"
)

func TestADeskIsBackedUpWhileItServesAndRestoredElsewhere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	from := []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=" + dbtest.NewURL(t)}
	to := []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=" + dbtest.NewURL(t)}
	archive := filepath.Join(dir, "desk.tar.zst")
	run(t, from, "user", "add", "ann@example.org", "--name", "Ann")
	served := serve(t, from...)
	run(t, from, "backup", archive)
	if status := exitStatus(t, from, "backup", archive); status != 1 {
		t.Errorf("over a file: exit status %d, want 1", status)
	}
	run(t, from, "backup", "--keep", "7d4w", dir)
	served.end(t, syscall.SIGTERM)
	if kept, err := filepath.Glob(filepath.Join(dir, "frontdesk-*.tar.zst")); err != nil || len(kept) != 1 {
		t.Errorf("the folder has %q (%v), want one backup with a time", kept, err)
	}
	if output := run(t, nil, "verify", archive); !strings.Contains(output, "complete and unchanged") {
		t.Errorf("verify printed %q", output)
	}
	run(t, to, "restore", archive)
	if output := run(t, to, "user", "list"); !strings.Contains(output, "ann@example.org\tAnn") {
		t.Errorf("the restored desk has the users %q", output)
	}
	run(t, to, "verify")
	out, err := command(t, to, "restore", archive).CombinedOutput()
	if err == nil {
		t.Fatalf("a second restore: got no error, want one: %s", out)
	}
	if !strings.Contains(string(out), "into an empty desk only") {
		t.Errorf(`a second restore: got %q, want it with "into an empty desk only"`, string(out))
	}
	secret := func(env []string) string {
		body, err := os.ReadFile(filepath.Join(strings.TrimPrefix(env[0], "DATA_DIR="), "jwt-secret"))
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	if secret(from) != secret(to) {
		t.Error("the restored desk has another key of API tokens")
	}
}

func TestADamagedBackupHasAnExitStatusOfItsOwn(t *testing.T) {
	t.Parallel()
	env := []string{"DATA_DIR=" + dataDir(t), "DATABASE_URL=" + dbtest.NewURL(t)}
	archive := filepath.Join(t.TempDir(), "desk.tar.zst")
	run(t, env, "seed")
	run(t, env, "backup", archive)
	info, err := os.Stat(archive)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(archive, info.Size()-20); err != nil {
		t.Fatal(err)
	}
	if status := exitStatus(t, nil, "verify", archive); status != 2 {
		t.Errorf("a damaged backup: exit status %d, want 2", status)
	}
	if status := exitStatus(t, nil, "verify", archive+".missing"); status != 1 {
		t.Errorf("no backup: exit status %d, want 1", status)
	}
}

// exitStatus runs a command that fails, and returns its exit status.
func exitStatus(t *testing.T, env []string, args ...string) int {
	t.Helper()
	out, err := command(t, env, args...).CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("%v: %v: %s", args, err, out)
	}
	return exit.ExitCode()
}
