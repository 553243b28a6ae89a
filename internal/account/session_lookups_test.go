package account

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/db/dbtest"
	"frontdesk/internal/limit"
)

// failsForSeveral is a database on which statements that look for several sessions fail.
type failsForSeveral struct{ db.DBTX }

func (d failsForSeveral) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if strings.Contains(args[0].(string), " ") {
		return nil, errors.New("several at once")
	}
	return d.DBTX.Query(ctx, sql, args...)
}

func TestSessionsWhoseStatementFailsAreReadAlone(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	store := New(pool, time.Now, limit.Limits{}, Cost{}, nil).Sessions.Store()
	if err := store.CommitCtx(t.Context(), "token", []byte("{}"), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	store.accounts.q = db.New(failsForSeveral{pool})
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if _, ok, err := store.FindCtx(t.Context(), "token"); err != nil || !ok {
				t.Errorf("found %v, error %v", ok, err)
			}
		})
	}
	group.Wait()
}
