package backup_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"frontdesk/db"
	"frontdesk/internal/backup"
)

func TestABackupWithoutAnAttachmentIsRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(path string) error{
		"missing": os.Remove,
		"shorter": func(path string) error { return os.Truncate(path, 3) },
		"altered": func(path string) error { return os.WriteFile(path, []byte("the bytes of a FILE"), 0o600) },
		"longer":  func(path string) error { return os.WriteFile(path, []byte("the bytes of a file and more"), 0o600) },
	} {
		h, _ := newUsed(t)
		if err := change(h.onlyFile()); err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), "archive")
		if _, err := backup.WriteFile(t.Context(), h.pool, to, h.options()); !errors.Is(err, backup.ErrMissingFile) {
			t.Errorf("%s: got %v, want ErrMissingFile", name, err)
		}
		if left, err := os.ReadDir(filepath.Dir(to)); err != nil || len(left) > 0 {
			t.Errorf("%s: the folder has %v (%v), want nothing", name, left, err)
		}
		report, err := backup.Verify(t.Context(), h.pool, h.files, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Problems) != 1 {
			t.Fatalf("%s: got %d problems, want 1: %+v", name, len(report.Problems), report.Problems)
		}
		if report.Problems[0].Check != "file" {
			t.Errorf(`%s: the check is %q, want "file"`, name, report.Problems[0].Check)
		}
	}
}

// onlyFile returns the path of the only file of the desk.
func (h fixture) onlyFile() string {
	h.t.Helper()
	all, err := filepath.Glob(filepath.Join(h.dir, "*", "*"))
	if err != nil || len(all) != 1 {
		h.t.Fatalf("the folder has %v (%v), want one file", all, err)
	}
	return all[0]
}

func TestAFileOfADeletedTicketIsKeptDuringABackup(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	path := h.onlyFile()
	old := taken.AddDate(0, 0, -30)
	if err := os.Chtimes(path, old, old); err != nil {
		t.Fatal(err)
	}
	s, err := db.OpenSnapshot(t.Context(), h.pool)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Repeat("b", 26) // a file that is known, without which nothing is deleted
	if err := errors.Join(os.MkdirAll(filepath.Join(h.dir, other[:2]), 0o755), os.Link(path, filepath.Join(h.dir, other[:2], other))); err != nil {
		t.Fatal(err)
	}
	h.exec("update attachments set name = $1", other)
	if err := h.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Errorf("while a backup runs: %v, want the file", err)
	}
	s.Close()
	if err := h.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("after the backup: %v, want no file", err)
	}
}

func TestABackupIsANewFileThatOnlyItsOwnerReads(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	path := filepath.Join(t.TempDir(), "archive")
	if err := os.WriteFile(path+".part", bytes.Repeat([]byte("left by a killed backup "), 100_000), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.WriteFile(t.Context(), h.pool, path, h.options()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != 0o600 {
		t.Errorf("the mode is %v, want 0600", info.Mode())
	}
	body, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := backup.VerifyArchive(t.Context(), bytes.NewReader(body), nil); err != nil {
		t.Error(err)
	}
	if _, err := backup.WriteFile(t.Context(), h.pool, path, h.options()); err == nil || !strings.Contains(err.Error(), "exists") {
		t.Errorf("over a file: got %v, want an error", err)
	}
	if again, err := os.ReadFile(path); err != nil || !bytes.Equal(again, body) {
		t.Errorf("the file has changed (%v)", err)
	}
}

func TestTwoBackupsToOneFileAreRefused(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	path := filepath.Join(t.TempDir(), "archive")
	running, err := os.Create(path + ".part")
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	if err := syscall.Flock(int(running.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	if _, err := backup.WriteFile(t.Context(), h.pool, path, h.options()); err == nil || !strings.Contains(err.Error(), "another backup") {
		t.Errorf("got %v, want an error about another backup", err)
	}
	if _, err := os.Stat(path + ".part"); err != nil {
		t.Errorf("the file of the other backup: %v", err)
	}
}

func TestAnInterruptedBackupLeavesNoFile(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	dir := t.TempDir()
	if _, err := backup.WriteFile(stopped(), h.pool, filepath.Join(dir, "archive"), h.options()); err == nil {
		t.Error("got no error")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
		t.Errorf("the folder has %v (%v), want nothing", left, err)
	}
}

func TestABackupToAFullDiskIsAnError(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skipf("the system has no /dev/full: %v", err)
	}
	defer full.Close()
	h, _ := newUsed(t)
	if _, err := backup.Write(t.Context(), h.pool, full, h.options()); !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("got %v, want ENOSPC", err)
	}
	if _, err := backup.Write(t.Context(), h.pool, io.Discard, h.options()); err != nil {
		t.Errorf("the next backup: %v", err)
	}
}
