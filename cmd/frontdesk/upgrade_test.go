package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/db"
	"frontdesk/internal/postgres"
)

func TestAnOldEmbeddedDatabaseIsSavedBeforeItIsMigrated(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	makeOldDesk(t, dir)
	env := []string{"DATA_DIR=" + dir}
	if out, err := command(t, env, "verify").CombinedOutput(); err == nil || !strings.Contains(string(out), "run frontdesk migrate") {
		t.Errorf("verify of an older schema: %v: %s", err, out)
	}
	if output := run(t, env, "migrate"); !strings.Contains(output, "snapshot before migration") {
		t.Errorf("migrate printed %q, want the name of a snapshot", output)
	}
	saved := func() []string {
		files, err := filepath.Glob(filepath.Join(dir, "snapshots", "frontdesk-*.tar.zst"))
		if err != nil {
			t.Fatal(err)
		}
		return files
	}
	if len(saved()) != 1 {
		t.Fatalf("there are the snapshots %q, want one", saved())
	}
	run(t, env, "migrate")
	if len(saved()) != 1 {
		t.Errorf("after a second migration there are the snapshots %q, want one", saved())
	}
	to := []string{"DATA_DIR=" + dataDir(t)}
	run(t, to, "restore", saved()[0])
	if output := run(t, to, "user", "list"); !strings.Contains(output, "ana@example.org") {
		t.Errorf("the restored desk has the users %q", output)
	}
}

// makeOldDesk makes an embedded database with an older schema and an account.
func makeOldDesk(t *testing.T, dir string) {
	t.Helper()
	cluster, err := postgres.Start(t.Context(), postgres.Options{DataDir: dir, NoSync: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := cluster.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	}()
	pool, err := db.Open(t.Context(), cluster.URL("postgres"), 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	load, err := db.BeginLoad(t.Context(), pool, 24) // migrates to this version
	if err != nil {
		t.Fatal(err)
	}
	load.Close()
	if _, err := pool.Exec(t.Context(), "insert into users (username, email, password_hash) values ('Ana', 'ana@example.org', '-')"); err != nil {
		t.Fatal(err)
	}
}
