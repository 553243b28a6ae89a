package db_test

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// pooler starts PgBouncer in front of a server and returns the URL of the database through it.
// PgBouncer runs until the test ends. If PgBouncer is not installed, the test is skipped.
func pooler(t *testing.T, own *dbtest.Own, settings ...string) string {
	t.Helper()
	program, err := exec.LookPath("pgbouncer")
	if err != nil {
		if program = "/usr/sbin/pgbouncer"; !exists(program) { // often not in PATH
			t.Skip("PgBouncer is not installed")
		}
	}
	u, err := url.Parse(own.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	port := freePort(t)
	dir, err := os.MkdirTemp("", "frontdesk-pooler-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	who := own.Account()
	ini := fmt.Sprintf("[databases]\n* = host=%s user=%s\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\nauth_type = any\n%s\n",
		u.Query().Get("host"), u.Query().Get("user"), port, strings.Join(settings, "\n"))
	if err := os.WriteFile(filepath.Join(dir, "pgbouncer.ini"), []byte(ini), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, filepath.Join(dir, "pgbouncer.ini"))
	cmd.SysProcAttr = asRootSwitch(who)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	address := fmt.Sprintf("postgres://%s@127.0.0.1:%d/postgres?sslmode=disable", u.Query().Get("user"), port)
	eventually(t, "PgBouncer answers", func() bool {
		conn, err := pgx.Connect(t.Context(), address)
		if err == nil {
			conn.Close(context.Background())
		}
		return err == nil
	})
	return address
}

// exists reports whether there is a file at the path.
func exists(path string) bool { _, err := os.Stat(path); return err == nil }

// freePort returns a TCP port that is not in use now.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func TestAPoolerInTransactionModeIsRefused(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	for _, c := range []struct {
		mode     string
		settings []string
	}{
		{"transaction", nil},
		{"transaction", []string{"server_round_robin = 1", "min_pool_size = 3"}},
		{"transaction", []string{"default_pool_size = 1"}},
		{"transaction", []string{"default_pool_size = 2", "server_reset_query_always = 1"}},
		{"statement", nil},
	} {
		address := pooler(t, own, append(c.settings, "pool_mode = "+c.mode)...)
		finds(t, address, "pooling", "in "+c.mode+" mode")
	}
}

// All server connections of the pooler are used by other clients.
func TestABusyPoolerInTransactionModeIsDetected(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	address := pooler(t, own, "pool_mode = transaction", "default_pool_size = 8")
	ctx, cancel := context.WithCancel(t.Context())
	var others sync.WaitGroup
	defer others.Wait()
	defer cancel()
	for range 4 {
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		others.Go(func() {
			defer conn.Close(context.Background())
			for ctx.Err() == nil {
				_, _ = conn.Exec(context.Background(), "begin; select pg_sleep(0.001); commit", pgx.QueryExecModeSimpleProtocol)
			}
		})
	}
	finds(t, address, "pooling", "in transaction mode")
}

func TestAPoolerInSessionModeIsFitIfItIsLargeEnough(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	large := pooler(t, own, "pool_mode = session", "default_pool_size = 20")
	fit(t, large)
	pool, err := db.Open(t.Context(), large, 4)
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	if err := db.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
	var timeout string
	if err := pool.QueryRow(t.Context(), "select current_setting('statement_timeout')").Scan(&timeout); err != nil || timeout != "4s" {
		t.Errorf("statement_timeout is %q (%v), want 4s", timeout, err)
	}
	fit(t, large)
	finds(t, pooler(t, own, "pool_mode = session", "default_pool_size = 8"), "connections", "default_pool_size")
	finds(t, pooler(t, own, "pool_mode = session", "default_pool_size = 2"), "connections", "default_pool_size")
}

func TestASettingThatThePoolerRefusesIsNamed(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	address := with(t, pooler(t, own, "pool_mode = session"), "statement_timeout", "30s")
	_, err := db.Fitness(t.Context(), address, poolSize)
	if err == nil || !strings.Contains(err.Error(), "refuses the setting statement_timeout") || !strings.Contains(err.Error(), "ignore_startup_parameters") {
		t.Errorf("got %v", err)
	}
}
