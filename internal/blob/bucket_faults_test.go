package blob_test

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/blob/blobtest"
)

// wantBucketError fails the test unless err is an error that names the bucket and is neither a missing
// blob, a full disk nor the end of the caller's context.
func wantBucketError(t *testing.T, what string, err error) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("%s: no error", what)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOSPC), errors.Is(err, context.Canceled), errors.Is(err, io.ErrUnexpectedEOF):
		t.Errorf("%s: the error would be taken for another: %v", what, err)
	case !strings.Contains(err.Error(), "s3://127.0.0.1"), strings.Contains(err.Error(), "secret"):
		t.Errorf("%s: the error names no bucket, or has the secret: %v", what, err)
	}
}

// hang sends no answer. It returns when the client has closed the connection.
func hang(_ http.ResponseWriter, r *http.Request) bool {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
	return true
}

func TestABucketThatFailsGivesErrorsAndWorksAgainLater(t *testing.T) {
	t.Parallel()
	for what, fails := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"no right":  blobtest.Refuse(403, "AccessDenied"),
		"no bucket": blobtest.Refuse(404, "NoSuchBucket"),
		"busy":      blobtest.Refuse(503, "SlowDown"),
		"an error in HTML": func(w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, "<html>", http.StatusBadGateway)
			return true
		},
		"no answer":        hang,
		"a cut connection": func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) },
		"a redirect": func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, "http://192.0.2.1/", http.StatusTemporaryRedirect)
			return true
		},
		"nothing is read": nil,
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			s := blobtest.Fake(t)
			b := s.Open()
			later := b
			if what == "no answer" || fails == nil {
				b.SetTimes(200 * time.Millisecond)
				later = s.Open() // which waits longer
			}
			name := put(t, later, "before")
			if s.Fails(fails); fails == nil {
				s.Hangs()
			}
			_, err := b.Open(name)
			wantBucketError(t, "open", err)
			if _, err = b.Size(name); what != "no bucket" { // an answer to HEAD does not say which of the two is missing
				wantBucketError(t, "size", err)
			}
			_, err = b.Put(t.Context(), strings.NewReader(strings.Repeat("x", 1<<20)))
			wantBucketError(t, "put", err)
			wantBucketError(t, "walk", b.Walk(func(string, time.Time, bool) error { return nil }))
			wantBucketError(t, "delete", b.Delete(name))
			s.Fails(nil)
			if got := read(t, later, name); got != "before" {
				t.Errorf("read %q afterwards", got)
			}
			if err := later.Delete(put(t, later, "after")); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestABucketThatRefusesConnectionsGivesErrors(t *testing.T) {
	t.Parallel()
	s := blobtest.Fake(t)
	b := s.Open()
	name := put(t, b, "before")
	s.Stop()
	_, err := b.Open(name)
	wantBucketError(t, "open", err)
	_, err = b.Put(t.Context(), strings.NewReader("x"))
	wantBucketError(t, "put", err)
	wantBucketError(t, "check", b.Check(t.Context()))
}

func TestABucketWithoutSpaceIsFull(t *testing.T) {
	t.Parallel()
	s := blobtest.Fake(t)
	b := s.Open()
	for code, status := range map[string]int{"QuotaExceeded": 403, "XMinioStorageFull": 507, "XMinioAdminBucketQuotaExceeded": 400} {
		s.Fails(blobtest.Refuse(status, code))
		if _, err := b.Put(t.Context(), strings.NewReader("x")); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("%s: got %v, want %v", code, err, syscall.ENOSPC)
		}
	}
}

// cutting sends the first bytes of an answer and then cuts the connection.
type cutting struct {
	http.ResponseWriter
	left int
}

func (c *cutting) Write(p []byte) (int, error) {
	if len(p) <= c.left {
		c.left -= len(p)
		return c.ResponseWriter.Write(p)
	}
	_, _ = c.ResponseWriter.Write(p[:c.left])
	panic(http.ErrAbortHandler)
}

// cuts cuts the connection of each download after n bytes.
func cuts(s *blobtest.Server, n int) {
	s.Fails(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodGet {
			s.Backend(&cutting{w, n}, r)
			return true
		}
		return false
	})
}

func TestADownloadContinuesOnANewConnection(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		b := s.Open()
		content := string(random(2 << 20))
		name := put(t, b, content)
		cuts(s, 500_000)
		if got := read(t, b, name); got != content {
			t.Errorf("read %d bytes, want the %d that were stored", len(got), len(content))
		}
	})
}

func TestADownloadDoesNotContinueWithAnotherObject(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		b := s.Open()
		name := put(t, b, string(random(1<<20)))
		cuts(s, 500_000)
		f, err := b.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		r := b.NewRestorer()
		if err := errors.Join(r.Put(t.Context(), name, strings.NewReader(strings.Repeat("x", 1<<20))), r.Finish()); err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(f)
		wantBucketError(t, "another object", err)
		if strings.Contains(string(got), "xxxx") {
			t.Error("the bytes of another object were read")
		}
	})
}

func TestABucketThatSendsWrongBytesGivesAnError(t *testing.T) {
	t.Parallel()
	s := blobtest.Fake(t)
	b := s.Open()
	b.SetTimes(200 * time.Millisecond)
	name := put(t, b, string(random(10_000)))
	for what, fails := range map[string]func(http.ResponseWriter, *http.Request) bool{
		"fewer bytes than Content-Length": func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("ETag", `"x"`)
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			w.Header().Set("Content-Length", "10000")
			_, _ = w.Write(random(6000))
			return true
		},
		"the beginning instead of the rest": func(w http.ResponseWriter, r *http.Request) bool {
			r.Header.Del("Range")
			r.Header.Del("If-Match")
			return false
		},
		"no size": func(w http.ResponseWriter, r *http.Request) bool {
			w.Header().Set("ETag", `"x"`)
			w.Header().Set("Last-Modified", time.Now().UTC().Format(http.TimeFormat))
			_, _ = w.Write(random(10_000))
			w.(http.Flusher).Flush()
			return true
		},
	} {
		s.Fails(fails)
		f, err := b.Open(name)
		if err == nil {
			if _, err = f.Seek(5000, io.SeekStart); err == nil {
				_, err = io.ReadAll(f)
			}
			_ = f.Close()
		}
		wantBucketError(t, what, err)
	}
}

func TestAnUploadWhoseAnswerWasLostIsStoredOnce(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		b := s.Open()
		var lost atomic.Bool
		s.Fails(func(w http.ResponseWriter, r *http.Request) bool {
			if r.Method != http.MethodPut || lost.Swap(true) {
				return false
			}
			s.Backend(discard{w.Header()}, r)
			panic(http.ErrAbortHandler)
		})
		name := put(t, b, "stored before the connection broke off")
		got := names(t, b)
		if len(got) != 1 {
			t.Fatalf("got %d elements, want 1: %q", len(got), got)
		}
		if got[0] != name {
			t.Errorf("got[0] is %q, want %q", got[0], name)
		}
		got = s.Requests()
		if len(got) < 3 {
			t.Fatalf("got %d elements, want at least 3: %q", len(got), got)
		}
		if got[2] != "HEAD" {
			t.Errorf(`got[2] is %q, want "HEAD"`, got[2])
		}
	})
}

// discard is a response that is not sent.
type discard struct{ header http.Header }

func (d discard) Header() http.Header       { return d.header }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}
