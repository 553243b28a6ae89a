package blob

import (
	"cmp"
	"syscall"
)

// spaceOf returns the free bytes of the file system of dir that this program may use, and
// its size in bytes.
func spaceOf(dir string) (free, total uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	block := uint64(cmp.Or(s.Frsize, s.Bsize))
	return s.Bavail * block, s.Blocks * block, nil
}

// Space returns the bytes of the file system of dir that are in use, and those that this
// program may still use. Both are 0 if the system does not report them.
func Space(dir string) (used, free uint64, err error) {
	var s syscall.Statfs_t
	if err := syscall.Statfs(dir, &s); err != nil {
		return 0, 0, err
	}
	block := uint64(cmp.Or(s.Frsize, s.Bsize))
	return (s.Blocks - s.Bfree) * block, s.Bavail * block, nil
}
