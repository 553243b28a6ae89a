package main

import (
	"context"
	"errors"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/pgenv"
	"frontdesk/internal/postgres"
)

// databaseURL returns the connection string of the database. It starts the embedded
// one if DATABASE_URL is not set.
func (a *app) databaseURL(ctx context.Context) (string, error) {
	if a.cfg.DatabaseURL != "" {
		url, dropped, err := db.CleanURL(a.cfg.DatabaseURL)
		if len(dropped) > 0 {
			a.log.Warn("parameters of DATABASE_URL ignored", "parameters", dropped, "reason", "they mean nothing here; the pool is set with pool_max_conns")
		}
		return url, err
	}
	if names := pgenv.Drop(); len(names) > 0 {
		a.log.Info("environment variables ignored", "variables", names, "reason", "the embedded database has its own settings; they apply with DATABASE_URL")
	}
	if a.mode.upgrades() {
		if err := a.upgradeDatabase(ctx); err != nil {
			return "", err
		}
	}
	var err error
	a.cluster, err = a.startCluster(ctx)
	if a.mode.joins() && errors.Is(err, postgres.ErrInUse) {
		if running, leave, ok := postgres.Join(a.dataDir, "postgres"); ok {
			a.leave = leave
			return running, nil
		}
	}
	if err != nil {
		return "", writable(err, a.dataDir, "DATA_DIR")
	}
	a.leave = func() { a.stopCluster(ctx.Done()) }
	return a.cluster.URL("postgres"), nil
}

// openPools checks the database and opens the connections to it.
func (a *app) openPools(ctx context.Context, url string) error {
	directURL, err := a.directURL(url)
	if err != nil {
		return err
	}
	pooled := a.mode.pools() && directURL != url
	if err := a.checkFitness(ctx, url, pooled); err != nil {
		return err
	}
	options := a.poolOptions()
	if !pooled {
		a.pool, err = db.Open(ctx, directURL, poolSize, options...)
		a.direct = a.pool
		return err
	}
	if a.direct, err = db.Open(ctx, directURL, directSize, db.Observer(a.observeStatement)); err != nil {
		return err
	}
	found := db.Pooler{}
	if a.pool, found, err = db.OpenPooled(ctx, url, a.direct, poolSize, options...); err != nil {
		return err
	}
	a.log.Info("pooler checked", "finding", found.String())
	return nil
}

// directURL returns the connection string of PostgreSQL itself. url is the one of DATABASE_URL.
func (a *app) directURL(url string) (string, error) {
	if a.cfg.DatabaseDirectURL == "" {
		return url, nil
	}
	direct, _, err := db.CleanURL(a.cfg.DatabaseDirectURL)
	return direct, err
}

// fitness returns what [db.Fitness] finds, for the pooler of DATABASE_URL too if pooled is true.
func (a *app) fitness(ctx context.Context, url string, pooled bool) ([]db.Finding, error) {
	directURL, err := a.directURL(url)
	switch {
	case err != nil:
		return nil, err
	case directURL == url:
		return db.Fitness(ctx, url, poolSize)
	case pooled:
		_, found, err := db.PoolerFitness(ctx, url, directURL, poolSize, directSize)
		return found, err
	}
	return db.DirectFitness(ctx, directURL, poolSize)
}

// checkFitness returns an error if Frontdesk cannot work with the database. It logs warnings.
func (a *app) checkFitness(ctx context.Context, url string, pooled bool) error {
	found, err := a.fitness(ctx, url, pooled)
	if err != nil {
		return err
	}
	if err := unfit(found); err != nil {
		return err
	}
	for _, f := range found { // only warnings are left
		if a.mode == demonstrating && f.Name == "durability" {
			continue
		}
		a.log.Warn("database check", "check", f.Name, "finding", f.Sentence)
	}
	return nil
}

// poolSize is the maximum number of connections of a replica: five per core of a machine
// with two cores.
const poolSize = 10

// directSize is the maximum number of connections of the direct pool of a replica behind a pooler:
// for jobs that fill columns, and for its own checks.
const directSize = 3

// openReplica connects to the standby of DATABASE_REPLICA_URL. It returns nil if there is none, or
// it cannot be reached.
func (a *app) openReplica(ctx context.Context) *pgxpool.Pool {
	if a.cfg.DatabaseReplicaURL == "" {
		return nil
	}
	url, _, err := db.CleanURL(a.cfg.DatabaseReplicaURL)
	var replica *pgxpool.Pool
	if err == nil {
		replica, err = db.Open(ctx, url, 1)
	}
	if err != nil {
		a.replicaUnused(errors.New(strings.ReplaceAll(err.Error(), "DATABASE_URL", "DATABASE_REPLICA_URL")))
		return nil
	}
	return replica
}

// replicaUnused logs that the replica cannot be read, so that the primary is read instead.
func (a *app) replicaUnused(err error) {
	a.log.Warn("replica not used", "reason", err.Error(), "used", "the primary")
}
