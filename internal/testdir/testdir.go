// Package testdir chooses the folder in which tests keep the data of servers.
package testdir

import (
	"os"
	"syscall"
	"testing"
)

// shm is the folder of Linux for files in memory.
const shm = "/dev/shm"

// minFree is the space that the data of a test server may need, in bytes.
const minFree = 2 << 30

// Parent returns the folder in which the servers keep their data: one in memory if it has
// enough space, because ext4 is slow at creating files shortly after it removed others,
// and each test creates and drops a database of 300 files. Making a cluster and copying one
// take a fraction of the processor time, too.
func Parent() string {
	var s syscall.Statfs_t
	if err := syscall.Statfs(shm, &s); err != nil || s.Bavail*uint64(s.Bsize) < minFree {
		return os.TempDir()
	}
	return shm
}

// New is like t.TempDir, in [Parent]. It is for tests that write hundreds of files.
func New(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(Parent(), "frontdesk-files-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}
