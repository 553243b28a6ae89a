package postgres

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Names of files in the data folder.
const (
	lockName   = "lock"   // locked by the process that runs the cluster
	joinedName = "joined" // locked, shared, by other processes that use the cluster
)

// inCommand is the content of the lock file while a command runs the cluster.
const inCommand = "command\n"

// recordUse writes to the lock file whether a command has locked it.
func recordUse(f *os.File, command bool) error {
	if err := f.Truncate(0); err != nil || !command {
		return err
	}
	_, err := f.WriteAt([]byte(inCommand), 0)
	return err
}

// UsedByCommand reports whether the process that runs the cluster in dataDir is a command, which
// ends by itself. It must be called after Start has returned [ErrInUse].
func UsedByCommand(dataDir string) bool {
	raw, err := os.ReadFile(filepath.Join(dataDir, lockName))
	return err == nil && string(raw) == inCommand
}

// RemoveAbandoned removes the data folder dir if a process has used it and none uses it now. It stops
// a server that is left.
func RemoveAbandoned(ctx context.Context, dir string) error {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // its first use may have just begun
	}
	if err != nil {
		return err
	}
	defer f.Close()
	if syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil {
		return nil
	}
	if err := stopLeftover(ctx, filepath.Join(dir, "postgres"), slog.New(slog.DiscardHandler)); err != nil {
		return err
	}
	return os.RemoveAll(dir)
}

// Join returns the connection string of the named database on the cluster that another process
// runs in dataDir, and a function that must be called after the use. It returns false if there is
// none, or if its process is about to stop it.
func Join(dataDir, database string) (url string, leave func(), ok bool) {
	f, err := os.OpenFile(filepath.Join(dataDir, joinedName), os.O_CREATE|os.O_RDWR, 0o600)
	switch {
	case errors.Is(err, fs.ErrPermission): // of another user, who is not waited for
		url, ok = Running(dataDir, database)
		return url, func() {}, ok
	case err != nil:
		return "", nil, false
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB); err != nil {
		f.Close()
		return "", nil, false
	}
	url, ok = Running(dataDir, database)
	if !ok {
		f.Close()
	}
	return url, func() { f.Close() }, ok
}

// AwaitJoined returns when no other process uses the cluster, or when done is closed. After the
// former no process can join until [Cluster.Stop].
func (c *Cluster) AwaitJoined(done <-chan struct{}) {
	f, err := os.OpenFile(filepath.Join(c.opts.DataDir, joinedName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		c.opts.Log.Warn("other commands not awaited", "error", err)
		return
	}
	c.joined = f
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for logged := false; syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil; logged = true {
		if !logged {
			c.opts.Log.Warn("waiting for other commands", "reason", "they use the database that this command has started")
		}
		select {
		case <-done:
			return
		case <-tick.C:
		}
	}
}
