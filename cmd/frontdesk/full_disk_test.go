package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of the given size in bytes at dir until the test ends. It skips
// the test if it may not.
func smallDisk(t *testing.T, dir, size string) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can mount a small file system")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size+",mode=755"); err != nil {
		t.Skipf("a small file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) }) // the test may have done it
}

// failsForSpace fails the test unless a command exits with the status 1 and one line that says
// that the disk is full.
func failsForSpace(t *testing.T, env []string, args ...string) {
	t.Helper()
	cmd := command(t, env, args...)
	out, err := cmd.CombinedOutput()
	if status := cmd.ProcessState.ExitCode(); status != 1 {
		t.Errorf("%v: exit status %d (%v), want 1: %s", args, status, err, out)
	}
	if !strings.Contains(string(out), "no space left") && !strings.Contains(string(out), "No space left") && !strings.Contains(string(out), "disk is full") {
		t.Errorf("%v printed %q, want that the disk is full", args, out)
	}
}

func TestABackupToAFullDiskLeavesNothing(t *testing.T) {
	t.Parallel()
	env := newDesk(t, 4<<20)
	disk := dataDir(t)
	smallDisk(t, disk, "3m")
	failsForSpace(t, env, "backup", filepath.Join(disk, "desk.tar.zst"))
	old := filepath.Join(disk, "frontdesk-20250101T000000Z.tar.zst")
	if err := os.WriteFile(old, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	failsForSpace(t, env, "backup", "--keep", "1d", disk)
	if left, err := os.ReadDir(disk); err != nil || len(left) != 1 {
		t.Errorf("the full disk has %v (%v), want the old backup only", left, err)
	}
	if err := syscall.Unmount(disk, 0); err != nil {
		t.Fatal(err)
	}
	run(t, env, "backup", filepath.Join(disk, "desk.tar.zst"))
	run(t, nil, "verify", filepath.Join(disk, "desk.tar.zst"))
}

func TestARestoreToAFullDiskOfFilesLeavesTheDeskEmptyAndIsRepeated(t *testing.T) {
	t.Parallel()
	from, to := newDesk(t, 4<<20), emptyDesk(t)
	archive := filepath.Join(t.TempDir(), "desk.tar.zst")
	run(t, from, "backup", archive)
	uploads := filepath.Join(value(to, "DATA_DIR"), "uploads")
	smallDisk(t, uploads, "3m")
	failsForSpace(t, to, "restore", archive)
	if output := run(t, to, "verify"); !strings.Contains(output, "Checked 0 tickets") {
		t.Errorf("after the failed restore, verify printed %q, want an empty desk", output)
	}
	if err := syscall.Unmount(uploads, 0); err != nil {
		t.Fatal(err)
	}
	run(t, to, "restore", archive)
	if output := run(t, to, "verify"); !strings.Contains(output, "Checked 1 tickets") {
		t.Errorf("verify printed %q, want one ticket", output)
	}
}

func TestARestoreToAFullDiskOfTheDatabaseIsRefused(t *testing.T) {
	t.Parallel()
	from := newDesk(t, 1<<20)
	archive := filepath.Join(t.TempDir(), "desk.tar.zst")
	execute(t, value(from, "DATABASE_URL"), `insert into users (username, email, password_hash)
		select 'User ' || n, 'user' || n || '@example.org', repeat('hash ', 380) from generate_series(1, 12000) n`) // 23 MB: PostgreSQL compresses longer rows only
	run(t, from, "backup", archive)
	disk := dataDir(t)
	smallDisk(t, disk, "64m")
	to := []string{"DATA_DIR=" + filepath.Join(disk, "data")}
	failsForSpace(t, to, "restore", archive)
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=400m,mode=755"); err != nil {
		t.Fatal(err)
	}
	run(t, to, "restore", archive)
	run(t, to, "verify")
}

func TestAFullDiskDuringTheSnapshotKeepsTheOldSchema(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	makeOldDesk(t, dir)
	env := []string{"DATA_DIR=" + dir}
	snapshots := filepath.Join(dir, "snapshots")
	smallDisk(t, snapshots, "64k")
	full := filepath.Join(snapshots, "full")
	if err := os.WriteFile(full, make([]byte, 64<<10), 0o600); err != nil {
		t.Fatal(err)
	}
	failsForSpace(t, env, "migrate")
	out, err := command(t, env, "verify").CombinedOutput()
	if err == nil {
		t.Fatalf("after the failed snapshot: got no error, want one: %s", out)
	}
	if !strings.Contains(string(out), "the schema of the desk is 24") {
		t.Errorf(`after the failed snapshot: got %q, want it with "the schema of the desk is 24"`, string(out))
	}
	if err := syscall.Unmount(snapshots, 0); err != nil {
		t.Fatal(err)
	}
	if output := run(t, env, "migrate"); !strings.Contains(output, "snapshot before migration") {
		t.Errorf("migrate printed %q, want the name of a snapshot", output)
	}
}
