package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"frontdesk/internal/blob"
	"frontdesk/internal/blob/blobtest"
)

// servers runs a test on each server of S3.
func servers(t *testing.T, test func(t *testing.T, s *blobtest.Server)) {
	t.Parallel()
	for name, start := range map[string]func(testing.TB) *blobtest.Server{"memory": blobtest.Fake, "versitygw": blobtest.Gateway} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start(t))
		})
	}
}

// random returns n random bytes.
func random(n int) []byte {
	raw := make([]byte, n)
	_, _ = rand.NewChaCha8([32]byte{byte(n)}).Read(raw)
	return raw
}

func TestABlobInABucketIsReadableUntilItIsDeleted(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		b := s.Open()
		for _, size := range []int{1, 511, 512, 513, 300_000, 5 << 20} {
			content := string(random(size))
			name := put(t, b, content)
			if got := read(t, b, name); got != content {
				t.Errorf("%d bytes: read %d others", size, len(got))
			}
			if n, err := b.Size(name); n != int64(size) || err != nil {
				t.Errorf("the size is %d, %v, want %d", n, err, size)
			}
			for range 2 {
				if err := b.Delete(name); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := b.Open(name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("deleted: got %v, want %v", err, fs.ErrNotExist)
			}
			if _, err := b.Size(name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("the size of a deleted blob: got %v, want %v", err, fs.ErrNotExist)
			}
		}
		if left := names(t, b); len(left) != 0 {
			t.Errorf("%v are left", left)
		}
	})
}

func TestABlobBelow16MiBIsStoredInOneRequest(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		b := s.Open()
		put(t, b, "small")
		put(t, b, string(random(16<<20)))
		if got, want := s.Requests(), []string{"PUT", "PUT"}; !slices.Equal(got, want) {
			t.Errorf("the requests are %q, want %q", got, want)
		}
		content := string(random(16<<20 + 1))
		name := put(t, b, content)
		got := s.Requests()
		if len(got) != 4 {
			t.Fatalf("got %d elements, want 4: %q", len(got), got)
		}
		if got[0] != "POST uploads=" {
			t.Errorf(`got[0] is %q, want "POST uploads="`, got[0])
		}
		if got := read(t, b, name); got != content {
			t.Error("the parts are not what was stored")
		}
	})
}

func TestAnyPartOfABlobInABucketCanBeRead(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		b := s.Open()
		content := random(100_000)
		f, err := b.Open(put(t, b, string(content)))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for _, at := range []int64{0, 1, 500, 512, 99_999, 40_000, 511, 0, 100_000} {
			if _, err := f.Seek(at, io.SeekStart); err != nil {
				t.Fatal(err)
			}
			want := content[at:min(at+1000, 100_000)]
			got := make([]byte, len(want))
			if _, err := io.ReadFull(f, got); err != nil || !bytes.Equal(got, want) {
				t.Errorf("at %d: %d bytes, %v", at, len(got), err)
			}
		}
		if end, err := f.Seek(0, io.SeekEnd); end != 100_000 || err != nil {
			t.Errorf("the end is at %d, %v", end, err)
		}
		n, err := f.Read(make([]byte, 1))
		if n != 0 {
			t.Errorf("at the end: got %d bytes, want 0", n)
		}
		if err != io.EOF {
			t.Errorf("at the end: got the error %v, want %v", err, io.EOF)
		}
	})
}

func TestAnInterruptedUploadLeavesNothingInABucket(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		b := s.Open()
		broken := errors.New("the connection of the client broke off")
		for _, size := range []int{4, 1 << 20} {
			if _, err := b.Put(t.Context(), io.MultiReader(bytes.NewReader(random(size)), iotest.ErrReader(broken))); !errors.Is(err, broken) {
				t.Errorf("got %v, want %v", err, broken)
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := b.Put(ctx, strings.NewReader("late")); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		if left := names(t, b); len(left) != 0 {
			t.Errorf("%v are left", left)
		}
	})
}

func TestInvalidNamesReachNoBucket(t *testing.T) {
	t.Parallel()
	s := blobtest.Fake(t)
	b := s.Open()
	for _, name := range []string{"", ".", "../desk", strings.Repeat("A", 26), strings.Repeat("a", 25) + "?", strings.Repeat("a", 26) + "/x"} {
		if _, err := b.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("open %q: got %v, want %v", name, err, fs.ErrNotExist)
		}
		if _, err := b.Size(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("size of %q: got %v, want %v", name, err, fs.ErrNotExist)
		}
		if err := b.Delete(name); err != nil {
			t.Errorf("delete %q: %v", name, err)
		}
		if err := b.NewRestorer().Put(t.Context(), name, strings.NewReader("x")); err == nil {
			t.Errorf("%q was restored", name)
		}
	}
	if got := s.Requests(); len(got) != 0 {
		t.Errorf("the requests are %q, want none", got)
	}
}

func TestConcurrentBlobsInABucketKeepTheirContent(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		b := s.Open()
		var group sync.WaitGroup
		for i := range 20 {
			group.Go(func() {
				content := bytes.Repeat([]byte{byte(i)}, 300_000*(i%2)+i+1)
				name, err := b.Put(t.Context(), bytes.NewReader(content))
				if err != nil {
					t.Error(err)
					return
				}
				if got := read(t, b, name); got != string(content) {
					t.Errorf("read %d bytes of another", len(got))
				}
			})
		}
		group.Wait()
		if n := len(names(t, b)); n != 20 {
			t.Errorf("%d names, want 20", n)
		}
	})
}

func TestUnfinishedUploadsAreListedAndDeleted(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		b := s.Open()
		name := strings.Repeat("a", 26)
		if err := b.BeginUpload(t.Context(), name); err != nil {
			t.Fatal(err)
		}
		var got []string
		walk := func() []string {
			got = nil
			err := b.Walk(func(name string, written time.Time, whole bool) error {
				if whole {
					t.Errorf("%s: whole is true, want false", name)
				}
				if written.Before(time.Now()) {
					t.Errorf("%s: written.Before(time.Now()) is true, want false", name)
				}
				got = append(got, name)
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if all := walk(); !slices.Equal(all, []string{name + ".part"}) {
			t.Fatalf("listed %v", all)
		}
		if err := b.Delete(name + ".part"); err != nil {
			t.Fatal(err)
		}
		if all := walk(); len(all) != 0 {
			t.Errorf("%v are left", all)
		}
	})
}

func TestARestorerReplacesABlobInABucket(t *testing.T) {
	servers(t, func(t *testing.T, s *blobtest.Server) {
		b := s.Open()
		name := put(t, b, "damaged")
		r := b.NewRestorer()
		if err := errors.Join(r.Put(t.Context(), name, strings.NewReader("as it was")), r.Finish()); err != nil {
			t.Fatal(err)
		}
		if got := read(t, b, name); got != "as it was" {
			t.Errorf("read %q", got)
		}
	})
}

func TestAnAddressIsReadWithItsKey(t *testing.T) {
	t.Parallel()
	got, err := blob.ParseAddress("s3://AKIA:a%2Fb%2Bc@s3.example.org:9000/desk?region=eu-1&tls=off")
	want := blob.Address{Host: "s3.example.org:9000", Bucket: "desk", Region: "eu-1", Key: "AKIA", Secret: "a/b+c", PlainHTTP: true}
	if err != nil || got != want {
		t.Errorf("got %+v, %v, want %+v", got, err, want)
	}
	if got := got.String(); got != "s3://s3.example.org:9000/desk" {
		t.Errorf("printed as %s", got)
	}
	for _, text := range []string{"https://a:b@h/x", "s3://a:b@/x", "s3://a:b@h", "s3://a:b@h/x/y", "s3://a@h/x", "s3://a:b@h/x?tls=no", "s3://a:b@h/x?zone=1", "s3://a:b@h/x#y", "s3://a:s/e@h/x", "s3://a:%zz@h/x"} {
		_, err := blob.ParseAddress(text)
		if err == nil {
			t.Fatalf("%s: got no error, want one", text)
		}
		if strings.Contains(err.Error(), "zz") {
			t.Errorf(`%s: the error is %q, want it without "zz"`, text, err.Error())
		}
	}
}
