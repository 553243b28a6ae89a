package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// interrupt sends SIGTERM to a command that waits at a killpoint, lets it continue, and returns its
// exit status and what it prints to standard error.
func (h held) interrupt() (status int, output string) {
	h.t.Helper()
	if err := h.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		h.t.Fatal(err)
	}
	output, err := h.finish()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		h.t.Fatal(err)
	}
	return h.cmd.ProcessState.ExitCode(), output
}

// wantInterrupted fails the test unless the command says that it was interrupted.
func wantInterrupted(t *testing.T, h held) {
	t.Helper()
	status, output := h.interrupt()
	if status != statusInterrupted {
		t.Errorf("%v: exit status %d, want %d", h.cmd.Args[1:], status, statusInterrupted)
	}
	if !strings.Contains(output, "frontdesk: interrupted") { // the reason of a closed connection may follow
		t.Errorf("%v printed %q, want that it was interrupted", h.cmd.Args[1:], output)
	}
}

func TestAnInterruptedBackupSaysSoAndLeavesNoFile(t *testing.T) {
	t.Parallel()
	env := newDesk(t, 1<<20)
	to := filepath.Join(t.TempDir(), "desk.tar.zst")
	wantInterrupted(t, hold(t, env, "write table users", "backup", "-"))
	wantInterrupted(t, hold(t, env, "write table users", "backup", to))
	for _, path := range []string{to, to + ".part"} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is left", path)
		}
	}
}

func TestAnInterruptedVerifySaysSo(t *testing.T) {
	t.Parallel()
	env := newDesk(t, 1000)
	wantInterrupted(t, hold(t, env, steps(t, env, "verify")[0], "verify"))
}

func TestAnInterruptedRestoreSaysSoAndTheDeskIsNotUsedBeforeItIsRepeated(t *testing.T) {
	t.Parallel()
	from, to := newDesk(t, 1<<20), emptyDesk(t)
	archive := filepath.Join(t.TempDir(), "desk.tar.zst")
	run(t, from, "backup", archive)
	wantInterrupted(t, hold(t, to, "restore table users", "restore", archive))
	refusedToServe(t, to, "restore table users", archive)
	if out, _ := command(t, to, "doctor").Output(); !strings.Contains(string(out), "the restore of "+archive+" was interrupted") {
		t.Errorf("doctor printed %s, want the interrupted restore", out)
	}
	run(t, to, "restore", archive)
	run(t, to, "verify")
}

func TestAFailedRestoreKeepsTheMarkOfAnInterruptedOne(t *testing.T) {
	t.Parallel()
	from, to := newDesk(t, 1000), emptyDesk(t)
	archive := filepath.Join(t.TempDir(), "desk.tar.zst")
	run(t, from, "backup", archive)
	hold(t, to, "restore table users", "restore", archive).kill()
	body, err := os.ReadFile(archive)
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(t.TempDir(), "half.tar.zst")
	if err := os.WriteFile(half, body[:len(body)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := command(t, to, "restore", half).CombinedOutput(); err == nil {
		t.Errorf("half an archive was restored: %s", out)
	}
	refusedToServe(t, to, "restore table users", archive)
}

func TestAServerThatIsToldToStopDuringItsStartEndsWithSuccess(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	makeOldDesk(t, dir)
	if status, output := hold(t, []string{"DATA_DIR=" + dir}, "write table users", "serve").interrupt(); status != 0 {
		t.Errorf("exit status %d, want 0: %s", status, output)
	}
}
