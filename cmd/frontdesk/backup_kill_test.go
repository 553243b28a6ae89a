package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// linked is the killpoint at which an archive has both its final and its unfinished name. From
// here on the archive is complete.
const linked = "archive linked"

func TestABackupKilledInAnyStepLeavesNoHalfFile(t *testing.T) {
	t.Parallel()
	env := newDesk(t, 2<<20)
	complete := false
	for _, point := range steps(t, env, "backup", filepath.Join(t.TempDir(), "desk.tar.zst")) {
		complete = complete || point == linked
		to := filepath.Join(t.TempDir(), "desk.tar.zst")
		hold(t, env, point, "backup", to).kill()
		if _, err := os.Stat(to); (err == nil) != complete {
			t.Errorf("killed at %q: the archive: %v, want it complete: %v", point, err, complete)
		}
		if complete {
			run(t, nil, "verify", to)
			again := filepath.Join(filepath.Dir(to), "moved")
			if err := os.Rename(to, again); err != nil {
				t.Fatal(err)
			}
			run(t, env, "backup", to)
			run(t, nil, "verify", again)
		} else {
			run(t, env, "backup", to)
			run(t, nil, "verify", to)
		}
	}
}

func TestABackupToAFolderKilledInAnyStepIsCleanedUpByTheNext(t *testing.T) {
	t.Parallel()
	env := newDesk(t, 1<<20)
	old := []string{"frontdesk-20250101T000000Z.tar.zst", "frontdesk-20250102T000000Z.tar.zst", "other.tar.zst.part"}
	folder := func() string {
		dir := t.TempDir()
		for _, name := range old {
			if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return dir
	}
	points := steps(t, env, "backup", "--keep", "2d", folder())
	if !slices.Contains(points, "archive removed") {
		t.Fatalf("the killpoints %q are without those of removing", points)
	}
	for _, point := range points {
		dir := folder()
		hold(t, env, point, "backup", "--keep", "2d", dir).kill()
		for _, path := range archives(t, dir) {
			if !slices.Contains(old, filepath.Base(path)) {
				run(t, nil, "verify", path)
			}
		}
		run(t, env, "backup", "--keep", "2d", dir)
		left, err := filepath.Glob(filepath.Join(dir, "frontdesk-*.part"))
		if err != nil || len(left) != 0 {
			t.Errorf("after a kill at %q, the next backup leaves %q (%v)", point, left, err)
		}
		if _, err := os.Stat(filepath.Join(dir, "other.tar.zst.part")); err != nil {
			t.Errorf("after a kill at %q: a file of another name: %v", point, err)
		}
	}
}

// archives returns the paths of the complete archives of a folder.
func archives(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "frontdesk-*.tar.zst"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOfTwoBackupsToOneFileTheSecondIsRefused(t *testing.T) {
	t.Parallel()
	env := newDesk(t, 1<<20)
	to := filepath.Join(t.TempDir(), "desk.tar.zst")
	first := hold(t, env, "archive written", "backup", to)
	out, err := command(t, env, "backup", to).CombinedOutput()
	if err == nil {
		t.Fatalf("the second backup: got no error, want one: %s", out)
	}
	if !strings.Contains(string(out), "another backup to this file is running") {
		t.Errorf(`the second backup: got %q, want it with "another backup to this file is running"`, string(out))
	}
	if output, err := first.finish(); err != nil {
		t.Errorf("the first backup: %v: %s", err, output)
	}
	run(t, nil, "verify", to)
}

func TestTwoBackupsToOneFolderAreBothComplete(t *testing.T) {
	t.Parallel()
	env := newDesk(t, 1<<20)
	dir := t.TempDir()
	first := hold(t, env, "archive written", "backup", "--keep", "7d", dir)
	name := unfinishedIn(t, dir)
	run(t, env, "backup", "--keep", "7d", dir)
	if unfinishedIn(t, dir) != name {
		t.Error("the second backup has removed the file of the first")
	}
	if output, err := first.finish(); err != nil {
		t.Errorf("the first backup: %v: %s", err, output)
	}
	kept := archives(t, dir)
	if len(kept) == 0 { // one of two of the same day
		t.Error("the folder has no backup")
	}
	for _, path := range kept {
		run(t, nil, "verify", path)
	}
}

// unfinishedIn returns the path of the only unfinished archive of a folder.
func unfinishedIn(t *testing.T, dir string) string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*.part"))
	if err != nil || len(all) != 1 {
		t.Fatalf("the unfinished archives are %q (%v), want one", all, err)
	}
	return all[0]
}
