package blob

import (
	"fmt"
	"os"
	"syscall"
)

// maxReserve is the upper limit of the reserve of free space, in bytes. The reserve is a
// twentieth of the file system. It is left for the database, which is often on the same
// disk and stops when the disk is full.
const maxReserve = 1 << 30

// room is the file system of a folder, and the space that is free on it.
type room struct {
	dir   string
	space func() (free, total uint64, err error) // in bytes; total is 0 if the system does not report it
}

// newRoom returns the room of a folder.
func newRoom(dir string) room {
	return room{dir, func() (free, total uint64, err error) { return spaceOf(dir) }}
}

// check returns an error that wraps [syscall.ENOSPC] if less space is free than the
// reserve. It returns nil for a file system that does not report its size.
func (r *room) check() error {
	free, total, err := r.space()
	if err != nil {
		return r.failed("look for free space", err)
	}
	if reserve := min(total/20, maxReserve); free < reserve {
		return r.failed(fmt.Sprintf("keep %d MiB free, of which %d MiB are left,", reserve>>20, free>>20), syscall.ENOSPC)
	}
	return nil
}

// failed wraps an error of the file system with the operation and the folder. It returns
// nil if err is nil.
func (r *room) failed(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s in %s: %w", what, r.dir, err)
}

// writer returns a writer to a file in the room.
func (r *room) writer(f *os.File) *writer { return &writer{room: r, f: f} }

// writer writes to a file and checks the free space regularly.
type writer struct {
	room  *room
	f     *os.File
	since int // bytes written since the last check
}

// spaceEvery is the number of bytes that are written between two checks of the free space.
const spaceEvery = 256 << 10

// Write implements [io.Writer]. The error is [syscall.ENOSPC] if the reserve is reached.
func (w *writer) Write(p []byte) (int, error) {
	if w.since += len(p); w.since >= spaceEvery {
		w.since = 0
		if err := w.room.check(); err != nil {
			return 0, err
		}
	}
	n, err := w.f.Write(p)
	return n, w.room.failed("write file", err)
}
