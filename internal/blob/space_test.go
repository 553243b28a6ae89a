package blob_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"

	"frontdesk/internal/blob"
)

// small mounts a file system of 1 MiB and opens a store in it. It skips the test if mounting
// is not possible.
func small(t *testing.T) (s *blob.Folder, dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := syscall.Mount("none", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("a file system cannot be mounted here: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
	s, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

// fails stores content and fails the test unless the error is want and names the folder, and
// no bytes of the content are left.
func fails(t *testing.T, s *blob.Folder, dir string, content io.Reader, want error) {
	t.Helper()
	name, err := s.Put(t.Context(), content)
	if name != "" {
		t.Errorf("it was stored as %q", name)
	}
	if !errors.Is(err, want) {
		t.Fatalf("got the error %v, want %v", err, want)
	}
	if !strings.Contains(err.Error(), dir) {
		t.Errorf("the error is %q, want it with %q", err.Error(), dir)
	}
	if left := names(t, s); len(left) != 0 {
		t.Errorf("%v are left", left)
	}
}

func TestAFullDiskReturnsENOSPCAndLeavesNothing(t *testing.T) {
	s, dir := small(t)
	fails(t, s, dir, bytes.NewReader(make([]byte, 2<<20)), syscall.ENOSPC)
	s.SetSpace(func() (uint64, uint64) { return 0, 0 }) // without a reservation, so that the writes fail
	fails(t, s, dir, bytes.NewReader(make([]byte, 2<<20)), syscall.ENOSPC)
	put(t, s, "a small one still has room")
}

func TestAReadOnlyFolderIsNamedInTheError(t *testing.T) {
	s, dir := small(t)
	if err := syscall.Mount("none", dir, "tmpfs", syscall.MS_REMOUNT|syscall.MS_RDONLY, ""); err != nil {
		t.Skip(err)
	}
	fails(t, s, dir, strings.NewReader("one"), syscall.EROFS)
}

func TestAFolderWithoutWritePermissionIsNamedInTheError(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may write everywhere")
	}
	s, dir := open(t)
	if err := os.Chmod(dir, 0o500); err != nil {
		t.Fatal(err)
	}
	fails(t, s, dir, strings.NewReader("one"), syscall.EACCES)
}

func TestSpaceIsReservedBeforeAnyByteIsRead(t *testing.T) {
	s, dir := open(t)
	const gib = 1 << 30
	for _, space := range []struct {
		free, total uint64
		room        bool
	}{
		{2 * gib, 100 * gib, true}, {gib - 1, 100 * gib, false}, {gib, 100 * gib, true},
		{gib / 20, gib, true}, {gib/20 - 1, gib, false}, {0, gib, false}, {0, 0, true},
	} {
		s.SetSpace(func() (uint64, uint64) { return space.free, space.total })
		if !space.room {
			fails(t, s, dir, unread{t}, syscall.ENOSPC)
			continue
		}
		name := put(t, s, "one")
		if err := s.Delete(name); err != nil {
			t.Fatal(err)
		}
	}
}

// unread fails the test when it is read.
type unread struct{ t *testing.T }

// Read fails the test.
func (u unread) Read([]byte) (int, error) {
	u.t.Error("bytes were read")
	return 0, io.EOF
}

func TestAFileMayNotUseTheReservedSpace(t *testing.T) {
	s, dir := open(t)
	left := uint64(10 << 20)
	s.SetSpace(func() (uint64, uint64) { left -= 1 << 20; return left, 100 << 20 })
	fails(t, s, dir, bytes.NewReader(make([]byte, 8<<20)), syscall.ENOSPC)
}
