package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"frontdesk/internal/postgres"
)

// twoMajors returns the folders of the programs of two major versions of PostgreSQL, the older
// first: the installed one, and the one in the folder TEST_UPGRADE_BIN.
func twoMajors(t *testing.T) (older, newer string) {
	t.Helper()
	other := os.Getenv("TEST_UPGRADE_BIN")
	if other == "" {
		t.Skip("TEST_UPGRADE_BIN is not set to the programs of another major version of PostgreSQL")
	}
	all, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	if err != nil || len(all) == 0 {
		t.Skip("no PostgreSQL of Debian is installed")
	}
	older, newer = all[len(all)-1], other
	if majorOf(t, older) == majorOf(t, newer) {
		t.Skip("both have the same major version")
	}
	if majorOf(t, older) > majorOf(t, newer) {
		older, newer = newer, older
	}
	return older, newer
}

// majorOf returns the major version of the programs in a folder.
func majorOf(t *testing.T, bin string) int {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), filepath.Join(bin, "postgres"), "--version").Output()
	if err != nil {
		t.Fatal(err)
	}
	major, err := strconv.Atoi(regexp.MustCompile(`\) (\d+)`).FindStringSubmatch(string(out))[1])
	if err != nil {
		t.Fatal(err)
	}
	return major
}

// oldCluster makes a desk in a cluster of an older major version, and returns the environment of a
// program that also finds the newer one.
func oldCluster(t *testing.T) (env []string, dir, from, to string) {
	t.Helper()
	older, newer := twoMajors(t)
	dir = dataDir(t)
	cluster, err := postgres.Start(t.Context(), postgres.Options{DataDir: dir, BinDir: older, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cluster.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	migrated(t, cluster.URL("postgres"))
	fillDesk(t, dir, cluster.URL("postgres"), 1000)
	path := "PATH=" + older + ":" + newer + ":" + os.Getenv("PATH")
	return []string{"DATA_DIR=" + dir, path}, dir, strconv.Itoa(majorOf(t, older)), strconv.Itoa(majorOf(t, newer))
}

// clusterMajor returns the major version of the cluster in a folder, or "".
func clusterMajor(dir string) string {
	body, _ := os.ReadFile(filepath.Join(dir, "PG_VERSION"))
	return strings.TrimSpace(string(body))
}

func TestAnOldDatabaseMovesToTheNewestPostgreSQL(t *testing.T) {
	t.Parallel()
	env, dir, from, to := oldCluster(t)
	output := run(t, env, "user", "list")
	if !strings.Contains(output, "ana@example.org") {
		t.Errorf(`the output is %q, want it with "ana@example.org"`, output)
	}
	if got := clusterMajor(filepath.Join(dir, "postgres")); got != from {
		t.Errorf("the version of the database is %q, want %q", got, from)
	}
	served := serve(t, env...)
	served.health(t)
	if out, err := command(t, env, "migrate").CombinedOutput(); err != nil || bytes.Contains(out, []byte("upgrade")) {
		t.Errorf("migrate beside the running desk: %v: %s", err, out)
	}
	served.end(t, syscall.SIGTERM)
	for _, want := range []string{"database upgrade begins", "archive the old database", "fill the new database", "verify the new database", `"msg":"database upgraded"`, `"from":"` + from + `"`, `"to":"` + to + `"`} {
		if !strings.Contains(served.err.String(), want) {
			t.Errorf("the log is without %q: %s", want, served.err)
		}
	}
	isUpgraded(t, env, dir, from, to)
	second := serve(t, env...)
	second.end(t, syscall.SIGTERM)
	if strings.Contains(second.err.String(), "upgrade") {
		t.Errorf("the second start logs %s", second.err)
	}
}

// isUpgraded fails the test unless the desk is complete in a cluster of the newer version, and the
// old cluster is kept and can be used.
func isUpgraded(t *testing.T, env []string, dir, from, to string) {
	t.Helper()
	if got := clusterMajor(filepath.Join(dir, "postgres")); got != to {
		t.Errorf("the database is of version %q, want %q", got, to)
	}
	if got := clusterMajor(filepath.Join(dir, "postgres-"+from)); got != from {
		t.Errorf("the kept database is of version %q, want %q", got, from)
	}
	if _, err := os.Stat(filepath.Join(dir, "upgrade")); err == nil {
		t.Error("the folder of the upgrade is left")
	}
	if output := run(t, env, "verify"); !strings.Contains(output, "Checked 1 tickets") {
		t.Errorf("verify printed %q, want one ticket", output)
	}
	back := dataDir(t)
	if err := os.Rename(filepath.Join(dir, "postgres-"+from), filepath.Join(back, "postgres")); err != nil {
		t.Fatal(err)
	}
	if output := run(t, append([]string{"DATA_DIR=" + back}, env[1:]...), "user", "list"); !strings.Contains(output, "ana@example.org") {
		t.Errorf("the kept database has the users %q", output)
	}
	if err := os.Rename(filepath.Join(back, "postgres"), filepath.Join(dir, "postgres-"+from)); err != nil {
		t.Fatal(err)
	}
}

func TestAnUpgradeOfTheDatabaseKilledInAnyStepIsRepeatedOrCompleted(t *testing.T) {
	t.Parallel()
	trial, _, _, _ := oldCluster(t)
	env, dir, from, to := oldCluster(t)
	replaced := false
	for _, point := range steps(t, trial, "migrate") {
		if !strings.HasPrefix(point, "upgrade") && !slices.Contains([]string{"write table users", "archive linked", "restore table users"}, point) {
			continue // the other steps of backup and restore have tests of their own
		}
		if replaced { // the upgrade is made: begin with another desk
			env, dir, from, to = oldCluster(t)
		}
		hold(t, env, point, "migrate").kill()
		if old, kept := clusterMajor(filepath.Join(dir, "postgres")), clusterMajor(filepath.Join(dir, "postgres-"+from)); old != from && kept != from {
			t.Fatalf("killed at %q, the old database is gone", point)
		}
		if output := run(t, env, "user", "list"); !strings.Contains(output, "ana@example.org") {
			t.Errorf("killed at %q, the desk has the users %q", point, output)
		}
		replaced = clusterMajor(filepath.Join(dir, "postgres")) == to
		if complete := strings.HasPrefix(point, "upgrade complete") || strings.HasPrefix(point, "upgrade old") || strings.HasPrefix(point, "upgrade new"); complete && !replaced {
			t.Errorf("killed at %q, the next start does not complete the upgrade", point)
		}
		if replaced {
			isUpgraded(t, env, dir, from, to)
		}
	}
}

func TestADatabaseWithoutItsProgramsIsRefused(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	if err := os.Mkdir(filepath.Join(dir, "postgres"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "postgres", "PG_VERSION"), []byte("13\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	refused(t, []string{"DATA_DIR=" + dir}, "apt-get install postgresql-13")
}

// TestADatabaseOnAFullDiskIsNotUpgraded checks that the desk is served by the old version.
func TestADatabaseOnAFullDiskIsNotUpgraded(t *testing.T) {
	t.Parallel()
	env, dir, from, _ := oldCluster(t)
	snapshots := filepath.Join(dir, "snapshots")
	smallDisk(t, snapshots, "4k")
	if err := os.WriteFile(filepath.Join(snapshots, "full"), make([]byte, 4096), 0o600); err != nil {
		t.Fatal(err)
	}
	served := serve(t, env...)
	served.health(t)
	served.end(t, syscall.SIGTERM)
	got := clusterMajor(filepath.Join(dir, "postgres"))
	if got != from {
		t.Errorf("the version of the database is %q, want %q", got, from)
	}
	if !strings.Contains(served.err.String(), "database upgrade failed, the old version is used") {
		t.Errorf(`the output is %q, want it with "database upgrade failed, the old version is used"`, served.err.String())
	}
}
