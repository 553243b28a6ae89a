package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"filippo.io/age"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/internal/killpoint"
)

// VerifyArchive reads a whole archive and checks it. It returns the errors of archives.
func VerifyArchive(ctx context.Context, r io.Reader, identities []age.Identity) (Summary, error) {
	a, err := newReader(r, identities)
	if err != nil {
		return Summary{}, err
	}
	defer a.close()
	if err := a.each(func(item) error { return ctx.Err() }); err != nil {
		return Summary{}, err
	}
	s := Summary{TakenAt: a.TakenAt, Schema: a.Schema, Files: a.seen.Files, FileBytes: a.seen.FileBytes, Secrets: a.seen.Secrets}
	for _, t := range a.seen.Tables {
		s.Rows += t.Rows
	}
	return s, nil
}

// Report has the findings of [Verify].
type Report struct {
	Tickets   int64     `json:"tickets"`
	Entries   int64     `json:"entries"` // of the logs
	Files     int64     `json:"files"`
	FileBytes int64     `json:"fileBytes"`
	Problems  []Problem `json:"problems"` // at most maxProblems for each check
}

// Problem is a fault that [Verify] or [Move] has found.
type Problem struct {
	Check string `json:"check"` // file, log, count, total or unread; archive for a damaged archive
	What  string `json:"what"`
}

// maxProblems is the number of problems of one check that are reported.
const maxProblems = 100

// Verify checks a desk as it is now: every attachment has the bytes that were stored, every
// log is without gaps, and every counter is correct. Others may use the desk meanwhile. If
// files is nil, it does not check attachments.
func Verify(ctx context.Context, pool *pgxpool.Pool, files Files, progress Progress) (Report, error) {
	snapshot, err := db.OpenSnapshot(ctx, pool)
	if err != nil {
		return Report{}, err
	}
	defer snapshot.Close()
	v := &verification{ctx: snapshot.Context(ctx), q: snapshot.Queries(), files: files, progress: meter{report: progress}}
	for i, check := range []func() error{v.size, v.logs, v.counts, v.totals, v.unread, v.attachments} {
		killpoint.Reach(fmt.Sprintf("verify check %d", i+1))
		if err := check(); err != nil {
			return Report{}, fmt.Errorf("verify: %w", err)
		}
	}
	return v.Report, nil
}

// verification is one call of [Verify].
type verification struct {
	Report
	ctx      context.Context
	q        *db.Queries
	files    Files
	progress meter
}

// found adds a problem, unless the check has many already.
func (v *verification) found(check, what string, args ...any) {
	n := 0
	for _, p := range v.Problems {
		if p.Check == check {
			n++
		}
	}
	if n < maxProblems {
		v.Problems = append(v.Problems, Problem{check, fmt.Sprintf(what, args...)})
	}
}

// size counts what is to be verified, for the progress.
func (v *verification) size() error {
	n, err := v.q.CountVerified(v.ctx)
	v.Tickets, v.Entries = n.Tickets, n.Entries
	return err
}

// logs finds logs with gaps.
func (v *verification) logs() error {
	rows, err := v.q.BrokenLogs(v.ctx, maxProblems)
	for _, r := range rows {
		v.found("log", "ticket #%d has %d entries from %d to %d, and its last entry is %d", r.ID, r.Entries, r.First, r.Last, r.LastSeq)
	}
	return err
}

// counts finds tickets with wrong counts.
func (v *verification) counts() error {
	rows, err := v.q.WrongCounts(v.ctx, maxProblems)
	for _, r := range rows {
		v.found("count", "ticket #%d counts %d comments and %d files, and has %d and %d", r.ID, r.CommentCount, r.FileCount, r.Comments, r.Files)
	}
	return err
}

// totals finds wrong counters of the dashboard.
func (v *verification) totals() error {
	rows, err := v.q.WrongTotals(v.ctx, maxProblems)
	for _, r := range rows {
		v.found("total", "the dashboard counts %d tickets that are %s, %s and of category %d, and there are %d", r.Counted, r.Status, r.Priority, r.CategoryID, r.Tickets)
	}
	return err
}

// unread finds wrong numbers of unread entries.
func (v *verification) unread() error {
	rows, err := v.q.WrongUnread(v.ctx, maxProblems)
	for _, r := range rows {
		v.found("unread", "user %d has %d unread entries after %d of ticket #%d, and %d are counted", r.UserID, r.Entries, r.Seq, r.TicketID, r.Unread)
	}
	return err
}

// attachments compares every file with its checksum.
func (v *verification) attachments() error {
	if v.files == nil {
		return nil
	}
	totals, err := v.q.BackupTotals(v.ctx)
	if err != nil {
		return err
	}
	v.progress.total = totals.Bytes
	for after := int64(0); ; {
		files, err := v.q.BackupFiles(v.ctx, db.BackupFilesParams{After: after, Max: filesPerQuery})
		if err != nil {
			return err
		}
		for _, f := range files {
			if err := v.ctx.Err(); err != nil {
				return err
			}
			killpoint.Reach("verify file")
			v.attachment(f)
			after = f.ID
		}
		if len(files) < filesPerQuery {
			return nil
		}
	}
}

// attachment compares one file with its checksum.
func (v *verification) attachment(f db.BackupFilesRow) {
	r, err := v.files.Open(f.Name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !f.Needed:
		return
	case errors.Is(err, fs.ErrNotExist):
		v.found("file", "%s is missing", f.Name)
		return
	case err != nil:
		v.found("file", "%s cannot be read: %s", f.Name, err)
		return
	}
	defer r.Close()
	if err := copyChecked(&v.progress, r, f.Size, f.Sha256); err != nil {
		v.found("file", "%s: %s", f.Name, err)
	}
	v.Files++
	v.FileBytes += f.Size
}
