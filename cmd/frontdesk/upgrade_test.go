package main

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"frontdesk/db"
	"frontdesk/internal/postgres"
)

func TestAnOldEmbeddedDatabaseIsSavedBeforeItIsMigrated(t *testing.T) {
	t.Parallel()
	dir := dataDir(t)
	makeOldDesk(t, dir)
	env := []string{"DATA_DIR=" + dir}
	out, err := command(t, env, "verify").CombinedOutput()
	if err == nil {
		t.Fatalf("verify of an older schema: got no error, want one: %s", out)
	}
	if !strings.Contains(string(out), "run frontdesk migrate") {
		t.Errorf(`verify of an older schema: got %q, want it with "run frontdesk migrate"`, string(out))
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

// makeOldDesk makes an embedded database with an older schema and an account, as a copy of one that
// is made once.
func makeOldDesk(t *testing.T, dir string) {
	t.Helper()
	made, err := oldDesk()
	if err != nil {
		t.Fatal(err)
	}
	copyDatabase(t, made, dir)
}

// oldDesk makes the database of makeOldDesk in the folder of copies.
var oldDesk = sync.OnceValues(func() (dir string, err error) {
	parent, err := copies()
	if err != nil {
		return "", err
	}
	dir = filepath.Join(parent, "old")
	ctx := context.Background()
	cluster, err := postgres.Start(ctx, postgres.Options{DataDir: dir, NoSync: true})
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, cluster.Stop(ctx)) }()
	pool, err := db.Open(ctx, cluster.URL("postgres"), 4)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	load, err := db.BeginLoad(ctx, pool, 24) // migrates to this version
	if err != nil {
		return "", err
	}
	load.Close()
	_, err = pool.Exec(ctx, "insert into users (username, email, password_hash) values ('Ana', 'ana@example.org', '-')")
	return dir, err
})
