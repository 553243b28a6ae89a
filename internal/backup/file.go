package backup

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/durable"
	"frontdesk/internal/killpoint"
)

// unfinished is the suffix of the name of an archive that is being written.
const unfinished = ".part"

// Errors of [WriteFile].
var (
	errExists  = errors.New("the file exists: give another name, or a folder with --keep")
	errRunning = errors.New("another backup to this file is running")
)

// WriteFile writes an archive to a new file with mode 0600. The file appears under its name
// after it is complete and flushed to the disk; an error leaves no file. A killed call may
// leave the file path + ".part", which the next call and [Keep.Prune] remove. Errors are
// those of [Write]; an existing file and another running call for the same path are errors.
func WriteFile(ctx context.Context, pool *pgxpool.Pool, path string, o Options) (s Summary, err error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return Summary{}, errors.Join(err, fmt.Errorf("%s: %w", path, errExists))
	}
	f, err := create(path + unfinished)
	if err != nil {
		return Summary{}, err
	}
	defer func() {
		err = errors.Join(err, f.Close())
		if err == nil {
			return
		}
		if left := os.Remove(f.Name()); !errors.Is(left, fs.ErrNotExist) {
			err = errors.Join(err, left)
		}
	}()
	killpoint.Reach("archive created")
	if s, err = Write(ctx, pool, f, o); err != nil {
		return Summary{}, err
	}
	killpoint.Reach("archive written")
	if err := f.Sync(); err != nil {
		return Summary{}, err
	}
	if err := publish(f.Name(), path); err != nil {
		return Summary{}, err
	}
	return s, nil
}

// publish gives a file its final name. It does not replace a file that another program has
// made meanwhile, unless the file system has no links.
func publish(from, to string) error {
	killpoint.Reach("archive flushed")
	err := os.Link(from, to)
	killpoint.Reach("archive linked")
	switch {
	case errors.Is(err, fs.ErrExist):
		return fmt.Errorf("%s: %w", to, errExists)
	case errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission):
		err = os.Rename(from, to)
	case err == nil:
		err = os.Remove(from)
	}
	if err != nil {
		return err
	}
	return durable.SyncFolder(filepath.Dir(to))
}

// create creates the file of an unfinished archive and locks it. It removes the file of a killed
// call instead of writing to it, because it may be another link to a complete archive.
func create(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		switch {
		case errors.Is(err, fs.ErrExist):
			if err := removeLeft(path); err != nil {
				return nil, err
			}
			continue
		case err != nil:
			return nil, err
		}
		err = lock(f)
		if err == nil && isNamed(f, path) {
			return f, nil
		}
		// Another call has taken the file for one that was left.
		if err := f.Close(); err != nil {
			return nil, err
		}
	}
}

// removeLeft removes an unfinished archive. It returns errRunning if a call still writes it.
func removeLeft(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	defer f.Close()
	if err := lock(f); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if !isNamed(f, path) {
		return nil // another call has removed or published it
	}
	return os.Remove(path)
}

// lock locks a file until it is closed or the program ends. It returns errRunning if another
// process has locked it.
func lock(f *os.File) error {
	err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return errRunning
	}
	return err
}

// isNamed reports whether path is still a name of the open file.
func isNamed(f *os.File, path string) bool {
	have, err := f.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(have, named)
}
