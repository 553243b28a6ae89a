package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/backup"
	"frontdesk/internal/blob"
	"frontdesk/internal/input"
	"frontdesk/internal/killpoint"
	"frontdesk/internal/postgres"
)

// upgradeDatabase moves the embedded database to the newest installed major version of PostgreSQL,
// if it belongs to an older one whose programs are available: an archive of the old database fills
// a new one, which is verified and then replaces it. The old database is kept beside it. If the
// move fails or is postponed, the reason is logged and the old database is used.
func (a *app) upgradeDatabase(ctx context.Context) error {
	from, to, ok := postgres.Upgradable(ctx, a.clusterOptions())
	if !ok {
		return nil
	}
	log := a.log.With("from", from, "to", to)
	kept, err := a.moveDatabase(ctx, log)
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, postgres.ErrInUse):
		return nil // it is reported by the start
	case errors.Is(err, errPostponed):
		log.Warn("database upgrade postponed", "reason", err)
	case err != nil:
		log.Error("database upgrade failed, the old version is used", "error", err)
	default:
		log.Info("database upgraded", "kept", kept, "advice", "delete the kept folder when the desk works as before")
	}
	return nil
}

// errPostponed is returned if an upgrade needs a decision of the operator.
var errPostponed = errors.New("the database stays as it is")

// moveDatabase does the upgrade, and returns the folder in which the old database is kept.
func (a *app) moveDatabase(ctx context.Context, log *slog.Logger) (kept string, err error) {
	u, err := postgres.BeginUpgrade(ctx, a.clusterOptions())
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, u.Close()) }()
	log.Info("database upgrade begins", "reason", "a newer PostgreSQL is installed")
	killpoint.Reach("upgrade begun")
	archive, err := a.archiveOld(ctx, u.Old, log)
	if err != nil {
		return "", err
	}
	if err := a.fillNew(ctx, u.New, archive, log); err != nil {
		return "", errors.Join(err, os.Remove(archive))
	}
	log.Info("database upgrade continues", "step", "replace the old database")
	return u.Finish(ctx)
}

// archiveOld writes an archive of the old database, without attachments, to the folder of
// snapshots, and returns its path.
func (a *app) archiveOld(ctx context.Context, old *postgres.Cluster, log *slog.Logger) (path string, err error) {
	pool, err := db.Open(ctx, old.URL("postgres"), poolSize)
	if err != nil {
		return "", err
	}
	defer pool.Close()
	if err := a.mayMove(ctx, pool); err != nil {
		return "", err
	}
	secrets, err := a.secrets()
	if err != nil {
		return "", err
	}
	folder := filepath.Join(a.dataDir, "snapshots")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	now := time.Now()
	path = backup.NewPath(folder, now, false)
	log.Info("database upgrade continues", "step", "archive the old database", "file", path)
	o := backup.Options{Secrets: secrets, Version: version(), Now: now, Progress: logBytes(log, "archive")}
	if _, err := backup.WriteFile(ctx, pool, path, o); err != nil {
		return "", err
	}
	killpoint.Reach("upgrade archived")
	_, err = snapshotsKept.Prune(folder)
	return path, err
}

// mayMove returns errPostponed if the disk has too little space for a second database and the
// archive, or if the database is large and the operator has not asked for the upgrade.
func (a *app) mayMove(ctx context.Context, pool *pgxpool.Pool) error {
	server, err := db.New(pool).DoctorServer(ctx)
	if err != nil {
		return err
	}
	if server.Bytes > maxSnapshot && a.mode == serving {
		return fmt.Errorf("%w: it has %s, and the desk is not served during the upgrade: stop it and run frontdesk migrate", errPostponed, input.Bytes(server.Bytes))
	}
	needed := uint64(2*server.Bytes) + minUpgradeSpace
	if used, free, err := blob.Space(a.dataDir); err == nil && used > 0 && free < needed {
		return fmt.Errorf("%w: the disk has %s left, and the upgrade needs %s", errPostponed, input.Bytes(int64(free)), input.Bytes(int64(needed)))
	}
	return nil
}

// minUpgradeSpace is the space in bytes that a new database without data needs.
const minUpgradeSpace = 256 << 20

// fillNew restores the archive into the new database, migrates it, and verifies it. Attachments
// stay where they are.
func (a *app) fillNew(ctx context.Context, made *postgres.Cluster, archive string, log *slog.Logger) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	defer f.Close()
	pool, err := db.Open(ctx, made.URL("postgres"), poolSize)
	if err != nil {
		return err
	}
	defer pool.Close()
	log.Info("database upgrade continues", "step", "fill the new database")
	keep := func(string, []byte) error { return nil } // the secrets stay where they are, too
	if _, err := backup.Restore(ctx, pool, f, backup.RestoreOptions{Files: noFiles{}, Secret: keep, Progress: logBytes(log, "fill")}); err != nil {
		return made.Explain(err)
	}
	killpoint.Reach("upgrade restored")
	if err := db.Migrate(ctx, pool); err != nil {
		return err
	}
	killpoint.Reach("upgrade migrated")
	log.Info("database upgrade continues", "step", "verify the new database")
	report, err := backup.Verify(ctx, pool, nil, nil)
	if err == nil && len(report.Problems) > 0 {
		err = fmt.Errorf("%w: %s: %s", errDiffers, report.Problems[0].Check, report.Problems[0].What)
	}
	killpoint.Reach("upgrade verified")
	return err
}

// noFiles is a [backup.Restorer] for archives without attachments.
type noFiles struct{}

// Put returns an error: the archive has an attachment.
func (noFiles) Put(_ context.Context, name string, _ io.Reader) error {
	return fmt.Errorf("the archive has the attachment %s", name)
}

// Finish does nothing.
func (noFiles) Finish() error { return nil }

// logBytes returns a function that logs the progress of a step at most every five seconds.
func logBytes(log *slog.Logger, step string) backup.Progress {
	last := time.Now()
	return func(done, total int64) {
		if time.Since(last) < 5*time.Second {
			return
		}
		last = time.Now()
		log.Info("database upgrade continues", "step", step, "done", input.Bytes(done), "of", input.Bytes(total))
	}
}
