package db_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbtest"
)

var discard = slog.New(slog.DiscardHandler)

// counting returns a job that inserts the numbers from 1 to n into a table. Inserting a number
// twice is an error.
func counting(t *testing.T, pool *pgxpool.Pool, n int, before func(ctx context.Context, q *db.Queries, at int) error) db.BackfillJob {
	t.Helper()
	for _, sql := range []string{"create table counted (n int primary key)", "insert into backfills (name) values ('count')"} {
		if _, err := pool.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	return db.BackfillJob{Name: "count", Batch: func(ctx context.Context, q *db.Queries, position string, _ int32) (string, bool, error) {
		at, _ := strconv.Atoi("0" + position)
		if at == n {
			return "", true, nil
		}
		if err := q.Exec(ctx, "insert into counted values ($1)", at+1); err != nil {
			return "", false, err
		}
		return strconv.Itoa(at + 1), false, before(ctx, q, at+1)
	}}
}

// counted returns the count of the rows of the test's table, the position of the backfill,
// and whether it has finished.
func counted(t *testing.T, pool *pgxpool.Pool) (s string) {
	t.Helper()
	if err := pool.QueryRow(t.Context(), "select count(*) || ' ' || (select position || ' ' || (finished_at is not null) from backfills where name = 'count') from counted").Scan(&s); err != nil {
		t.Fatal(err)
	}
	return s
}

func TestAnInterruptedJobContinuesAfterItsLastBatch(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	var cut atomic.Int64
	ctx, cancel := context.WithCancel(t.Context())
	job := counting(t, pool, 8, func(ctx context.Context, q *db.Queries, at int) error {
		switch n := cut.Add(1); {
		case n == 3: // as if the program were killed before the commit
			cancel()
		case n == 5: // as if the database were killed
			return q.Exec(ctx, "select pg_terminate_backend(pg_backend_pid())")
		}
		return nil
	})
	db.RunBackfills(ctx, pool, discard, []db.BackfillJob{job})
	if got := counted(t, pool); got != "2 2 false" {
		t.Fatalf("after the program was killed: got %q, want two batches", got)
	}
	finished, err := db.RunPending(t.Context(), pool, discard, []db.BackfillJob{job})
	if err == nil {
		t.Fatal("got no error, want one")
	}
	if finished {
		t.Fatal("finished is true, want false")
	}
	if got := counted(t, pool); got != "3 3 false" {
		t.Fatalf("after the connection was lost: got %q, want three batches", got)
	}
	for range 2 {
		db.RunBackfills(t.Context(), pool, discard, []db.BackfillJob{job})
		if got := counted(t, pool); got != "8 8 true" {
			t.Errorf("got %q, want each number once", got)
		}
	}
}

func TestOnlyOneReplicaRunsTheJobs(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	job := counting(t, pool, 1, func(context.Context, *db.Queries, int) error {
		close(entered)
		<-leave
		return nil
	})
	ended := make(chan error, 1)
	go func() {
		finished, err := db.RunPending(t.Context(), pool, discard, []db.BackfillJob{job})
		ended <- errors.Join(err, map[bool]error{false: errors.New("not finished")}[finished])
	}()
	<-entered
	if finished, err := db.RunPending(t.Context(), pool, discard, []db.BackfillJob{job}); finished || err != nil {
		t.Errorf("the other replica: got finished %t, %v, want it not to run the jobs", finished, err)
	}
	close(leave)
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if finished, err := db.RunPending(t.Context(), pool, discard, []db.BackfillJob{job}); !finished || err != nil {
		t.Errorf("the other replica afterwards: got finished %t, %v, want finished", finished, err)
	}
}

func TestABatchThatTakesTooLongIsRepeatedWithFewerRows(t *testing.T) {
	t.Parallel()
	pool := dbtest.New(t)
	var sizes []int32
	job := counting(t, pool, 1, func(context.Context, *db.Queries, int) error { return nil })
	batch := job.Batch
	job.Batch = func(ctx context.Context, q *db.Queries, position string, size int32) (string, bool, error) {
		if sizes = append(sizes, size); size > 10 {
			return "", false, q.Exec(ctx, "do $$ begin raise exception using errcode = '57014'; end $$")
		}
		return batch(ctx, q, position, size)
	}
	if finished, err := db.RunPending(t.Context(), pool, discard, []db.BackfillJob{job}); !finished || err != nil {
		t.Fatalf("got finished %t, %v, want finished", finished, err)
	}
	if got := fmt.Sprint(sizes[:3]); got != "[100 25 6]" {
		t.Errorf("got batches of %s, want a quarter each time", got)
	}
}
