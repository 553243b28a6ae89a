package blob

import (
	"fmt"
	"syscall"
)

// maxReserve is the upper limit of the reserve of free space, in bytes. The reserve is a
// twentieth of the file system. It is left for the database, which is often on the same
// disk and stops when the disk is full.
const maxReserve = 1 << 30

// hasRoom returns an error that wraps [syscall.ENOSPC] if less space is free than the
// reserve. It returns nil for a file system that does not report its size.
func (s *Folder) hasRoom() error {
	free, total, err := s.space()
	if err != nil {
		return s.failed("look for free space", err)
	}
	if reserve := min(total/20, maxReserve); free < reserve {
		return s.failed(fmt.Sprintf("keep %d MiB free, of which %d MiB are left,", reserve>>20, free>>20), syscall.ENOSPC)
	}
	return nil
}
