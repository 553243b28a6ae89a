package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// BackfillJob fills a table or column that a migration added from older rows, while the
// desk is served. On a large desk this takes longer than a start may take.
// docs/migrations.md describes the steps of such a migration.
type BackfillJob struct {
	// Name is the name of the job's row in the table backfills, which the migration inserts.
	Name string
	// Batch handles about size rows after a position. It returns the position that it has
	// reached, and true if there were no rows. The first position is "". It runs in one
	// transaction with the update of the position, so that each batch is done once. Triggers
	// fill rows that are written meanwhile, so it must not overwrite existing values.
	Batch func(ctx context.Context, q *Queries, position string, size int32) (next string, done bool, err error)
}

const (
	// backfillLock is the key of the advisory lock of the replica that runs the jobs.
	backfillLock = 7_010_011
	// backfillTime is the target duration of a batch; the size of batches is adapted to it.
	// The job then pauses as long as the batch took, so that it uses at most half the time
	// of a connection.
	backfillTime = 100 * time.Millisecond
	backfillMax  = 2000 // rows in one batch
	// backfillRetry is the pause after a failure, or after another replica had the lock.
	backfillRetry = 10 * time.Second
	// backfillTimeout is the time limit of a job's statement in this program. It is longer
	// than statement_timeout, so that the server ends a slow statement: a statement that
	// times out here makes the server count as silent, which affects all requests.
	backfillTimeout = 20 * time.Second
	// backfillReport is the interval at which the progress of a job is logged.
	backfillReport = time.Minute
)

// RunBackfills runs the unfinished jobs, one after the other, until all are finished or
// ctx ends. Every replica may call it: one replica works at a time, and if it ends,
// another continues after its last batch. A failure is logged and tried again.
func RunBackfills(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger, jobs []BackfillJob) {
	for {
		finished, err := runPending(ctx, pool, log, jobs)
		if ctx.Err() != nil || finished {
			return
		}
		if err != nil {
			log.Error("backfill failed, trying again", "error", err, "pause", backfillRetry)
		}
		if pause(ctx, backfillRetry) != nil {
			return
		}
	}
}

// runPending runs the unfinished jobs. It returns true if none is left, and false without
// an error if another replica runs them.
func runPending(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger, jobs []BackfillJob) (finished bool, err error) {
	pending, err := New(pool).PendingBackfills(ctx)
	if err != nil {
		return false, fmt.Errorf("read jobs: %w", err)
	}
	jobs = slices.DeleteFunc(slices.Clone(jobs), func(b BackfillJob) bool { return !slices.Contains(pending, b.Name) })
	if len(jobs) == 0 {
		return true, nil
	}
	pooled, err := pool.Acquire(ctx)
	if err != nil {
		return false, fmt.Errorf("connect: %w", err)
	}
	conn := pooled.Hijack() // not returned to the pool, so that closing it releases the lock
	defer conn.Close(context.WithoutCancel(ctx))
	if held, err := New(conn).TryLockBackfills(ctx, backfillLock); err != nil || !held {
		return false, err
	}
	for _, b := range jobs {
		if err := (&backfilling{BackfillJob: b, conn: conn, log: log.With("backfill", b.Name)}).run(ctx); err != nil {
			return false, fmt.Errorf("%s: %w", b.Name, err)
		}
	}
	return true, nil
}

// backfilling is a running job.
type backfilling struct {
	BackfillJob
	conn     *pgx.Conn
	log      *slog.Logger
	position string
}

// run runs batches until the job is finished. It returns an error if a batch fails for
// another reason than its size.
func (b *backfilling) run(ctx context.Context) error {
	ctx = WithCallTimeout(ctx, backfillTimeout)
	start, size, batches := time.Now(), int32(100), 0
	reported := start
	b.log.Info("backfill started")
	for {
		begun := time.Now()
		done, err := b.batch(ctx, size)
		took := time.Since(begun)
		switch {
		case err != nil && size > 1 && isTooMuch(err):
			size = max(size/4, 1)
		case err != nil:
			return err
		case done:
			b.log.Info("backfill finished", "batches", batches, "took", time.Since(start).Round(time.Second))
			return nil
		default:
			batches++
			size = nextSize(size, took)
		}
		if time.Since(reported) >= backfillReport {
			reported = time.Now()
			b.log.Info("backfill continues", "batches", batches, "position", b.position)
		}
		if err := pause(ctx, took); err != nil {
			return err
		}
	}
}

// batch runs one batch and stores the position. It does not wait for the disk: a crash of
// the database may lose the last batches, each together with its position.
func (b *backfilling) batch(ctx context.Context, size int32) (done bool, err error) {
	err = InTx(ctx, b.conn, func(tx pgx.Tx) error {
		q := New(tx)
		if err := q.CountLazily(ctx); err != nil {
			return err
		}
		position, err := q.HoldBackfill(ctx, b.Name)
		if errors.Is(err, pgx.ErrNoRows) {
			done = true
			return nil
		} else if err != nil {
			return err
		}
		next, finished, err := b.Batch(ctx, q, position, size)
		if err != nil {
			return err
		}
		if done = finished; done {
			next = position
		}
		b.position = next
		return q.MoveBackfill(ctx, MoveBackfillParams{Name: b.Name, Position: next, Finished: done})
	})
	return done, err
}

// nextSize returns the size of the next batch after one of that size that took that long.
func nextSize(size int32, took time.Duration) int32 {
	switch {
	case took < backfillTime/2:
		return min(size*2, backfillMax)
	case took > backfillTime*2:
		return max(size/2, 1)
	}
	return size
}

// isTooMuch reports whether a smaller batch may succeed: this one exceeded
// statement_timeout or lock_timeout, or conflicted with another transaction.
func isTooMuch(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && slices.Contains([]string{"57014", "55P03", "40001", "40P01"}, pg.Code)
}

// pause waits for d. It returns an error if ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
