// Package dbtest creates a database for each test. The database is cloned in about 20 ms from
// a migrated template, on a PostgreSQL server that the tests of a package share and that
// ends with their process. If TEST_DATABASE_URL is set, that server is used instead; its
// role must have the right to create databases. If TEST_POSTGRES_BIN is set to a folder
// with postgres and initdb, these binaries are used.
package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/postgres"
)

// New returns a pool of connections to a new, migrated database, which is dropped when the
// test ends. It is safe for parallel tests.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := db.Open(t.Context(), NewURL(t), 6, db.OnDemand)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// NewURL is like New but returns the connection string of the database.
func NewURL(t testing.TB) string {
	t.Helper()
	SkipLate(t)
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("frontdesk_test_%d_%d", os.Getpid(), s.count.Add(1))
	if err := s.exec("create database " + name + " template " + s.template + s.strategy); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.drop(t, name) })
	return s.url(name)
}

// Prepare runs a statement that may take up to a minute, such as an insert of thousands of
// rows. Other statements of the pool have limits of seconds.
func Prepare(t testing.TB, pool *pgxpool.Pool, sql string, args ...any) {
	t.Helper()
	ctx := db.WithCallTimeout(t.Context(), time.Minute)
	tx, err := pool.Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx) // has no effect after Commit
	if _, err := tx.Exec(ctx, "set local statement_timeout = '60s'"); err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(ctx, sql, args...); err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
}

// server is the PostgreSQL server of the package's tests.
type server struct {
	url      func(database string) string
	isOwn    bool // whether it ends with this process
	admin    *pgxpool.Pool
	drops    *pgxpool.Pool // drops databases, so that this does not delay creating others
	template string        // the migrated database that the others are cloned from
	strategy string        // the clause that halves the time of cloning
	count    atomic.Int64
}

// shared returns the package's server. The first call starts it, or connects to the one of
// TEST_DATABASE_URL, and makes the template.
var shared = sync.OnceValues(func() (*server, error) {
	ctx := context.Background()
	s, database := &server{}, "postgres"
	var err error
	if given := os.Getenv("TEST_DATABASE_URL"); given != "" {
		s.url, database, err = onServer(given)
	} else {
		s.isOwn = true
		s.url, err = startServer(ctx)
	}
	if err != nil {
		return nil, err
	}
	admin, err := slow(s.url(database))
	if err != nil {
		return nil, err
	}
	if s.admin, err = db.Open(ctx, admin, 4); err != nil {
		return nil, err
	}
	if s.drops, err = db.Open(ctx, admin, 4, db.OnDemand); err != nil {
		return nil, err
	}
	// Before version 15, PostgreSQL has only this strategy, and no clause for it.
	const version = "select case when current_setting('server_version_num')::int >= 150000 then ' strategy file_copy' else '' end"
	if err := s.admin.QueryRow(ctx, version).Scan(&s.strategy); err != nil {
		return nil, err
	}
	return s, s.makeTemplate(ctx)
})

// startServer starts a server and returns a function for the connection strings of its
// databases. A watcher process stops the server when this process ends, because test
// binaries have no hook for their end.
func startServer(ctx context.Context) (func(string) string, error) {
	dir := filepath.Join(folder(), "frontdesk-test-"+strconv.Itoa(os.Getpid()))
	held, err := watch(dir)
	if err != nil {
		return nil, err
	}
	cluster, err := postgres.Start(ctx, postgres.Options{DataDir: dir, BinDir: os.Getenv("TEST_POSTGRES_BIN"), NoSync: true,
		Settings: map[string]string{"max_connections": "400", "shared_buffers": "64MB", "max_wal_size": "256MB", "autovacuum": "off"}})
	if err != nil {
		return nil, err
	}
	return func(database string) string {
		runtime.KeepAlive(held)
		return cluster.URL(database)
	}, nil
}

// drop drops the database of a test. On the server of the package, which ends with the process, the
// test does not wait for it: PostgreSQL takes 100 ms if a connection was closed just before.
func (s *server) drop(t testing.TB, name string) {
	sql := "drop database " + name + " with (force)"
	if s.isOwn {
		go s.drops.Exec(context.Background(), sql)
		return
	}
	if _, err := s.drops.Exec(context.Background(), sql); err != nil {
		t.Log(err)
	}
}

// exec runs a statement on the server.
func (s *server) exec(sql string) error {
	_, err := s.admin.Exec(context.Background(), sql)
	return err
}
