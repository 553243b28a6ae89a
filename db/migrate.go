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

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Migrations returns the SQL files of the schema's migrations.
func Migrations() fs.FS {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// ErrNewer is returned if a later version of the program has migrated the database.
var ErrNewer = errors.New("the database was made by a newer version of Frontdesk: install that version or a later one")

// Migrate applies the missing migrations, under an advisory lock, so that several
// replicas may start at once. It returns [ErrNewer] for a schema newer than this program
// and [ErrForeign] for one of another program, and leaves both unchanged.
func Migrate(ctx context.Context, pool *pgxpool.Pool) error {
	return migrate(ctx, pool, func(p *goose.Provider) error {
		_, err := p.Up(ctx)
		return err
	})
}

// SchemaVersions returns the version of the database's schema, 0 if it has none, and the
// newest one that this program knows.
func SchemaVersions(ctx context.Context, pool *pgxpool.Pool) (have, newest int64, err error) {
	var there bool
	if err := pool.QueryRow(ctx, "select to_regclass('goose_db_version') is not null").Scan(&there); err != nil {
		return 0, 0, fmt.Errorf("look for the schema version: %w", err)
	}
	if there {
		err = pool.QueryRow(ctx, "select coalesce(max(version_id), 0) from goose_db_version where is_applied").Scan(&have)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("read schema version: %w", err)
	}
	return have, newestMigration(), nil
}

// migrateTo is [Migrate] up to a version. It returns an error if the schema is newer than
// that, and [ErrNewer] if this program does not know the version.
func migrateTo(ctx context.Context, pool *pgxpool.Pool, version int64) error {
	if newest := newestMigration(); version > newest {
		return fmt.Errorf("%w (its schema is %d, this program knows %d)", ErrNewer, version, newest)
	}
	return migrate(ctx, pool, func(p *goose.Provider) error {
		have, err := p.GetDBVersion(ctx)
		switch {
		case err != nil:
			return err
		case have > version:
			return fmt.Errorf("the schema of the database is %d, and that of the data is %d: use a new database", have, version)
		}
		_, err = p.UpTo(ctx, version)
		return err
	})
}

// migrate calls up with the migrations, unless the schema is foreign or newer.
func migrate(ctx context.Context, pool *pgxpool.Pool, up func(*goose.Provider) error) error {
	cfg := pool.Config().ConnConfig // a copy
	// Creating an index on a large table takes longer than the usual time limits.
	cfg.Tracer = nil
	delete(cfg.RuntimeParams, "statement_timeout")
	cfg.AfterConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
		return conn.Exec(ctx, "set statement_timeout = 0").Close()
	}
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
	if err := up(p); err != nil {
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

// refuseForeignSchema is refuseForeign with a connection of the pool.
func refuseForeignSchema(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return unreachable(err)
	}
	defer conn.Release()
	return refuseForeign(ctx, conn.Conn())
}

// refuseNewer returns [ErrNewer] if the schema is newer than this program.
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
