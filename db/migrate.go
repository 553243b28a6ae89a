package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations are the schema's steps, in order.
func Migrations() fs.FS {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// ErrNewer says that the database was made by a later version of the program.
var ErrNewer = errors.New("the database was made by a newer version of Frontdesk: install that version or a later one")

// Migrate brings the schema up to date, under an advisory lock, so that two
// replicas may start at once. A schema newer than this program is [ErrNewer]
// and stays as it is.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	cfg := pool.Config().ConnConfig // a copy
	// An index on a large table takes its time.
	cfg.Tracer = nil
	delete(cfg.RuntimeParams, "statement_timeout")
	cfg.AfterConnect = afterConnect(cfg.RuntimeParams, map[string]string{"statement_timeout": "0"})
	conn := stdlib.OpenDB(*cfg)
	defer conn.Close()
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(1, 120))
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectPostgres, conn, Migrations(), goose.WithSessionLocker(locker))
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	if err := refuseNewer(ctx, p, conn); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

func refuseNewer(ctx context.Context, p *goose.Provider, conn *sql.DB) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	sources := p.ListSources()
	if newest := sources[len(sources)-1].Version; have > newest {
		return fmt.Errorf("%w (its schema is %d, this program knows %d)", ErrNewer, have, newest)
	}
	return nil
}
