package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/postgres"
)

// app is what every command needs: a database, up to date, and the desk on it.
type app struct {
	cfg     *Config
	log     *slog.Logger
	dataDir string
	cluster *postgres.Cluster // nil with DATABASE_URL
	pool    *pgxpool.Pool
	desk    *desk.Desk
	options desk.Options          // of desk
	told    map[account.Twin]bool // twins that were logged
	joins   bool                  // works on the database of a desk that is being served
}

// open starts or reaches the database, migrates it and opens the folders.
func open(ctx context.Context, cfg *Config) (*app, error) {
	return (&app{cfg: cfg, log: cfg.logger()}).opened(ctx)
}

// join is open for commands that may run beside a desk that is being served.
func join(ctx context.Context, cfg *Config) (*app, error) {
	return (&app{cfg: cfg, log: cfg.logger(), joins: true}).opened(ctx)
}

func (a *app) opened(ctx context.Context) (*app, error) {
	if err := a.open(ctx); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

func (a *app) open(ctx context.Context) error {
	if err := a.openFolder(); err != nil {
		return err
	}
	url, err := a.databaseURL(ctx)
	if err != nil {
		return err
	}
	if err := a.checkFitness(ctx, url); err != nil {
		return err
	}
	if a.pool, err = db.Open(ctx, url, poolSize); err != nil {
		return err
	}
	if err := db.Migrate(ctx, a.pool); err != nil {
		return err
	}
	uploads := a.cfg.UploadDir
	if uploads == "" {
		uploads = filepath.Join(a.dataDir, "uploads")
	}
	blobs, err := blob.Open(uploads)
	if err == nil {
		err = probe(uploads)
	}
	if err != nil {
		return writable(err, uploads, "UPLOAD_DIR")
	}
	loc, err := a.cfg.location()
	if err != nil {
		return err
	}
	a.options = desk.Options{Blobs: blobs, Location: loc, MaxUpload: a.cfg.MaxUploadMiB << 20, Limits: a.cfg.limits(), Log: a.log}
	a.desk = desk.New(a.pool, a.options)
	return nil
}

// checkFitness refuses a database that Frontdesk cannot work with, and logs warnings.
func (a *app) checkFitness(ctx context.Context, url string) error {
	found, err := db.Fitness(ctx, url, poolSize)
	if err != nil {
		return err
	}
	if err := unfit(found); err != nil {
		return err
	}
	for _, f := range found { // only warnings are left
		a.log.Warn("database check", "check", f.Name, "finding", f.Sentence)
	}
	return nil
}

// poolSize is how many connections a replica keeps: five a core of a small machine.
const poolSize = 10

// openFolder makes the data folder. As root, PostgreSQL runs as another user, who has
// to reach it: only the default folder is replaced by one that this user can reach.
func (a *app) openFolder() error {
	isDefault := a.cfg.DataDir == ""
	if a.dataDir = a.cfg.DataDir; isDefault {
		a.dataDir = "data"
	}
	if a.cfg.DatabaseURL == "" {
		dir, moved, err := postgres.DataDir(a.dataDir, isDefault)
		if err != nil {
			return writable(err, a.dataDir, "DATA_DIR")
		}
		if moved {
			a.log.Warn("data folder moved: the database's user cannot reach the default one", "default", a.dataDir, "used", dir,
				"cure", "set DATA_DIR to "+dir+" to keep this, or to another folder")
		}
		a.dataDir = dir
	}
	return writable(os.MkdirAll(a.dataDir, 0o755), a.dataDir, "DATA_DIR")
}

// probe makes a file in a folder and removes it, to know that it can.
func probe(dir string) error {
	f, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return err
	}
	return errors.Join(f.Close(), os.Remove(f.Name()))
}

// writable says in one sentence what to do about a folder that cannot be written.
func writable(err error, dir, variable string) error {
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is a file, or a link to a folder that does not exist: make that folder, or set %s to another", dir, variable)
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("cannot write to %s: make it writable, or set %s to another folder", dir, variable)
	}
	return err
}

func (a *app) databaseURL(ctx context.Context) (string, error) {
	if a.cfg.DatabaseURL != "" {
		url, dropped, err := db.CleanURL(a.cfg.DatabaseURL)
		if len(dropped) > 0 {
			a.log.Warn("parameters of DATABASE_URL ignored", "parameters", dropped, "reason", "they mean nothing here; the pool is set with pool_max_conns")
		}
		return url, err
	}
	if names := postgres.DropClientVariables(); len(names) > 0 {
		a.log.Info("environment variables ignored", "variables", names, "reason", "the embedded database has its own settings; they apply with DATABASE_URL")
	}
	var err error
	a.cluster, err = postgres.Start(ctx, postgres.Options{DataDir: a.dataDir, Log: a.log, Repository: a.cfg.PostgresRepository})
	if running, ok := postgres.Running(a.dataDir, "postgres"); a.joins && ok && errors.Is(err, postgres.ErrInUse) {
		return running, nil
	}
	if err != nil {
		return "", writable(err, a.dataDir, "DATA_DIR")
	}
	return a.cluster.URL("postgres"), nil
}

// close ends what open began, the database last.
func (a *app) close() {
	if a.pool != nil {
		a.pool.Close()
	}
	if a.cluster != nil {
		if err := a.cluster.Stop(context.Background()); err != nil {
			a.log.Error("stop the database", "error", err)
		}
	}
}
