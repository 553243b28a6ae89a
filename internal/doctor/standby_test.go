package doctor

import (
	"testing"

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
	e.finds(t, "standby", Problem, "start the standby")
	pair.First.Execute("alter system set synchronous_standby_names = ''", "select pg_reload_conf()")
	e.finds(t, "standby", Warning, "several hosts")
}
