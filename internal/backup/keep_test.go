package backup_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"frontdesk/internal/backup"
)

func TestTheNewestBackupOfEachPeriodIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for day := range 40 {
		for _, hour := range []int{3, 15} {
			at := time.Date(2026, 11, 26, hour, 0, 0, 0, time.UTC).AddDate(0, 0, -day)
			touch(t, filepath.Join(dir, backup.FileName(at, day%2 == 0)))
		}
	}
	touch(t, filepath.Join(dir, "frontdesk-20200101T000000Z.tar.zst.part")) // left by a killed call
	touch(t, filepath.Join(dir, "my-own.tar.zst.part"))
	touch(t, filepath.Join(dir, "my-own.tar.zst"))
	keep, err := backup.ParseKeep("3d2w1m")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keep.Prune(dir); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"frontdesk-20261122T150000Z.tar.zst.age", // Sunday of the week before
		"frontdesk-20261124T150000Z.tar.zst.age",
		"frontdesk-20261125T150000Z.tar.zst",
		"frontdesk-20261126T150000Z.tar.zst.age", // also of this week and of November
		"my-own.tar.zst",
		"my-own.tar.zst.part",
	}
	if got := names(t, dir); !slices.Equal(got, want) {
		t.Errorf("the folder has %q, want %q", got, want)
	}
}

func TestAKeepThatKeepsNothingIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "0d", "d", "4w7d", "-1d", "7", "7d ", "99999d"} {
		if k, err := backup.ParseKeep(text); err == nil {
			t.Errorf("%q is %+v, want an error", text, k)
		}
	}
}

// touch creates an empty file.
func touch(t *testing.T, path string) {
	t.Helper()
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

// names returns the names of the files in a directory.
func names(t *testing.T, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}
