package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/blob/blobtest"
)

// attachments counts the files of a location.
func attachments(t *testing.T, l blob.Location) (n int) {
	t.Helper()
	if err := l.Walk(func(string, time.Time, bool) error { n++; return nil }); err != nil {
		t.Fatal(err)
	}
	return n
}

// uploadsOf opens the folder of attachments of a desk.
func uploadsOf(t *testing.T, env []string) *blob.Folder {
	t.Helper()
	f, err := blob.OpenFolder(filepath.Join(value(env, "DATA_DIR"), "uploads"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestADeskMovesToABucketAndBack(t *testing.T) {
	t.Parallel()
	env := newDesk(t, 1<<20)
	s := blobtest.New(t)
	bucket, folder := s.Open(), uploadsOf(t, env)
	where := s.Address().String()
	run(t, env, "blobs", "move", "--to", s.URL())
	if n := attachments(t, bucket); n != 1 {
		t.Errorf("the bucket has %d files, want 1", n)
	}
	out, err := command(t, append(env, "BLOB_READ_URL="+s.URL()), "blobs", "move", "--to", where, "--remove").CombinedOutput()
	if err == nil {
		t.Fatalf("removing before the desk writes to the bucket: got no error, want one: %s", out)
	}
	if !strings.Contains(string(out), "set BLOB_URL") {
		t.Errorf(`removing before the desk writes to the bucket: got %q, want it with "set BLOB_URL"`, string(out))
	}
	if got := attachments(t, folder); got != 1 {
		t.Errorf("removing before the desk writes to the bucket: got %d, want 1", got)
	}
	inBucket := append(env, "BLOB_URL="+s.URL())
	served := serve(t, inBucket...)
	printed := run(t, inBucket, "blobs", "move", "--to", where, "--remove")
	if !strings.Contains(printed, "1 removed") {
		t.Errorf(`it printed %q, want it with "1 removed"`, printed)
	}
	if strings.Contains(printed, "tests") {
		t.Errorf(`it printed %q, want it without "tests"`, printed)
	}
	if n := attachments(t, folder); n != 0 {
		t.Errorf("the folder has %d files, want none", n)
	}
	run(t, inBucket, "verify")
	served.end(t, syscall.SIGTERM)
	out, err = command(t, env, "verify").CombinedOutput()
	if err == nil {
		t.Fatalf("without the bucket, verify succeeded: %s", out)
	}
	if !strings.Contains(string(out), "is missing") {
		t.Errorf(`without the bucket, verify printed %q, want it with "is missing"`, string(out))
	}
	back := append(env, "BLOB_READ_URL="+s.URL())
	run(t, back, "verify")
	run(t, back, "blobs", "move", "--to", "folder", "--remove")
	run(t, env, "verify")
	if n := attachments(t, bucket); n != 0 {
		t.Errorf("the bucket has %d files, want none", n)
	}
}

func TestADeskIsBackedUpFromABucketAndRestoredIntoAnother(t *testing.T) {
	t.Parallel()
	env := newDesk(t, 1<<20)
	from, to := blobtest.New(t), blobtest.New(t)
	run(t, env, "blobs", "move", "--to", from.URL())
	archive := filepath.Join(t.TempDir(), "desk.tar.zst")
	if err := os.RemoveAll(filepath.Join(value(env, "DATA_DIR"), "uploads")); err != nil {
		t.Fatal(err)
	}
	run(t, append(env, "BLOB_URL="+from.URL()), "backup", archive)
	other := append(emptyDesk(t), "BLOB_URL="+to.URL())
	run(t, other, "restore", archive)
	if out := run(t, other, "verify"); !strings.Contains(out, "1 files (1 MiB)") {
		t.Errorf("verify printed %q", out)
	}
	if n := attachments(t, to.Open()); n != 1 {
		t.Errorf("the bucket has %d files, want 1", n)
	}
}

func TestAMoveThatIsKilledAtAnyStepLosesNothing(t *testing.T) {
	t.Parallel()
	for _, point := range []string{"move file copied", "move file compared", "move file removed"} {
		t.Run(point, func(t *testing.T) {
			t.Parallel()
			env := newDesk(t, 1<<20)
			s := blobtest.New(t)
			inBucket := append(env, "BLOB_URL="+s.URL())
			args := []string{"blobs", "move", "--to", s.Address().String(), "--remove"}
			hold(t, inBucket, point, args...).kill()
			run(t, inBucket, "verify")
			run(t, inBucket, args...)
			run(t, inBucket, "verify")
			if n := attachments(t, uploadsOf(t, env)); n != 0 {
				t.Errorf("the folder has %d files, want none", n)
			}
		})
	}
}

func TestADeskStartsWithoutABucketThatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	s := blobtest.New(t)
	env := append(newDesk(t, 100), "BLOB_URL="+s.URL())
	s.Fails(blobtest.Refuse(http.StatusServiceUnavailable, "SlowDown"))
	served := serve(t, env...)
	served.health(t)
	s.Fails(nil)
	run(t, env, "blobs", "move", "--to", s.Address().String(), "--remove")
	served.end(t, syscall.SIGTERM)
	text := served.err.String()
	if !strings.Contains(text, "storage failed") {
		t.Errorf(`the log does not say that files are not available, or has the secret: the text is %q, want it with "storage failed"`, text)
	}
	if strings.Contains(text, "of=tests") {
		t.Errorf(`the log does not say that files are not available, or has the secret: the text is %q, want it without "of=tests"`, text)
	}
}

func TestADeskWithAWrongBucketSaysWhatToDo(t *testing.T) {
	t.Parallel()
	s := blobtest.New(t)
	env := emptyDesk(t)
	for text, message := range map[string]string{
		"https://s3.example.org/desk":                           "BLOB_URL is not the address of a bucket: it does not begin with s3://",
		"s3://s3.example.org/desk":                              "it has no key",
		strings.Replace(s.URL(), "AKIATEST", "AKIAOTHER", 1):    "refuses the key",
		strings.Replace(s.URL(), "/desk?", "/another?", 1):      "the bucket s3://",
		strings.Replace(s.URL(), "?tls=off", "", 1):             "has no TLS",
		strings.Replace(s.URL(), "?tls=off", "?tls=off&x=1", 1): "x=1 is not known",
		strings.Replace(s.URL(), "%2Fsecret", "/secret", 1):     "encode the characters",
	} {
		refused(t, append(env, "BLOB_URL="+text), message)
	}
	s.Fails(blobtest.Refuse(http.StatusForbidden, "AccessDenied"))
	refused(t, append(env, "BLOB_URL="+s.URL()), "s3:PutObject")
	out, err := command(t, append(newDesk(t, 10), "BLOB_URL="+s.URL()), "doctor").CombinedOutput()
	if err == nil {
		t.Fatalf("doctor: got no error, want one: %s", out)
	}
	if !strings.Contains(string(out), "problem  bucket") {
		t.Errorf(`doctor: got %q, want it with "problem  bucket"`, string(out))
	}
	if !strings.Contains(string(out), "s3:ListBucket") {
		t.Errorf(`doctor: got %q, want it with "s3:ListBucket"`, string(out))
	}
	s.Stop()
	out, _ = command(t, append(newDesk(t, 10), "BLOB_URL="+s.URL()), "doctor").CombinedOutput()
	if !strings.Contains(string(out), "problem  bucket") {
		t.Errorf(`doctor without a server: got %q, want it with "problem  bucket"`, string(out))
	}
	if !strings.Contains(string(out), "look at the server") {
		t.Errorf(`doctor without a server: got %q, want it with "look at the server"`, string(out))
	}
}
