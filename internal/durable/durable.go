// Package durable stores files so that they survive a crash of the machine.
package durable

import (
	"errors"
	"os"
	"path/filepath"

	"frontdesk/internal/killpoint"
)

// WriteFile stores a file with mode 0600. It replaces a file of that name. After an error or
// a crash the file has its old or its new content, and a temporary file may be left, which
// the next call replaces.
func WriteFile(path string, body []byte) error {
	dir, name := filepath.Dir(path), filepath.Base(path)
	f, err := os.OpenFile(filepath.Join(dir, "."+name+".new"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(body)
	if err == nil {
		err = f.Sync()
	}
	killpoint.Reach("file " + name + " written")
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return SyncFolder(dir)
}

// SyncFolder flushes the entries of a folder to the disk, so that a new, renamed or removed
// file in it is durable.
func SyncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
