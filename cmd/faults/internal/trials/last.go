package trials

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/cmd/faults/internal/comparison"
	"frontdesk/cmd/faults/internal/journal"
)

// lastTrials destroy a desk, and check what all trials have left behind.
var lastTrials = []Trial{
	{Name: "desk destroyed", Note: "a backup while people write; the desk is killed and deleted, and restored elsewhere", Run: destroy},
	{Name: "files left behind", Note: "a sweep a day after all trials: the folder has the attachments and nothing else", Run: sweep},
}

// destroy restores a desk from a backup that was made while people wrote. The backup must have all
// writes that were acknowledged before it began.
func destroy(ctx context.Context, s *Stage) (comparison.Row, error) {
	var row comparison.Row
	d, err := s.Bed.Desk("destroyed")
	if err != nil {
		return row, err
	}
	if err := d.Start(); err != nil {
		return row, err
	}
	book, err := s.openBook()
	if err != nil {
		return row, err
	}
	crowd, err := enter(ctx, play{desk: d, bases: []string{d.Base}}, book)
	if err != nil {
		return row, errors.Join(err, book.close(), d.Stop())
	}
	defer crowd.Close()
	crowd.Talk(ctx)
	sleep(ctx, 2*calm)
	before, err := journal.Read(book.path)
	if err != nil {
		return row, err
	}
	archive := s.file("backup.tar.zst")
	out, failed := d.Command(ctx, "backup", archive).CombinedOutput()
	crowd.Finish()
	if err := errors.Join(book.close(), d.Kill()); err != nil {
		return row, err
	}
	if failed != nil {
		return row, fmt.Errorf("backup: %w: %s", failed, out)
	}
	if err := os.RemoveAll(d.DataDir); err != nil {
		return row, err
	}
	return s.restored(ctx, archive, before, crowd.Tickets())
}

// restored restores an archive and compares entries with the restored desk.
func (s *Stage) restored(ctx context.Context, archive string, entries []journal.Entry, tickets []int64) (row comparison.Row, err error) {
	d, err := s.Bed.Desk("restored")
	if err != nil {
		return row, err
	}
	if out, err := d.Command(ctx, "restore", archive).CombinedOutput(); err != nil {
		return row, fmt.Errorf("restore: %w: %s", err, out)
	}
	if err := d.Start(); err != nil {
		return row, err
	}
	defer func() { err = errors.Join(err, d.Stop()) }()
	url, err := d.DatabaseURL()
	if err != nil {
		return row, err
	}
	log, err := comparison.ReadLog(ctx, url, tickets)
	if err != nil {
		return row, err
	}
	row.Figures = comparison.Compare(entries, log, nil)
	row.BadFiles, err = d.Verify(ctx)
	return row, err
}

// sweep makes all data a day older, starts the desk, which removes expired data, and compares the
// folder of attachments with their rows.
func sweep(ctx context.Context, s *Stage) (comparison.Row, error) {
	var row comparison.Row
	conn, err := connect(ctx, s.Desk)
	if err != nil {
		return row, err
	}
	_, err = conn.Exec(ctx, "update attachments set created_at = created_at - interval '2 days', removed_at = removed_at - interval '2 days'")
	if err := errors.Join(err, conn.Close(ctx), s.Desk.Stop()); err != nil {
		return row, err
	}
	uploads := filepath.Join(s.Desk.DataDir, "uploads")
	old := time.Now().Add(-48 * time.Hour)
	err = filepath.WalkDir(uploads, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		return os.Chtimes(path, old, old)
	})
	if err := errors.Join(err, s.Desk.Start()); err != nil {
		return row, err
	}
	if conn, err = connect(ctx, s.Desk); err != nil {
		return row, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for end := time.Now().Add(timeout); ; sleep(ctx, 100*time.Millisecond) {
		row.Writes, row.BadFiles, err = orphans(ctx, conn, uploads)
		if err != nil || row.BadFiles == 0 || time.Now().After(end) {
			break
		}
	}
	if err != nil {
		return row, err
	}
	problems, err := s.Desk.Verify(ctx)
	row.BadFiles += problems
	return row, err
}

// orphans returns the number of files in the folder, and the number of those that no row needs.
func orphans(ctx context.Context, conn *pgx.Conn, uploads string) (files, unneeded int, err error) {
	rows, err := conn.Query(ctx, "select name from attachments where removed_at is null")
	if err != nil {
		return 0, 0, err
	}
	needed, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return 0, 0, err
	}
	slices.Sort(needed)
	err = filepath.WalkDir(uploads, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasPrefix(e.Name(), ".probe-") {
			return err
		}
		files++
		if _, found := slices.BinarySearch(needed, e.Name()); !found {
			unneeded++
		}
		return nil
	})
	return files, unneeded, err
}
