package db_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

func TestASchemaNewerThanTheProgramIsRefused(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	if _, err := pool.Exec(t.Context(), "insert into goose_db_version (version_id, is_applied) values (99999, true)"); err != nil {
		t.Fatal(err)
	}
	if err := db.Migrate(t.Context(), pool); !errors.Is(err, db.ErrNewer) {
		t.Fatalf("got %v, want ErrNewer", err)
	}
}

func TestTwoReplicasMayMigrateAtOnce(t *testing.T) {
	t.Parallel()
	url := dbtest.NewURL(t)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			pool, err := db.Open(t.Context(), url, 2)
			if err != nil {
				t.Error(err)
				return
			}
			defer pool.Close()
			if err := db.Migrate(t.Context(), pool); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestAPasswordInADatabaseURLIsNeverPrinted(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://u:s3cret@127.0.0.1:1/x", "postgres://u:s3cret@host:port/x"} {
		_, err := db.Open(t.Context(), url, 1)
		if err == nil || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%v", err)
		}
	}
}
