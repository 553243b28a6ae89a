package limit

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

func TestLapsedLeasesAreDropped(t *testing.T) {
	t.Parallel()
	s := Leases{limit: Limit{N: 100, Per: time.Hour}}
	now := time.Now()
	for person := range int64(100) {
		s.take(person, now)
		s.put(person, lease{left: 3, until: now.Add(time.Minute)}, nil, now)
	}
	later := now.Add(2 * leaseSweep)
	s.take(100, later)
	s.put(100, lease{left: 3, until: later.Add(time.Hour)}, nil, later)
	if len(s.of) != 1 {
		t.Errorf("%d leases are kept", len(s.of))
	}
}

func TestAFailedLeaseReturnsItsErrorToAllWaiters(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := Leases{limiter: NewLimiter(nil, time.Now), limit: Limit{N: 100, Per: time.Hour}}
		if _, _, ask := s.take(1, time.Now()); !ask {
			t.Fatal("the first caller does not request a lease")
		}
		const waiters = 5
		got := make(chan error, waiters)
		for range waiters {
			go func() { got <- s.Allow(t.Context(), 1) }() // without a pool, another request for a lease would panic
		}
		synctest.Wait()
		failed := errors.New("the database is silent")
		s.put(1, lease{}, failed, time.Now())
		for range waiters {
			if err := <-got; err != failed {
				t.Errorf("got %v, want %v", err, failed)
			}
		}
	})
}

func TestACancelledRequestDoesNotFailOtherWaiters(t *testing.T) {
	t.Parallel()
	pool, err := pgxpool.New(t.Context(), "postgres://127.0.0.1:1/none")
	if err != nil {
		t.Fatal(err)
	}
	defer pool.Close()
	s := Leases{limiter: NewLimiter(pool, time.Now), limit: Limit{N: 100, Per: time.Hour}}
	s.take(1, time.Now())
	asked := s.of[1].pending
	ended, end := context.WithCancel(t.Context())
	end()
	if err := s.lease(ended, 1); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v, want the error of the request's context", err)
	}
	<-asked.done
	if asked.err != nil {
		t.Errorf("the other waiters get %v, want them to request again", asked.err)
	}
}
