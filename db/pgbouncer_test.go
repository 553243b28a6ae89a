package db_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// pooler starts PgBouncer in front of a server and returns the URL of the database through it.
func pooler(t *testing.T, own *dbtest.Own, settings ...string) string {
	t.Helper()
	return dbtest.NewPooler(t, own, settings...).URL("postgres")
}

func TestAPoolerInTransactionModeIsRefusedWithoutADirectURL(t *testing.T) {
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
	if err == nil {
		t.Fatal("got no error, want one")
	}
	if !strings.Contains(err.Error(), "refuses the setting statement_timeout") {
		t.Errorf(`the error is %q, want it with "refuses the setting statement_timeout"`, err.Error())
	}
	if !strings.Contains(err.Error(), "ignore_startup_parameters") {
		t.Errorf(`the error is %q, want it with "ignore_startup_parameters"`, err.Error())
	}
}
