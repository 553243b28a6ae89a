package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestARestoreKilledInAnyStepIsRepeatedAndTheDeskIsNotUsedBefore(t *testing.T) {
	t.Parallel()
	from := newDesk(t, 1<<20)
	archive := filepath.Join(t.TempDir(), "desk.tar.zst")
	run(t, from, "backup", archive)
	to := emptyDesk(t)
	begun, committed := false, false
	for _, point := range steps(t, emptyDesk(t), "restore", archive) {
		committed = committed || point == "rows committed"
		hold(t, to, point, "restore", archive).kill()
		switch {
		case committed:
			run(t, to, "verify")
			restoreAgain(t, to, archive, point == "rows committed")
			to = emptyDesk(t)
		case begun:
			refusedToServe(t, to, point, archive)
		}
		begun = begun || point == "restore begun"
	}
	if !begun {
		t.Fatal("the killpoints are incomplete: begun is false, want true")
	}
	if !committed {
		t.Fatal("the killpoints are incomplete: committed is false, want true")
	}
}

// refusedToServe fails the test unless the commands that use a desk are refused with advice
// after an interrupted restore.
func refusedToServe(t *testing.T, env []string, point, archive string) {
	t.Helper()
	for _, args := range [][]string{nil, {"verify"}, {"backup", archive + ".new"}, {"seed"}} {
		out, err := command(t, env, args...).CombinedOutput()
		if err == nil {
			t.Fatalf("killed at %q: got no error, want one: %s", point, out)
		}
		if !strings.Contains(string(out), "the restore of "+archive+" was interrupted, and the desk is still empty: run frontdesk restore again, or delete ") {
			t.Errorf("killed at %q: got %q, want it with %q", point, string(out), "the restore of "+archive+" was interrupted, and the desk is still empty: run frontdesk restore again, or delete ")
		}
	}
}

// restoreAgain repeats a restore whose rows were committed. If its mark is left, the restore says
// that it is complete; otherwise the desk is in use.
func restoreAgain(t *testing.T, env []string, archive string, marked bool) {
	t.Helper()
	if !marked {
		if status := exitStatus(t, env, "restore", archive); status != 1 {
			t.Errorf("a restore into the restored desk has the exit status %d, want 1", status)
		}
	}
	run(t, env, "verify")
	served := serve(t, env...)
	served.health(t)
	served.end(t, syscall.SIGTERM)
}

func TestARestoreThatWasKilledAfterTheCommitIsCompletedByTheNext(t *testing.T) {
	t.Parallel()
	from, to := newDesk(t, 1000), emptyDesk(t)
	archive := filepath.Join(t.TempDir(), "desk.tar.zst")
	run(t, from, "backup", archive)
	hold(t, to, "rows committed", "restore", archive).kill()
	if output := run(t, to, "restore", archive); !strings.Contains(output, "had stored everything") {
		t.Errorf("the second restore printed %q", output)
	}
	if _, err := os.Stat(filepath.Join(value(to, "DATA_DIR"), restoreMark)); err == nil {
		t.Error("the mark is left")
	}
	run(t, to, "verify")
}

func TestAnEmptyDeskIsServedAfterTheMarkOfARestoreIsDeleted(t *testing.T) {
	t.Parallel()
	from, to := newDesk(t, 1000), emptyDesk(t)
	archive := filepath.Join(t.TempDir(), "desk.tar.zst")
	run(t, from, "backup", archive)
	hold(t, to, "archive read", "restore", archive).kill()
	if err := os.Remove(filepath.Join(value(to, "DATA_DIR"), restoreMark)); err != nil {
		t.Fatal(err)
	}
	run(t, to, "seed")
}

func TestAVerifyKilledInAnyStepChangesNothing(t *testing.T) {
	t.Parallel()
	env := newDesk(t, 1000)
	for _, point := range steps(t, env, "verify") {
		hold(t, env, point, "verify").kill()
	}
	if output := run(t, env, "verify"); !strings.Contains(output, "Problems: 0") {
		t.Errorf("verify printed %q", output)
	}
	run(t, env, "backup", filepath.Join(t.TempDir(), "desk.tar.zst"))
}

func TestAMigrationKilledInAnyStepOfItsSnapshotIsRepeated(t *testing.T) {
	t.Parallel()
	trial := dataDir(t)
	makeOldDesk(t, trial)
	dir := dataDir(t)
	makeOldDesk(t, dir)
	env := []string{"DATA_DIR=" + dir}
	for _, point := range steps(t, []string{"DATA_DIR=" + trial}, "migrate") {
		hold(t, env, point, "migrate").kill()
		for _, path := range archives(t, filepath.Join(dir, "snapshots")) {
			run(t, nil, "verify", path)
		}
	}
	if output := run(t, env, "migrate"); !strings.Contains(output, "snapshot before migration") {
		t.Errorf("migrate printed %q, want the name of a snapshot", output)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "snapshots", "*.part")); err != nil || len(left) != 0 {
		t.Errorf("the snapshots have %q (%v), want no unfinished one", left, err)
	}
	if output := run(t, env, "user", "list"); !strings.Contains(output, "ana@example.org") {
		t.Errorf("the migrated desk has the users %q", output)
	}
}
