package blob

import (
	"fmt"
	"syscall"
)

// The reserve of free space: a twentieth of the file system, and at most this
// many bytes. It is for the database, which often shares the disk and stops
// when that is full.
const maxReserve = 1 << 30

// hasRoom returns an error that is [syscall.ENOSPC] if less space is free than
// the reserve. A file system that does not say how large it is has room.
func (s *Store) hasRoom() error {
	free, total, err := s.space()
	if err != nil {
		return s.failed("look for free space", err)
	}
	if reserve := min(total/20, maxReserve); free < reserve {
		return s.failed(fmt.Sprintf("keep %d MiB free, of which %d MiB are left,", reserve>>20, free>>20), syscall.ENOSPC)
	}
	return nil
}
