package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"frontdesk/internal/blob"
)

// open opens a new store, and returns its directory too.
func open(t *testing.T) (*blob.Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "uploads")
	s, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

// put stores a blob and returns its name.
func put(t *testing.T, s blob.Location, content string) string {
	t.Helper()
	name, err := s.Put(t.Context(), strings.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// read returns the content of a blob.
func read(t *testing.T, s blob.Location, name string) string {
	t.Helper()
	f, err := s.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// names returns the names of all blobs.
func names(t *testing.T, s blob.Location) (out []string) {
	t.Helper()
	err := s.Walk(func(name string, _ time.Time, _ bool) error { out = append(out, name); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAStoredBlobIsReadableUntilItIsDeleted(t *testing.T) {
	s, dir := open(t)
	name := put(t, s, "hello")
	if got := read(t, s, name); got != "hello" {
		t.Errorf("read %q", got)
	}
	info, err := os.Stat(filepath.Join(dir, name[:2], name))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info, err)
	}
	for range 2 {
		if err := s.Delete(name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Open(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("deleted: %v", err)
	}
}

func TestAnInterruptedUploadLeavesNothing(t *testing.T) {
	s, _ := open(t)
	broken := errors.New("the line went dead")
	if _, err := s.Put(t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Put(ctx, strings.NewReader("late")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if left := names(t, s); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestInvalidNamesOpenNothing(t *testing.T) {
	s, dir := open(t)
	outside := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"", ".", "..", "../secret", "..%2fsecret", "/etc/passwd", "aa/../../secret",
		strings.Repeat("a", 25), strings.Repeat("A", 26), strings.Repeat("a", 25) + "/", strings.Repeat("a", 26) + ".part", strings.Repeat("a", 25) + "\x00"} {
		if _, err := s.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", name, err)
		}
		if err := s.Delete(name); err != nil {
			t.Errorf("delete %q: %v", name, err)
		}
	}
	if _, err := os.Stat(outside); err != nil {
		t.Error(err)
	}
}

func TestASymbolicLinkOutOfTheFolderIsNotFollowed(t *testing.T) {
	s, dir := open(t)
	outside := filepath.Join(filepath.Dir(dir), "secret")
	if err := os.WriteFile(outside, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	name := put(t, s, "mine")
	file := filepath.Join(dir, name[:2], name)
	if err := errors.Join(os.Remove(file), os.Symlink(outside, file)); err != nil {
		t.Fatal(err)
	}
	if f, err := s.Open(name); err == nil {
		content, _ := io.ReadAll(f)
		t.Errorf("read %q through a link", content)
	}
}

func TestConcurrentBlobsKeepTheirContent(t *testing.T) {
	s, _ := open(t)
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			content := bytes.Repeat([]byte{byte(i)}, 10_000+i)
			name, err := s.Put(t.Context(), bytes.NewReader(content))
			if err != nil {
				t.Error(err)
				return
			}
			if got := read(t, s, name); got != string(content) {
				t.Errorf("%d bytes of another", len(got))
			}
		})
	}
	group.Wait()
	if n := len(names(t, s)); n != 40 {
		t.Errorf("%d names", n)
	}
}

func TestUnfinishedBlobsAreMarkedInTheWalk(t *testing.T) {
	s, dir := open(t)
	name := put(t, s, "whole")
	left := name[:25] + "a.part"
	if err := os.WriteFile(filepath.Join(dir, name[:2], left), []byte("hal"), 0o600); err != nil {
		t.Fatal(err)
	}
	got := map[string]bool{}
	if err := s.Walk(func(name string, _ time.Time, whole bool) error { got[name] = whole; return nil }); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2 {
		t.Fatalf("got %d elements, want 2: %v", len(got), got)
	}
	if !got[name] {
		t.Error("the stored blob is marked as unfinished")
	}
	if got[left] {
		t.Error("the unfinished blob is marked as whole")
	}
	if err := s.Delete(left); err != nil {
		t.Fatal(err)
	}
	n := names(t, s)
	if len(n) != 1 {
		t.Fatalf("got %d elements, want 1: %q", len(n), n)
	}
	if n[0] != name {
		t.Errorf("n[0] is %q, want %q", n[0], name)
	}
}

func TestANamedPipeInsteadOfABlobIsNotOpened(t *testing.T) {
	t.Parallel()
	s, dir := open(t)
	name := put(t, s, "content")
	var path string
	err := filepath.WalkDir(dir, func(at string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			path = at
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Open(name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want %v", err, fs.ErrNotExist)
	}
}
