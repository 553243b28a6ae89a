package blob_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"frontdesk/internal/blob"
	"frontdesk/internal/blob/blobtest"
)

func TestTheCheckOfABucketSaysWhatToDo(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		b := s.Open()
		if err := b.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if left := names(t, b); len(left) != 0 {
			t.Errorf("%v are left", left)
		}
		for what, want := range map[string]struct {
			method, code, says string
			status             int
		}{
			"writing":   {"PUT", "AccessDenied", "s3:PutObject", 403},
			"reading":   {"GET", "AccessDenied", "s3:GetObject", 403},
			"removing":  {"DELETE", "AccessDenied", "s3:DeleteObject", 403},
			"no bucket": {"PUT", "NoSuchBucket", "make it", 404},
			"key":       {"PUT", "InvalidAccessKeyId", "correct key", 403},
			"secret":    {"PUT", "SignatureDoesNotMatch", "%2F", 403},
			"clock":     {"PUT", "RequestTimeTooSkewed", "clocks", 403},
		} {
			s.Fails(func(w http.ResponseWriter, r *http.Request) bool {
				return r.Method == want.method && blobtest.Refuse(want.status, want.code)(w, r)
			})
			err := b.Check(t.Context())
			var wrong *blob.Misconfigured
			if !errors.As(err, &wrong) {
				t.Fatalf("%s: got the error %v, want %T", what, err, wrong)
			}
			if !strings.Contains(err.Error(), want.says) {
				t.Errorf("%s: the error is %q, want it with %q", what, err.Error(), want.says)
			}
		}
		s.Fails(blobtest.Refuse(503, "SlowDown"))
		var wrong *blob.Misconfigured
		if err := b.Check(t.Context()); err == nil || errors.As(err, &wrong) {
			t.Errorf("a busy server: got %v, want an error that passes", err)
		}
	})
}

func TestTheCheckNamesAWrongKeyAWrongBucketAndMissingTLS(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		for what, change := range map[string]func(*blob.Address){
			"refuses the key": func(a *blob.Address) { a.Key = "AKIAOTHER" },
			"does not exist":  func(a *blob.Address) { a.Bucket = "another" },
			"has no TLS":      func(a *blob.Address) { a.PlainHTTP = false },
		} {
			a := s.Address()
			change(&a)
			b, err := blob.OpenBucket(a, t.TempDir())
			if err != nil {
				t.Fatal(err)
			}
			var wrong *blob.Misconfigured
			err = b.Check(t.Context())
			if !errors.As(err, &wrong) {
				t.Fatalf("got the error %v, want %T", err, wrong)
			}
			if !strings.Contains(err.Error(), what) {
				t.Errorf("the error is %q, want it with %q", err, what)
			}
		}
	})
}
