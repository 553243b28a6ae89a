package doctor

import (
	"slices"
	"testing"
	"time"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

func TestStandbysAreChecked(t *testing.T) {
	t.Parallel()
	pair := dbtest.NewPair(t)
	e := newDesk(t, pair.URL())
	if err := db.Migrate(t.Context(), e.Pool); err != nil {
		t.Fatal(err)
	}
	e.finds(t, "standby", OK, "synchronous")
	pair.Second.Kill()
	for connected := true; connected; time.Sleep(10 * time.Millisecond) { // its other processes end later
		if err := e.Pool.QueryRow(t.Context(), "select exists (select from pg_stat_replication)").Scan(&connected); err != nil {
			t.Fatal(err)
		}
	}
	e.finds(t, "standby", Problem, "start the standby")
	e.URL, e.DirectURL = "postgres://127.0.0.1:1/frontdesk?sslmode=disable", pair.URL() // a pooler whose connections all wait
	e.finds(t, "standby", Problem, "start the standby")
	known := []string{"standby", "durability", "bloat", "disk"}
	for _, f := range e.found {
		if f.Level == Problem && !slices.Contains(known, f.Check) {
			t.Errorf("while no change is acknowledged: got %v, want problems only of %v", f, known)
		}
	}
	e.URL, e.DirectURL = pair.URL(), ""
	pair.First.Execute("alter system set synchronous_standby_names = ''", "select pg_reload_conf()")
	for name := "*"; name != ""; time.Sleep(10 * time.Millisecond) { // the server reads its settings later
		if err := e.Pool.QueryRow(t.Context(), "show synchronous_standby_names").Scan(&name); err != nil {
			t.Fatal(err)
		}
	}
	e.finds(t, "standby", Warning, "several hosts")
}
