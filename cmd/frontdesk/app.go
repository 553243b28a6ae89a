package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/bus"
	"frontdesk/internal/desk"
	"frontdesk/internal/metrics"
	"frontdesk/internal/postgres"
	"frontdesk/internal/tracing"
)

// app has what the commands share: the migrated database and the desk.
type app struct {
	cfg       *Config
	log       *slog.Logger
	dataDir   string
	cluster   *postgres.Cluster // nil with DATABASE_URL
	pool      *pgxpool.Pool
	direct    *pgxpool.Pool // to PostgreSQL itself; pool is the same without a pooler
	files     *blob.Store
	desk      *desk.Desk
	options   desk.Options                   // with which desk was made
	clock     *db.Clock                      // of the desk; nil until it is open
	reported  map[account.Duplicate]bool     // duplicates that were logged
	demoLinks map[string]account.SignInInput // of a throw-away desk, see [DemoCmd]
	leave     func()                         // ends the use of the embedded database; nil before that began
	mode      mode
	metrics   *metrics.Metrics        // nil without METRICS_ADDR
	slow      *db.SlowLog             // nil if SLOW_QUERY is 0
	nats      atomic.Pointer[bus.Bus] // nil unless this process serves with NATS_URL
	traces    *tracing.Traces         // nil unless OTEL_* enables traces
}

// newApp returns an app that uses nothing yet.
func newApp(cfg *Config, m mode) *app { return &app{cfg: cfg, log: cfg.logger(), mode: m} }

// open starts the embedded database, or connects to the one of DATABASE_URL, and opens the
// folders. If the mode allows, it migrates the database and opens the desk. The caller must
// call close.
func open(ctx context.Context, cfg *Config, m mode) (*app, error) {
	a := newApp(cfg, m)
	if err := a.open(ctx); err != nil {
		a.close()
		return nil, err
	}
	return a, nil
}

// open fills in the fields of a. After an error some of them may be set.
func (a *app) open(ctx context.Context) error {
	if err := a.openFolder(); err != nil {
		return err
	}
	url, err := a.databaseURL(ctx)
	if err != nil {
		return err
	}
	if a.cfg.SlowQuery > 0 {
		a.slow = db.NewSlowLog(a.cfg.SlowQuery, a.log)
	}
	if err := a.openPools(ctx, url); err != nil {
		return err
	}
	if a.mode != restoring {
		if err := a.refuseInterrupted(ctx); err != nil {
			return err
		}
	}
	if err := a.openFiles(ctx); err != nil || !a.mode.opensDesk() {
		return err
	}
	if err := a.migrate(ctx); err != nil {
		return err
	}
	return a.openDesk(ctx)
}

// openDesk sets the clock, the options and the desk, and loads the settings.
func (a *app) openDesk(ctx context.Context) error {
	loc, err := a.cfg.location()
	if err != nil {
		return err
	}
	mail, err := a.mailOptions()
	if err != nil {
		return err
	}
	a.clock = db.NewClock(time.Now, a.log)
	if err := a.clock.Compare(ctx, db.New(a.pool)); err != nil {
		return err
	}
	a.options = desk.Options{Now: a.clock.Now, Mail: mail, Blobs: a.files, Location: loc, MaxUpload: a.cfg.MaxUploadMiB << 20, Limits: a.cfg.limits(), Log: a.log}
	if a.bucket() != nil {
		a.options.WalkEvery = walkBucketEvery
	}
	a.desk = desk.New(a.pool, a.options)
	return a.desk.Settings.Load(ctx)
}

// openFolder creates the data folder. If Frontdesk runs as root, PostgreSQL runs as another user.
// If that user cannot reach the default folder, another one is used; if they cannot reach a folder
// that the operator has chosen, openFolder returns an error.
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
			a.log.Warn("default data folder replaced", "default", a.dataDir, "used", dir, "reason", "the user of the database cannot reach it",
				"advice", "set DATA_DIR to "+dir+" to keep this, or to another folder")
		}
		a.dataDir = dir
		if a.mode.needsDesk() && !postgres.Exists(dir) {
			return fmt.Errorf("there is no desk in %s: set DATA_DIR to the folder of the desk", dir)
		}
	}
	return writable(os.MkdirAll(a.dataDir, 0o755), a.dataDir, "DATA_DIR")
}

// writable returns err, replaced by a sentence with a remedy if its cause is a folder that
// cannot be written. variable is the environment variable that sets the folder.
func writable(err error, dir, variable string) error {
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%s is a file, or a link to a folder that does not exist: make that folder, or set %s to another", dir, variable)
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR) {
		return fmt.Errorf("cannot write to %s: make it writable, or set %s to another folder", dir, variable)
	}
	return err
}

// longestCommand is how long a server waits for a command that uses its database.
const longestCommand = time.Hour

// startCluster starts the embedded database. A server waits for a command that uses it, such as a
// backup that began while the desk was stopped.
func (a *app) startCluster(ctx context.Context) (*postgres.Cluster, error) {
	for begun, logged := time.Now(), false; ; logged = true {
		c, err := postgres.Start(ctx, a.clusterOptions())
		if a.mode.joins() || !errors.Is(err, postgres.ErrInUse) || !postgres.UsedByCommand(a.dataDir) || time.Since(begun) > longestCommand {
			return c, err
		}
		if !logged {
			a.log.Warn("waiting for a command", "reason", "a command such as a backup uses the database of the stopped desk", "atMost", longestCommand.String())
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// clusterOptions returns the options of the embedded database.
func (a *app) clusterOptions() postgres.Options {
	o := postgres.Options{DataDir: a.dataDir, Log: a.log, Repository: a.cfg.PostgresRepository, NoSync: a.mode == demonstrating, Command: a.mode.joins()}
	if a.mode == restoring { // then the restored rows are only flushed at the commit, and not written to the WAL too
		o.Settings = map[string]string{"wal_level": "minimal", "max_wal_senders": "0"}
	}
	return o
}

// close closes the connections, and then ends the use of the embedded database.
func (a *app) close() {
	for _, pool := range []*pgxpool.Pool{a.pool, a.direct} { // Close may be called twice
		if pool != nil {
			pool.Close()
		}
	}
	if a.leave != nil {
		a.leave()
	}
	if a.files != nil {
		_ = a.files.Close() // all that was stored is durable
	}
}

// stopCluster stops the embedded database that this process has started. A command waits
// before that until no other uses it, or until interrupted is closed.
func (a *app) stopCluster(interrupted <-chan struct{}) {
	if a.mode.joins() {
		a.cluster.AwaitJoined(interrupted)
	}
	if err := a.cluster.Stop(context.Background()); err != nil {
		a.log.Error("database stop failed", "error", err)
	}
}
