package dbtest_test

import (
	"testing"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

func TestEveryTestHasADatabaseOfItsOwn(t *testing.T) {
	for range 3 {
		t.Run("clone", func(t *testing.T) {
			t.Parallel()
			q := db.New(dbtest.New(t))
			categories, err := q.ListCategories(t.Context())
			if err != nil || len(categories) != 3 {
				t.Fatalf("got %v, %v; want the three first categories", categories, err)
			}
		})
	}
}

func TestMigratingTwiceChangesNothing(t *testing.T) {
	pool := dbtest.New(t)
	if err := db.Migrate(t.Context(), pool); err != nil {
		t.Fatal(err)
	}
}
