package blob_test

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"frontdesk/internal/blob"
	"frontdesk/internal/blob/blobtest"
)

func TestAStoreWritesToItsFirstPlaceAndReadsAndDeletesInAll(t *testing.T) {
	t.Parallel()
	folder, _ := open(t)
	bucket := blobtest.Fake(t).Open()
	s := blob.NewStore(bucket, folder)
	old, recent := put(t, folder, "old"), put(t, s, "recent")
	if got := read(t, s, old) + " " + read(t, s, recent); got != "old recent" {
		t.Errorf("read %q", got)
	}
	all := names(t, bucket)
	if len(all) != 1 {
		t.Fatalf("got %d elements, want 1: %q", len(all), all)
	}
	if all[0] != recent {
		t.Errorf("all[0] is %q, want %q", all[0], recent)
	}
	if n := len(names(t, s)); n != 2 {
		t.Errorf("%d names in all locations, want 2", n)
	}
	for _, name := range []string{old, recent} {
		if err := s.Delete(name); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Open(name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("deleted: got %v, want %v", err, fs.ErrNotExist)
		}
	}
}

func TestAStoreDoesNotCallAFileMissingIfAPlaceFails(t *testing.T) {
	t.Parallel()
	folder, _ := open(t)
	server := blobtest.Fake(t)
	s := blob.NewStore(server.Open(), folder)
	name := put(t, folder, "in the folder")
	server.Fails(blobtest.Refuse(403, "AccessDenied"))
	if got := read(t, s, name); got != "in the folder" {
		t.Errorf("read %q", got)
	}
	_, err := s.Open(strings.Repeat("a", 26))
	wantBucketError(t, "a file that may be in the bucket", err)
}

// A file is copied to the first location, and removed from the other one, between the two requests.
func TestAFileThatIsMovedWhileItIsOpenedIsFound(t *testing.T) {
	t.Parallel()
	folder, _ := open(t)
	server := blobtest.Fake(t)
	bucket := server.Open()
	name := put(t, folder, "moved")
	var asked atomic.Bool
	server.Fails(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != http.MethodGet || asked.Swap(true) {
			return false
		}
		server.Backend(w, r) // it is not there yet
		restorer := server.Open().NewRestorer()
		if err := errors.Join(restorer.Put(r.Context(), name, strings.NewReader("moved")), restorer.Finish(), folder.Delete(name)); err != nil {
			t.Error(err)
		}
		return true
	})
	f, err := blob.NewStore(bucket, folder).Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got, err := io.ReadAll(f); err != nil || string(got) != "moved" {
		t.Errorf("read %q, %v", got, err)
	}
}
