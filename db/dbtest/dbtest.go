// Package dbtest gives every test a database of its own: cloned in some 40 ms
// from a migrated template, on a PostgreSQL that the tests of a package share
// and that ends with their process.
package dbtest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/postgres"
)

// New returns a pool on a fresh, migrated database that is dropped when the
// test ends. Safe in parallel tests.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	pool, err := db.Open(t.Context(), NewURL(t), 6)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// NewURL is New for programs that connect by themselves.
func NewURL(t testing.TB) string {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("test_%d", s.count.Add(1))
	if err := s.exec("create database " + name + " template " + template); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.exec("drop database " + name + " with (force)"); err != nil {
			t.Log(err)
		}
	})
	return s.cluster.URL(name)
}

// template is the migrated database that the others are cloned from.
const template = "frontdesk_template"

type server struct {
	cluster *postgres.Cluster
	admin   *pgxpool.Pool
	count   atomic.Int64
}

// shared starts the package's server once. There is no hook at the end of a
// test binary: the kernel ends the server with its parent (the parent-death
// signal), and the next run removes its folder.
var shared = sync.OnceValues(func() (*server, error) {
	sweep()
	ctx := context.Background()
	dir := filepath.Join(os.TempDir(), prefix+strconv.Itoa(os.Getpid()))
	cluster, err := postgres.Start(ctx, postgres.Options{DataDir: dir, NoSync: true,
		Settings: map[string]string{"max_connections": "400", "shared_buffers": "64MB", "autovacuum": "off"}})
	if err != nil {
		return nil, err
	}
	s := &server{cluster: cluster}
	if s.admin, err = db.Open(ctx, cluster.URL("postgres"), 4); err != nil {
		return nil, err
	}
	return s, s.makeTemplate(ctx)
})

func (s *server) makeTemplate(ctx context.Context) error {
	if err := s.exec("create database " + template); err != nil {
		return err
	}
	pool, err := db.Open(ctx, s.cluster.URL(template), 2)
	if err != nil {
		return err
	}
	defer pool.Close() // a template in use cannot be cloned
	return db.Migrate(ctx, pool)
}

func (s *server) exec(sql string) error {
	_, err := s.admin.Exec(context.Background(), sql)
	return err
}

const prefix = "frontdesk-test-"

// sweep removes the folders of runs that are over.
func sweep() {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*"))
	for _, dir := range dirs {
		pid, err := strconv.Atoi(strings.TrimPrefix(filepath.Base(dir), prefix))
		if err == nil && syscall.Kill(pid, 0) == syscall.ESRCH {
			_ = os.RemoveAll(dir)
		}
	}
}
