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
)

// unfinished is the suffix of the name of an archive that is being written.
const unfinished = ".part"

// Errors of [WriteFile].
var (
	errExists  = errors.New("the file exists: give another name, or a folder with --keep")
	errRunning = errors.New("another backup to this file is running")
)

// WriteFile writes an archive to a new file with mode 0600. The file appears under its name
// after it is complete and flushed to the disk; an error leaves no file. What a killed call
// has left is replaced by the next one. Errors are those of [Write]; an existing file and
// another running call for the same path are errors.
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
	if s, err = Write(ctx, pool, f, o); err != nil {
		return Summary{}, err
	}
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
	err := os.Link(from, to)
	switch {
	case errors.Is(err, errors.ErrUnsupported) || errors.Is(err, fs.ErrPermission):
		err = os.Rename(from, to)
	case err == nil:
		err = os.Remove(from)
	}
	if err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// create creates the file of an unfinished archive, or empties one that a killed call has
// left, and locks it.
func create(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = fmt.Errorf("%s: %w", path, errRunning)
		}
		return nil, errors.Join(err, f.Close())
	}
	if err := errors.Join(f.Chmod(0o600), f.Truncate(0)); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// syncFolder flushes the entries of a folder to the disk.
func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
