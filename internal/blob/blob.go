// Package blob keeps the bytes of attachments in a folder. Every name in it is
// made here, so that nothing a client sends ever becomes a path; and a name is
// handed out only when its bytes would survive a power cut.
package blob

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"
)

// Store is one folder of blobs. It is safe for concurrent use, also by several
// programs on one folder.
type Store struct {
	root  *os.Root
	space func() (free, total uint64, err error) // bytes of the file system; total 0 if it does not say
}

// Open opens the folder and makes it where it is missing. Nothing outside of it
// can be reached through the Store, not by links either.
func Open(dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of files: %w", err)
	}
	return &Store{root, func() (free, total uint64, err error) { return spaceOf(root.Name()) }}, nil
}

// Close lets go of the folder.
func (s *Store) Close() error { return s.root.Close() }

// unfinished ends the name of a blob that is still being written.
const unfinished = ".part"

// Put stores all of r durably and returns its name: 128 random bits. An error
// of r, or an end of ctx, keeps nothing. Errors of the folder name it; one that
// has less free space than its reserve is [syscall.ENOSPC], see [Store.hasRoom].
func (s *Store) Put(ctx context.Context, r io.Reader) (name string, err error) {
	if err := s.hasRoom(); err != nil {
		return "", err
	}
	name = newName()
	if err := s.makeShard(name); err != nil {
		return "", s.failed("make folder", err)
	}
	part := path(name) + unfinished
	f, err := s.root.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", s.failed("make file", err)
	}
	if err := s.fill(ctx, f, r); err != nil {
		return "", errors.Join(err, s.remove(part))
	}
	if err := s.root.Rename(part, path(name)); err != nil {
		return "", errors.Join(s.failed("name file", err), s.remove(part))
	}
	if err := s.sync(shard(name)); err != nil {
		return "", errors.Join(s.failed("flush folder", err), s.remove(path(name)))
	}
	return name, nil
}

// failed adds to an error of the file system what was done and in which folder. It
// is nil for a nil err.
func (s *Store) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s in %s: %w", what, s.root.Name(), err)
}

// fill copies r into f, flushes it to the disk and closes it. An error of r is
// returned as it is.
func (s *Store) fill(ctx context.Context, f *os.File, r io.Reader) error {
	_, err := io.Copy(&writer{s: s, f: f}, &stoppable{ctx, r})
	if err == nil {
		err = s.failed("flush file", f.Sync())
	}
	return errors.Join(err, s.failed("close file", f.Close()))
}

// writer writes to the file of a blob, and looks for free space now and then.
type writer struct {
	s     *Store
	f     *os.File
	since int // bytes written since the last look
}

// spaceEvery is how many bytes may be written between two looks for free space.
const spaceEvery = 256 << 10

func (w *writer) Write(p []byte) (int, error) {
	if w.since += len(p); w.since >= spaceEvery {
		w.since = 0
		if err := w.s.hasRoom(); err != nil {
			return 0, err
		}
	}
	n, err := w.f.Write(p)
	return n, w.s.failed("write file", err)
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// Open opens a blob for reading. What is no name of ours is [fs.ErrNotExist].
func (s *Store) Open(name string) (io.ReadSeekCloser, error) {
	if !isName(name) {
		return nil, fs.ErrNotExist
	}
	f, err := s.root.Open(path(name))
	if err != nil {
		return nil, s.failed("open file", err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fs.ErrNotExist, err, f.Close())
	}
	return f, nil
}

// Delete removes a blob, or what a broken write left of one. It is no error
// where there is none.
func (s *Store) Delete(name string) error {
	if !isName(strings.TrimSuffix(name, unfinished)) {
		return nil
	}
	return s.remove(path(name))
}

func (s *Store) remove(path string) error {
	if err := s.root.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return s.failed("remove file", err)
	}
	return nil
}

// Walk calls yield for every blob, until that returns an error: its name, when
// it was last written to, and whether it is whole. An unfinished one is either
// being written or left over.
func (s *Store) Walk(yield func(name string, written time.Time, whole bool) error) error {
	return fs.WalkDir(s.root.FS(), ".", func(_ string, d fs.DirEntry, err error) error {
		name := ""
		if err == nil {
			name = d.Name()
		}
		base := strings.TrimSuffix(name, unfinished)
		switch {
		case errors.Is(err, fs.ErrNotExist): // gone since it was listed
			return nil
		case err != nil || d.IsDir() || !isName(base):
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		return yield(name, info.ModTime(), base == name)
	})
}

// makeShard makes the folder of the name durably.
func (s *Store) makeShard(name string) error {
	err := s.root.Mkdir(shard(name), 0o700)
	switch {
	case errors.Is(err, fs.ErrExist):
		return nil
	case err != nil:
		return err
	}
	return s.sync(".")
}

// sync flushes the entries of a folder to the disk.
func (s *Store) sync(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

const nameLength = 26

func newName() string {
	raw := make([]byte, 16)
	rand.Read(raw)
	return encoding.EncodeToString(raw)
}

func isName(name string) bool {
	return len(name) == nameLength && strings.Trim(name, "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// shard is the folder of a name: a thousand of them keep each one short.
func shard(name string) string { return name[:2] }

func path(name string) string { return shard(name) + "/" + name }
