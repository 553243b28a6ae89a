// Package blob stores the bytes of attachments in a folder or in a bucket of S3. It chooses
// every name itself, so that input from a client never becomes a path. It returns a name only
// after the bytes are durable.
package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"time"
)

// Folder is a folder of blobs. It is safe for concurrent use, also by several processes
// on the same folder.
type Folder struct {
	root *os.Root
	room room
}

// OpenFolder opens a folder, and makes it if it is missing. Nothing outside the folder can be
// reached through the Folder, not even through links.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of files: %w", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, fmt.Errorf("open the folder of files: %w", err)
	}
	return &Folder{root, newRoom(dir)}, nil
}

// Close closes the folder.
func (s *Folder) Close() error { return s.root.Close() }

// Put stores all bytes of r durably and returns the name of the blob: 128 random bits in
// base32. If r fails or ctx ends, nothing is stored. Errors of the file system include
// the name of the folder. The error is [syscall.ENOSPC] if less than the reserve is free;
// see [room.check].
func (s *Folder) Put(ctx context.Context, r io.Reader) (name string, err error) {
	if err := s.room.check(); err != nil {
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

// failed wraps an error of the file system with the operation and the folder. It returns
// nil if err is nil.
func (s *Folder) failed(what string, err error) error { return s.room.failed(what, err) }

// String returns the path of the folder.
func (s *Folder) String() string { return s.root.Name() }

// fill copies r to f, flushes f to the disk and closes it. An error of r is returned
// unchanged.
func (s *Folder) fill(ctx context.Context, f *os.File, r io.Reader) error {
	_, err := io.Copy(s.room.writer(f), &stoppable{ctx, r})
	if err == nil {
		err = s.failed("flush file", f.Sync())
	}
	return errors.Join(err, s.failed("close file", f.Close()))
}

// stoppable is a reader that fails after its context has ended.
type stoppable struct {
	ctx context.Context
	r   io.Reader
}

// Read implements [io.Reader].
func (s *stoppable) Read(p []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.r.Read(p)
}

// Open opens a blob for reading. It returns [fs.ErrNotExist] if there is no blob of that
// name, also if the name is not valid.
func (s *Folder) Open(name string) (io.ReadSeekCloser, error) {
	if !isName(name) {
		return nil, fs.ErrNotExist
	}
	f, err := s.root.OpenFile(path(name), os.O_RDONLY|syscall.O_NONBLOCK, 0) // opening a named pipe would wait for a writer
	if err != nil {
		return nil, s.failed("open file", err)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fs.ErrNotExist, err, f.Close())
	}
	return f, nil
}

// Size returns the number of bytes of a blob. It returns [fs.ErrNotExist] if there is none of
// that name.
func (s *Folder) Size(name string) (int64, error) {
	if !isName(name) {
		return 0, fs.ErrNotExist
	}
	info, err := s.root.Stat(path(name))
	if err != nil {
		return 0, s.failed("look at file", err)
	}
	return info.Size(), nil
}

// Delete removes a blob, or an unfinished one. It returns nil if there is none.
func (s *Folder) Delete(name string) error {
	if !isName(strings.TrimSuffix(name, unfinished)) {
		return nil
	}
	return s.remove(path(name))
}

// remove removes a file. It returns nil if there is none.
func (s *Folder) remove(path string) error {
	if err := s.root.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return s.failed("remove file", err)
	}
	return nil
}

// Walk calls yield for every blob, with its name, the time of its last write, and whether
// it is complete. An incomplete one is either being written or left by a failed write.
// Walk stops at the first error and returns it.
func (s *Folder) Walk(yield func(name string, written time.Time, whole bool) error) error {
	return fs.WalkDir(s.root.FS(), ".", func(_ string, d fs.DirEntry, err error) error {
		name := ""
		if err == nil {
			name = d.Name()
		}
		base := strings.TrimSuffix(name, unfinished)
		switch {
		case errors.Is(err, fs.ErrNotExist): // removed since the folder was listed
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

// makeShard makes the subfolder for a name, if it is missing, and flushes its entry to the disk.
func (s *Folder) makeShard(name string) error {
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
func (s *Folder) sync(dir string) error {
	d, err := s.root.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// shard returns the subfolder for a name. There are 1,024 of them, so that none has too
// many files.
func shard(name string) string { return name[:2] }

// path returns the path of a blob within the folder.
func path(name string) string { return shard(name) + "/" + name }
