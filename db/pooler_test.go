package db_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// opened opens a pool that is closed when the test ends.
func opened(t *testing.T, url string, conns int32) *pgxpool.Pool {
	t.Helper()
	pool, err := db.Open(t.Context(), url, conns)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool
}

// throughPooler opens a pool through PgBouncer in transaction mode.
func throughPooler(t *testing.T, url string, direct *pgxpool.Pool) (*pgxpool.Pool, db.Pooler) {
	t.Helper()
	pool, found, err := db.OpenPooled(t.Context(), url, direct, poolSize)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	return pool, found
}

// inAll runs a query on as many server sessions as there are connections, at the same time,
// and returns the different texts.
func inAll(t *testing.T, pool *pgxpool.Pool, sql string) (texts []string) {
	t.Helper()
	for range 8 {
		tx, err := pool.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer tx.Rollback(context.Background())
		var text string
		if err := tx.QueryRow(t.Context(), sql).Scan(&text); err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(texts, text) {
			texts = append(texts, text)
		}
	}
	return texts
}

const settingsQuery = `select concat_ws(' ', current_setting('statement_timeout'), current_setting('lock_timeout'), current_setting('idle_in_transaction_session_timeout'),
	current_setting('jit'), current_setting('search_path'), current_setting('TimeZone'))`

func TestEverySessionBehindAPoolerHasOurSettings(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	p := dbtest.NewPooler(t, own, "pool_mode = transaction", "default_pool_size = 8")
	execute(t, p.URL("postgres"), "create schema elsewhere") // the pooler has a session that is older than the settings
	url := with(t, p.URL("postgres"), "statement_timeout", "3s", "search_path", "public, elsewhere")
	pool, found := throughPooler(t, url, opened(t, own.URL("postgres"), 2))
	if !found.Shared {
		t.Error("the pooler was not found")
	}
	const want = "3s 2s 10s off public, elsewhere UTC"
	got := inAll(t, pool, settingsQuery)
	if len(got) != 1 {
		t.Fatalf("got %d elements, want 1: %q", len(got), got)
	}
	if got[0] != want {
		t.Errorf("got[0] is %q, want %q", got[0], want)
	}
	again, _ := throughPooler(t, with(t, p.URL("postgres"), "search_path", "public"), opened(t, own.URL("postgres"), 2))
	p.Console("RECONNECT")
	const changed = "4s 2s 10s off public UTC"
	for range 20 { // PgBouncer replaces sessions when they are free
		if got := inAll(t, again, settingsQuery); len(got) == 1 && got[0] == changed {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Errorf("the sessions have the settings %q, want %q", inAll(t, again, settingsQuery), changed)
}

func TestStatementsArePreparedOnlyIfThePoolerKeepsThem(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	p := dbtest.NewPooler(t, own, "pool_mode = transaction", "default_pool_size = 3", "server_round_robin = 1")
	direct := opened(t, own.URL("postgres"), 2)
	pool, found := throughPooler(t, p.URL("postgres"), direct)
	want := pgx.QueryExecModeCacheDescribe
	if found.Prepares {
		want = pgx.QueryExecModeCacheStatement
	}
	if got := pool.Config().ConnConfig.DefaultQueryExecMode; got != want {
		t.Errorf("%v: the mode is %v, want %v", found, got, want)
	}
	for i := range 100 { // on changing server sessions
		var n int
		if err := pool.QueryRow(t.Context(), "select $1::int + 1", i).Scan(&n); err != nil || n != i+1 {
			t.Fatalf("got %d (%v), want %d", n, err, i+1)
		}
	}
	none, found := throughPooler(t, own.URL("postgres"), direct)
	got := none.Config().ConnConfig.DefaultQueryExecMode
	if found.Shared {
		t.Error("without a pooler: shared is true, want false")
	}
	if got != pgx.QueryExecModeCacheStatement {
		t.Errorf("without a pooler: got %s, want %s", got, pgx.QueryExecModeCacheStatement)
	}
}

func TestTwoURLsOfDifferentDatabasesAreRefused(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	execute(t, own.URL("postgres"), "create database other")
	p := dbtest.NewPooler(t, own, "pool_mode = transaction")
	_, _, err := db.OpenPooled(t.Context(), p.URL("other"), opened(t, own.URL("postgres"), 2), 4)
	if err == nil {
		t.Fatal("got no error, want one")
	}
	if !strings.Contains(err.Error(), "do not lead to the same database") {
		t.Errorf(`the error is %q, want it with "do not lead to the same database"`, err.Error())
	}
}

func TestAPoolerIsExaminedBesideItsServer(t *testing.T) {
	t.Parallel()
	own := dbtest.NewOwn(t, nil)
	examine := func(url string) []db.Finding {
		t.Helper()
		_, all, err := db.PoolerFitness(t.Context(), url, own.URL("postgres"), poolSize, 3)
		if err != nil {
			t.Fatal(err)
		}
		return slices.DeleteFunc(all, func(f db.Finding) bool { return f.Warning })
	}
	if found := examine(pooler(t, own, "pool_mode = transaction", "default_pool_size = 2")); len(found) != 0 {
		t.Errorf("transaction mode: got %v, want nothing", found)
	}
	for settings, want := range map[string]string{"pool_mode = statement": "statement mode", "pool_mode = transaction\nmax_client_conn = 5": "max_client_conn"} {
		found := examine(pooler(t, own, settings))
		if len(found) != 1 {
			t.Fatalf("%s: got %d elements, want 1: %+v", settings, len(found), found)
		}
		if !strings.Contains(found[0].Sentence, want) {
			t.Errorf("%s: the sentence is %q, want it with %q", settings, found[0].Sentence, want)
		}
	}
}
