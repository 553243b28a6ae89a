// Package importer copies the data of the first system, a Node.js program with a database
// made by Prisma, to a desk without tickets: users, tickets, comments, messages and files.
// An import that was interrupted continues where it was.
package importer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/desk"
)

// Options say what to import.
type Options struct {
	From     string         // the URL of the first system's database
	Uploads  []string       // the folders with its files
	Mapping  Mapping        // names of tables and columns that are not those of the first system
	DryRun   bool           // write only the report
	Report   string         // the path of the report
	Progress func(Progress) // called after each batch; may be nil
}

// Progress is the number of users or tickets that are imported, and that there are.
type Progress struct {
	Kind        string
	Done, Total int64
}

// Result is the result of an import.
type Result struct {
	StartedAt, FinishedAt time.Time
	Before                bool      // the import was finished by an earlier call, which changed nothing now
	Summaries             []Summary // of all calls together
	Notes                 []Entry   // the first entries with a note
	Noted                 int64     // the number of all entries with a note
}

// ErrInterrupted is returned if the context ended. All that was committed is kept.
var ErrInterrupted = errors.New("interrupted: run the same command again to continue")

// ErrRunning is returned if another process imports into the same desk.
var ErrRunning = errors.New("another import into this desk is running")

// errBegun is returned for a dry run after an import has begun.
var errBegun = errors.New("an import into this desk was interrupted: run it again without --dry-run to continue")

// Run imports the data of the first system, or continues an import. It writes the report at
// the end. If the import is finished, it only writes the report. It returns
// [ErrInterrupted], [ErrRunning] or [ErrNotEmpty] as they are.
func Run(ctx context.Context, pool *pgxpool.Pool, blobs desk.Blobs, o Options) (Result, error) {
	if o.Progress == nil {
		o.Progress = func(Progress) {}
	}
	result, err := run(ctx, pool, blobs, o)
	if err != nil && ctx.Err() != nil {
		err = ErrInterrupted
	}
	return result, err
}

// run is [Run] with the errors of a context that ended.
func run(ctx context.Context, pool *pgxpool.Pool, blobs desk.Blobs, o Options) (Result, error) {
	report, err := newReport(o.Report)
	if err != nil {
		return Result{}, err
	}
	defer report.discard()
	files, err := openUploads(o.Uploads)
	if err != nil {
		return Result{}, err
	}
	defer files.close()
	release, err := hold(ctx, pool)
	if err != nil {
		return Result{}, err
	}
	defer release()
	q := db.New(pool)
	state, err := q.GetImport(ctx)
	switch {
	case err == nil && state.FinishedAt != nil:
		return finished(ctx, pool, report, true)
	case err == nil && o.DryRun:
		return Result{}, errBegun
	case err != nil && !errors.Is(err, pgx.ErrNoRows):
		return Result{}, fmt.Errorf("read the state of the import: %w", err)
	}
	if o.DryRun {
		d := &dryRun{q: q, uploads: files, now: time.Now().UTC(), report: report, totals: summaries{}}
		if err := load(ctx, d, o); err != nil {
			return Result{}, err
		}
		return d.result(), report.finish()
	}
	d := &database{pool: pool, q: q, blobs: blobs, uploads: files, now: func() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }}
	if err := load(ctx, d, o); err != nil {
		return Result{}, err
	}
	return finished(ctx, pool, report, false)
}

// hold takes the lock of the import. The caller must call release.
func hold(ctx context.Context, pool *pgxpool.Pool) (release func(), err error) {
	tx, err := pool.Begin(ctx)
	if err != nil {
		return nil, err
	}
	release = func() { _ = tx.Rollback(context.WithoutCancel(ctx)) } // nothing was written
	held, err := db.New(tx).HoldImport(ctx)
	if err == nil && !held.Held {
		err = ErrRunning
	}
	if err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// finished writes the report of a finished import and returns its result.
func finished(ctx context.Context, pool *pgxpool.Pool, r *report, before bool) (result Result, err error) {
	err = longTx(ctx, pool, func(ctx context.Context, q *db.Queries) (err error) {
		result, err = readResult(ctx, q)
		return err
	})
	if err != nil {
		return Result{}, fmt.Errorf("read the result: %w", err)
	}
	result.Before = before
	return result, writeReport(ctx, db.New(pool), r)
}

// readResult reads the result of a finished import.
func readResult(ctx context.Context, q *db.Queries) (Result, error) {
	state, err1 := q.GetImport(ctx)
	kinds, err2 := q.SummariseImport(ctx)
	notes, err3 := q.ListImportNotes(ctx, maxNotes)
	if err := errors.Join(err1, err2, err3); err != nil {
		return Result{}, err
	}
	all := summaries{}
	for _, k := range kinds {
		all[k.Kind] = &Summary{k.Kind, k.Imported, k.Changed, k.Refused}
	}
	result := Result{StartedAt: state.StartedAt, FinishedAt: *state.FinishedAt, Summaries: all.list(), Noted: all.noted()}
	for _, n := range notes {
		result.Notes = append(result.Notes, Entry{n.Kind, n.OldID, n.NewID, n.Seq, n.Note})
	}
	return result, nil
}

// result returns the result of a dry run.
func (d *dryRun) result() Result {
	return Result{StartedAt: d.now, FinishedAt: time.Now().UTC(), Summaries: d.totals.list(), Notes: d.notes, Noted: d.totals.noted()}
}
