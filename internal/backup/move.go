package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"frontdesk/db"
	"frontdesk/internal/blob"
	"frontdesk/internal/killpoint"
)

// MoveOptions say where attachments are moved.
type MoveOptions struct {
	To       blob.Location
	From     []blob.Location
	Remove   bool     // remove files from From that are in To, after they were read from To and compared
	Progress Progress // of bytes that were copied or compared; may be nil
}

// MoveReport has the numbers of files that [Move] has handled.
type MoveReport struct {
	Files       int64     `json:"files"` // in To
	FileBytes   int64     `json:"fileBytes"`
	Copied      int64     `json:"copied"`
	CopiedBytes int64     `json:"copiedBytes"`
	Removed     int64     `json:"removed"`  // from From
	Problems    []Problem `json:"problems"` // at most maxProblems
}

// movesAtOnce is the number of attachments that are moved at the same time.
const movesAtOnce = 8

// Move copies every attachment that is not in the new location yet, and compares it with its
// SHA-256 before it is stored there. Others may use the desk meanwhile. Move can be repeated, also
// after it was killed: an attachment is removed from an old location only after all of it was read from the
// new one. Attachments that are in no location or have other bytes are problems; they are left as they are. It
// returns an error if a location cannot be read or written.
func Move(ctx context.Context, pool *pgxpool.Pool, o MoveOptions) (MoveReport, error) {
	m := &move{MoveOptions: o, q: db.New(pool), progress: meter{report: o.Progress}}
	totals, err := m.q.BackupTotals(ctx)
	if err != nil {
		return MoveReport{}, fmt.Errorf("count files: %w", err)
	}
	m.progress.total = totals.Bytes
	for after := int64(0); ; {
		files, err := m.q.BackupFiles(ctx, db.BackupFilesParams{After: after, Max: filesPerQuery})
		if err != nil {
			return m.MoveReport, fmt.Errorf("list files: %w", err)
		}
		if err := m.all(ctx, files); err != nil {
			return m.MoveReport, err
		}
		if len(files) < filesPerQuery {
			return m.MoveReport, nil
		}
		after = files[len(files)-1].ID
	}
}

// move is one call of [Move].
type move struct {
	MoveOptions
	q *db.Queries

	mu sync.Mutex // of the fields below
	MoveReport
	progress meter
}

// Write counts bytes. It implements [io.Writer].
func (m *move) Write(p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.progress.Write(p)
}

// all moves some attachments, several at once.
func (m *move) all(ctx context.Context, files []db.BackupFilesRow) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(movesAtOnce)
	for _, f := range files {
		group.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			return m.file(ctx, f)
		})
	}
	return group.Wait()
}

// file moves one attachment.
func (m *move) file(ctx context.Context, f db.BackupFilesRow) error {
	size, err := m.To.Size(f.Name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	isThere := err == nil && size == f.Size
	if !isThere {
		copied, err := m.copy(ctx, f)
		if err != nil || !copied {
			return err
		}
		killpoint.Reach("move file copied")
	}
	m.mu.Lock()
	m.Files, m.FileBytes = m.Files+1, m.FileBytes+f.Size
	m.mu.Unlock()
	if !m.Remove {
		return nil
	}
	return m.remove(ctx, f)
}

// copy copies an attachment to the new location from the first old one that has it, and reports
// whether it did.
func (m *move) copy(ctx context.Context, f db.BackupFilesRow) (bool, error) {
	src, err := m.open(f.Name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, m.missing(ctx, f)
	}
	if err != nil {
		return false, err
	}
	defer src.Close()
	checked, w := io.Pipe()
	defer checked.Close() // ends the goroutine if Put has failed
	go func() { w.CloseWithError(copyChecked(w, io.TeeReader(src, m), f.Size, f.Sha256)) }()
	r := m.To.NewRestorer()
	err = errors.Join(r.Put(ctx, f.Name, checked), r.Finish())
	if errors.Is(err, errAltered) {
		m.found(f, err)
		return false, nil
	}
	if err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Copied, m.CopiedBytes = m.Copied+1, m.CopiedBytes+f.Size
	return true, nil
}

// open opens an attachment in the first of the old locations that has it.
func (m *move) open(name string) (io.ReadCloser, error) {
	err := fs.ErrNotExist
	for _, l := range m.From {
		src, failed := l.Open(name)
		if failed == nil {
			return src, nil
		}
		if !errors.Is(failed, fs.ErrNotExist) {
			err = failed
		}
	}
	return nil, err
}

// missing adds the problem that an attachment is in no location, unless it was removed from its
// ticket, or the desk has deleted it meanwhile.
func (m *move) missing(ctx context.Context, f db.BackupFilesRow) error {
	if !f.Needed {
		return nil
	}
	rows, err := m.q.NeededFiles(ctx, db.NeededFilesParams{Names: []string{f.Name}})
	if err != nil {
		return fmt.Errorf("look for a file again: %w", err)
	}
	if len(rows) > 0 {
		m.found(f, errors.New("it is missing"))
	}
	return nil
}

// remove removes an attachment from the old locations after the new one was read. One that is
// damaged in the new location is copied again.
func (m *move) remove(ctx context.Context, f db.BackupFilesRow) error {
	var old []blob.Location
	for _, l := range m.From {
		_, err := l.Size(f.Name)
		switch {
		case err == nil:
			old = append(old, l)
		case !errors.Is(err, fs.ErrNotExist):
			return err
		}
	}
	if len(old) == 0 {
		return nil
	}
	err := m.compare(f)
	if errors.Is(err, errAltered) {
		if copied, err := m.copy(ctx, f); err != nil || !copied {
			return err
		}
		err = m.compare(f)
	}
	switch {
	case errors.Is(err, errAltered):
		m.found(f, fmt.Errorf("in %s: %w", m.To, err))
		return nil
	case err != nil:
		return err
	}
	killpoint.Reach("move file compared")
	for _, l := range old {
		if err := l.Delete(f.Name); err != nil {
			return err
		}
	}
	killpoint.Reach("move file removed")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.Removed++
	return nil
}

// compare reads an attachment from the new location. It returns errAltered if it has other bytes
// than were stored.
func (m *move) compare(f db.BackupFilesRow) error {
	r, err := m.To.Open(f.Name)
	if err != nil {
		return err
	}
	defer r.Close()
	return copyChecked(m, r, f.Size, f.Sha256)
}

// found adds a problem with an attachment.
func (m *move) found(f db.BackupFilesRow, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.Problems) < maxProblems {
		m.Problems = append(m.Problems, Problem{"file", fmt.Sprintf("%s: %v", f.Name, err)})
	}
}
