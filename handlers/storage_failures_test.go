package handlers

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"testing"

	"frontdesk/internal/desk"
)

// failing is a store of files that fails after a call of fails.
type failing struct {
	desk.Blobs
	mu    sync.Mutex
	err   error
	reads bool // reading an open file fails too
}

// fails makes the store return err from now on. If reads is true, files can still be
// opened, and reading them fails. With nil the store works again.
func (f *failing) fails(err error, reads bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.err, f.reads = err, reads
}

// failure returns the error of an operation, or nil.
func (f *failing) failure(what string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		return nil
	}
	return fmt.Errorf("in /srv/uploads: %w", &os.PathError{Op: what, Path: "ab/abc.part", Err: f.err})
}

// Put reads all of r before it fails, as if the disk were full at the end.
func (f *failing) Put(ctx context.Context, r io.Reader) (string, error) {
	if err := f.failure("write"); err != nil {
		if _, err := io.Copy(io.Discard, r); err != nil {
			return "", err
		}
		return "", err
	}
	return f.Blobs.Put(ctx, r)
}

// Open implements desk.Blobs.
func (f *failing) Open(name string) (io.ReadSeekCloser, error) {
	if err := f.failure("open"); err != nil && !f.reads {
		return nil, err
	}
	content, err := f.Blobs.Open(name)
	return failingFile{content, f}, err
}

type failingFile struct {
	io.ReadSeekCloser
	of *failing
}

// Read implements [io.Reader].
func (f failingFile) Read(p []byte) (int, error) {
	if err := f.of.failure("read"); err != nil {
		return 0, err
	}
	return f.ReadSeekCloser.Read(p)
}

// logged is a log that the test can read.
type logged struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements [io.Writer].
func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

// since returns what was logged since the last call.
func (l *logged) since() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.buf.Reset()
	return l.buf.String()
}

// newLoggedApp is newApp with a log that the test can read.
func newLoggedApp(t *testing.T, change ...func(*desk.Options)) (*app, *logged) {
	log := &logged{}
	a := newApp(t, change...)
	return a.again(Config{Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelWarn})), Ready: a.pool.Ping,
		TokenKeys: [][]byte{[]byte("a key of thirty-two bytes, or more")}}), log
}

// newFailingApp starts a desk whose store of files can fail, and whose log is stored.
func newFailingApp(t *testing.T) (*app, *failing, *logged) {
	files := &failing{}
	a, log := newLoggedApp(t, unlimited, func(o *desk.Options) { files.Blobs, o.Blobs = o.Blobs, files })
	return a, files, log
}
