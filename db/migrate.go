package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

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
// replicas may start at once. A schema newer than this program is [ErrNewer],
// and one of another program is [ErrForeign]; both stay as they are.
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
	if err := refuseForeignSchema(ctx, pool); err != nil {
		return err
	}
	if err := refuseNewer(ctx, p, conn); err != nil {
		return err
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	return nil
}

// newestMigration returns the version of the last migration that this program knows.
func newestMigration() int64 {
	files, _ := fs.Glob(Migrations(), "*.sql")
	number, _, _ := strings.Cut(files[len(files)-1], "_")
	version, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		panic(err) // the names are embedded
	}
	return version
}

func refuseForeignSchema(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return unreachable(err)
	}
	defer conn.Release()
	return refuseForeign(ctx, conn.Conn())
}

func refuseNewer(ctx context.Context, p *goose.Provider, conn *sql.DB) error {
	have, err := p.GetDBVersion(ctx)
	if err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if newest := newestMigration(); have > newest {
		return fmt.Errorf("%w (its schema is %d, this program knows %d)", ErrNewer, have, newest)
	}
	return nil
}
