package db_test

import (
	"testing"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

// A restore that was killed during the migrations is repeated on such a database.
func TestADatabaseWhoseFirstMigrationsWereInterruptedHasNoData(t *testing.T) {
	t.Parallel()
	pool, err := db.Open(t.Context(), dbtest.NewOwn(t, nil).URL("postgres"), 2)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	for _, step := range []struct {
		sql  string
		want bool
	}{
		{"create table goose_db_version (version_id bigint, is_applied boolean)", false},
		{"insert into goose_db_version values (1, true)", false},
		{"create table users (id bigint)", false},
		{"insert into users values (1)", true},
	} {
		if _, err := pool.Exec(t.Context(), step.sql); err != nil {
			t.Fatal(err)
		}
		if got, err := db.HasData(t.Context(), pool); err != nil || got != step.want {
			t.Errorf("after %s: got %t, %v; want %t", step.sql, got, err, step.want)
		}
	}
}
