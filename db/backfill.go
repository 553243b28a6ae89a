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

// BackfillJob fills what a migration added (a table, a column) from rows that are older than
// it, while the desk is served: on a large desk that takes far longer than a start may.
// docs/migrations.md describes the steps of such a migration.
type BackfillJob struct {
	// Name is that of its row in the table backfills, which the migration inserts.
	Name string
	// Batch does the part of the work that follows a position, some size rows of it, and
	// returns the position it has reached, and true if nothing followed. The first position is
	// "". It runs in one transaction together with the update of the position, so that it is done once.
	// Rows that are written meanwhile are not its concern: triggers fill those, so it must leave what is there.
	Batch func(ctx context.Context, q *Queries, position string, size int32) (next string, done bool, err error)
}

const (
	// backfillLock is the key of the advisory lock that the replica holds which runs the jobs.
	backfillLock = 7_010_011
	// backfillTime is how long a batch should take; the size follows it. The job then
	// pauses as long, so that it takes at most half a connection's time.
	backfillTime = 100 * time.Millisecond
	backfillMax  = 2000 // rows a batch
	// backfillRetry is the pause after a failure, or until another replica is asked again.
	backfillRetry = 10 * time.Second
	// backfillPatience is how long a statement of a job may take on our side: so much longer than statement_timeout
	// that the server ends it, as a server that does not answer is a fault to all others.
	backfillPatience = 20 * time.Second
	// backfillReport is how often the log says how far a job has come.
	backfillReport = time.Minute
)

// RunBackfills runs those of the jobs that are not finished, one after the other, until all are or ctx ends.
// It may be called by every replica: one of them works at a time, and where that one ends another
// continues from its last batch. A failure is logged and tried again.
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

// runPending returns true when no job is left, and false without an error while another replica runs them.
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
	conn := pooled.Hijack() // the lock ends with the connection
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

// backfilling is a job that runs.
type backfilling struct {
	BackfillJob
	conn     *pgx.Conn
	log      *slog.Logger
	position string
}

func (b *backfilling) run(ctx context.Context) error {
	ctx = Patient(ctx, backfillPatience)
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

// batch does one batch. A crash of the database may lose the last ones, each with its position.
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

// nextSize is the size of the batch after one that took so long.
func nextSize(size int32, took time.Duration) int32 {
	switch {
	case took < backfillTime/2:
		return min(size*2, backfillMax)
	case took > backfillTime*2:
		return max(size/2, 1)
	}
	return size
}

// isTooMuch reports whether a smaller batch may do what this one could not: it took too long
// (statement_timeout), or met a lock of another transaction.
func isTooMuch(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && slices.Contains([]string{"57014", "55P03", "40001", "40P01"}, pg.Code)
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
