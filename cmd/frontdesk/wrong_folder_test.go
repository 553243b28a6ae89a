package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCommandsThatUseADeskMakeNone(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	for _, args := range [][]string{{"backup", filepath.Join(t.TempDir(), "desk.tar.zst")}, {"verify"}, {"doctor"},
		{"outbox", "status"}, {"outbox", "retry"}, {"user", "list"}, {"user", "password", "ana@example.org"}} {
		out, err := command(t, []string{"DATA_DIR=" + dir}, args...).CombinedOutput()
		want := "there is no desk in " + dir + ": set DATA_DIR"
		if err == nil {
			t.Fatalf("%v: got no error, want one: %s", args, out)
		}
		if !strings.Contains(string(out), want) {
			t.Errorf("%v: got %q, want it with %q", args, string(out), want)
		}
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("the folder has %v (%v), want nothing", left, err)
	}
}

func TestARestoreWithoutDataDirIsRefusedInADataFolder(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"jwt-secret", "uploads", "postgres"} {
		dir := dataDir(t)
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		cmd := command(t, nil, "restore", "desk.tar.zst")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		if err == nil {
			t.Fatalf("%s: got no error, want one: %s", name, out)
		}
		if !strings.Contains(string(out), "set DATA_DIR="+dir) {
			t.Errorf("%s: got %q, want it with %q", name, string(out), "set DATA_DIR="+dir)
		}
	}
}

func TestEmptyArgumentsOfBackupsAreRefused(t *testing.T) {
	t.Parallel()
	env := []string{"DATA_DIR=" + dataDir(t)}
	to := filepath.Join(t.TempDir(), "desk.tar.zst")
	for want, args := range map[string][]string{
		"--recipient is empty":            {"backup", "--recipient", "", to},
		"--recipient is empty: give":      {"backup", "--recipient=", to},
		"the name of the backup is empty": {"backup", ""},
		"the name of the backup is":       {"verify", ""},
		"the name of the backup":          {"restore", ""},
		"--keep needs a folder":           {"backup", "--keep", "7d", "-"},
		"would keep no backup":            {"backup", "--keep", "", to},
	} {
		out, err := command(t, env, args...).CombinedOutput()
		if err == nil {
			t.Fatalf("%q: got no error, want one: %s", args, out)
		}
		if !strings.Contains(string(out), want) {
			t.Errorf("%q: got %q, want it with %q", args, string(out), want)
		}
	}
}
