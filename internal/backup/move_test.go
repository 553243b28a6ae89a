package backup_test

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/backup"
	"frontdesk/internal/blob"
	"frontdesk/internal/blob/blobtest"
)

// newFilled returns a desk with staged files, and their contents by name.
func newFilled(t *testing.T, n int) (fixture, map[string]string) {
	t.Helper()
	h := newFixture(t)
	ana := h.person("ana", account.RoleCustomer)
	contents := map[string]string{}
	for i := range n {
		content := strings.Repeat(fmt.Sprintf("file %d ", i), 1+i*1000)
		f, err := h.Files.Stage(t.Context(), ana, fmt.Sprintf("form %d", i), "note.txt", strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		contents[f.Name] = content
	}
	return h, contents
}

// moved moves files, and fails the test for an error or problems.
func (h fixture) moved(o backup.MoveOptions) backup.MoveReport {
	h.t.Helper()
	report, err := backup.Move(h.t.Context(), h.pool, o)
	if err != nil || len(report.Problems) > 0 {
		h.t.Fatalf("got %+v, %v", report, err)
	}
	return report
}

// has fails the test unless a location has exactly these files.
func (h fixture) has(l blob.Location, want map[string]string) {
	h.t.Helper()
	n := 0
	err := l.Walk(func(name string, _ time.Time, _ bool) error { n++; return nil })
	if err != nil || n != len(want) {
		h.t.Errorf("%s has %d files (%v), want %d", l, n, err, len(want))
	}
	for name, content := range want {
		f, err := l.Open(name)
		if err != nil {
			h.t.Errorf("%s: %v", l, err)
			continue
		}
		if got, err := io.ReadAll(f); err != nil || string(got) != content {
			h.t.Errorf("%s in %s has %d bytes (%v), want %d", name, l, len(got), err, len(content))
		}
		f.Close()
	}
}

func TestFilesAreMovedToABucketAndBack(t *testing.T) {
	t.Parallel()
	h, contents := newFilled(t, 12)
	bucket := blobtest.New(t).Open()
	there := backup.MoveOptions{To: bucket, From: []blob.Location{h.files}}
	r := h.moved(there)
	if r.Copied != 12 {
		t.Errorf("the first move: copied is %d, want 12", r.Copied)
	}
	if r.Files != 12 {
		t.Errorf("the first move: got %d files, want 12", r.Files)
	}
	if r.Removed != 0 {
		t.Errorf("the first move: removed is %d, want 0", r.Removed)
	}
	h.has(bucket, contents)
	h.has(h.files, contents)
	r = h.moved(there)
	if r.Copied != 0 {
		t.Errorf("a repeated move: copied is %d, want 0", r.Copied)
	}
	if r.Files != 12 {
		t.Errorf("a repeated move: got %d files, want 12", r.Files)
	}
	there.Remove = true
	r = h.moved(there)
	if r.Copied != 0 {
		t.Errorf("the move that removes: copied is %d, want 0", r.Copied)
	}
	if r.Removed != 12 {
		t.Errorf("the move that removes: removed is %d, want 12", r.Removed)
	}
	h.has(bucket, contents)
	h.has(h.files, nil)
	r = h.moved(backup.MoveOptions{To: h.files, From: []blob.Location{bucket}, Remove: true})
	if r.Copied != 12 {
		t.Errorf("the move back: copied is %d, want 12", r.Copied)
	}
	if r.Removed != 12 {
		t.Errorf("the move back: removed is %d, want 12", r.Removed)
	}
	h.has(bucket, nil)
	h.has(h.files, contents)
}

func TestAMoveThatFailedContinues(t *testing.T) {
	t.Parallel()
	h, contents := newFilled(t, 30)
	s := blobtest.New(t)
	o := backup.MoveOptions{To: s.Open(), From: []blob.Location{h.files}, Remove: true}
	for _, limit := range []int32{7, 40} {
		var requests atomic.Int32
		s.Fails(func(w http.ResponseWriter, r *http.Request) bool {
			return requests.Add(1) > limit && blobtest.Refuse(403, "AccessDenied")(w, r)
		})
		if _, err := backup.Move(t.Context(), h.pool, o); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("after %d requests: got %v, want an error of the bucket", limit, err)
		}
		s.Fails(nil)
		store := blob.NewStore(o.To, h.files)
		for name := range contents {
			f, err := store.Open(name)
			if err != nil {
				t.Fatalf("%s is lost: %v", name, err)
			}
			f.Close()
		}
	}
	h.moved(o)
	h.has(o.To, contents)
	h.has(h.files, nil)
}

func TestAMoveReportsFilesThatAreMissingOrDamaged(t *testing.T) {
	t.Parallel()
	h, contents := newFilled(t, 3)
	var names []string
	for name := range contents {
		names = append(names, name)
	}
	damaged, missing := names[0], names[1]
	if err := os.WriteFile(filepath.Join(h.dir, damaged[:2], damaged), []byte("damaged"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := h.files.Delete(missing); err != nil {
		t.Fatal(err)
	}
	bucket := blobtest.New(t).Open()
	r, err := backup.Move(t.Context(), h.pool, backup.MoveOptions{To: bucket, From: []blob.Location{h.files}, Remove: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Problems) != 2 {
		t.Errorf("got %d problems, want 2: %+v", len(r.Problems), r.Problems)
	}
	if r.Removed != 1 {
		t.Errorf("removed is %d, want 1", r.Removed)
	}
	h.has(bucket, map[string]string{names[2]: contents[names[2]]})
	h.has(h.files, map[string]string{damaged: "damaged"})
}

func TestAFileThatIsDamagedInTheNewPlaceIsCopiedAgain(t *testing.T) {
	t.Parallel()
	h, contents := newFilled(t, 1)
	bucket := blobtest.New(t).Open()
	o := backup.MoveOptions{To: bucket, From: []blob.Location{h.files}}
	h.moved(o)
	for name, content := range contents {
		r := bucket.NewRestorer()
		if err := errors.Join(r.Put(t.Context(), name, strings.NewReader(strings.ToUpper(content))), r.Finish()); err != nil {
			t.Fatal(err)
		}
	}
	o.Remove = true
	r := h.moved(o)
	if r.Copied != 1 {
		t.Errorf("copied is %d, want 1", r.Copied)
	}
	if r.Removed != 1 {
		t.Errorf("removed is %d, want 1", r.Removed)
	}
	h.has(bucket, contents)
}

func TestVerifyAndBackupReadBothPlacesDuringAMove(t *testing.T) {
	t.Parallel()
	h, _ := newFilled(t, 6)
	bucket := blobtest.New(t).Open()
	store := blob.NewStore(bucket, h.files)
	verify := func() {
		t.Helper()
		r, err := backup.Verify(t.Context(), h.pool, store, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Problems) > 0 {
			t.Errorf("got %d problems, want 0: %+v", len(r.Problems), r.Problems)
		}
		if r.Files != 6 {
			t.Errorf("got %d files, want 6", r.Files)
		}
	}
	verify()
	h.moved(backup.MoveOptions{To: bucket, From: []blob.Location{h.files}})
	verify()
	h.moved(backup.MoveOptions{To: bucket, From: []blob.Location{h.files}, Remove: true})
	verify()
}
