package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"frontdesk/db"
	"frontdesk/internal/backup"
	"frontdesk/internal/killpoint"
)

// maxSnapshot is the largest embedded database, in bytes, of which a snapshot is made
// before a migration. It takes some seconds for each GiB, in which the desk is not served.
const maxSnapshot = 1 << 30

// snapshotsKept selects the snapshots that are kept.
var snapshotsKept = backup.Keep{Days: 3, Months: 3}

// migrate migrates the database. Before that it makes a snapshot of an embedded database
// whose schema is older, in the folder snapshots of the data folder. It has no attachments,
// because migrations do not change them.
func (a *app) migrate(ctx context.Context) error {
	if a.cluster != nil {
		if err := a.snapshot(ctx); err != nil {
			return fmt.Errorf("make a snapshot before the migration: %w", err)
		}
	}
	killpoint.Reach("migrate")
	return db.Migrate(ctx, a.direct)
}

// snapshot makes the snapshot of [app.migrate] if a migration is due.
func (a *app) snapshot(ctx context.Context) error {
	have, want, err := db.SchemaVersions(ctx, a.pool)
	if err != nil || have == 0 || have >= want {
		return err
	}
	server, err := db.New(a.pool).DoctorServer(ctx)
	if err != nil {
		return err
	}
	if server.Bytes > maxSnapshot {
		a.log.Warn("migration without a snapshot", "from", have, "to", want, "bytes", server.Bytes, "reason", "the database is large", "advice", "run frontdesk backup before an upgrade")
		return nil
	}
	folder := filepath.Join(a.dataDir, "snapshots")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	now := time.Now()
	path := backup.NewPath(folder, now, false)
	secrets, err := a.secrets()
	if err != nil {
		return err
	}
	if _, err := backup.WriteFile(ctx, a.pool, path, backup.Options{Secrets: secrets, Version: version(), Now: now}); err != nil {
		return err
	}
	killpoint.Reach("snapshot made")
	a.log.Info("snapshot before migration", "file", path, "from", have, "to", want)
	_, err = snapshotsKept.Prune(folder)
	return err
}
