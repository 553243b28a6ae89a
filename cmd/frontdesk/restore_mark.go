package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"frontdesk/db"
	"frontdesk/internal/durable"
	"frontdesk/internal/killpoint"
)

// restoreMark is the name of the file in the data folder that exists while a desk is being
// restored. It contains the path of the archive. After an interruption it prevents the use of the
// desk, which is empty then: once it had accounts, it could not be restored any more.
const restoreMark = "restore-unfinished"

// interruptedRestore returns the path of the archive of an interrupted restore, or "".
func (a *app) interruptedRestore() (archive string, err error) {
	body, err := os.ReadFile(filepath.Join(a.dataDir, restoreMark))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return strings.TrimSpace(string(body)), err
}

// beginRestore marks the desk as being restored from an archive.
func (a *app) beginRestore(archive string) error {
	if abs, err := filepath.Abs(archive); err == nil && archive != "-" {
		archive = abs
	}
	if err := a.markRestore(archive); err != nil {
		return err
	}
	killpoint.Reach("restore begun")
	return nil
}

// markRestore stores the mark.
func (a *app) markRestore(archive string) error {
	return durable.WriteFile(filepath.Join(a.dataDir, restoreMark), []byte(archive+"\n"))
}

// failRestore removes the mark of beginRestore after a restore that has left the desk empty, or
// puts back that of an earlier restore that was interrupted.
func (a *app) failRestore(interrupted string) error {
	if interrupted != "" {
		return a.markRestore(interrupted)
	}
	return a.endRestore()
}

// endRestore removes the mark of beginRestore, if there is one.
func (a *app) endRestore() error {
	err := os.Remove(filepath.Join(a.dataDir, restoreMark))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// refuseInterrupted returns an error if a restore was interrupted before its rows were
// committed. If they were, it removes the mark: the desk is complete.
func (a *app) refuseInterrupted(ctx context.Context) error {
	archive, err := a.interruptedRestore()
	if err != nil || archive == "" {
		return err
	}
	used, err := db.HasData(ctx, a.pool)
	switch {
	case err != nil:
		return err
	case used:
		return a.endRestore()
	}
	return a.errInterruptedRestore(archive)
}

// errInterruptedRestore returns the error for a desk that an interrupted restore has left empty.
func (a *app) errInterruptedRestore(archive string) error {
	return fmt.Errorf("the restore of %s was interrupted, and the desk is still empty: run frontdesk restore again, or delete %s to begin with an empty desk",
		archive, filepath.Join(a.dataDir, restoreMark))
}
