package desk_test

import (
	"bytes"
	"errors"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/blob/blobtest"
	"frontdesk/internal/desk"
)

func TestTheSweepRemovesObjectsAndUploadsThatNoRowNeeds(t *testing.T) {
	t.Parallel()
	var skew time.Duration
	server := blobtest.Fake(t)
	bucket := server.Open()
	folder, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	h := newFixture(t, desk.Options{Blobs: blob.NewStore(bucket, folder), WalkEvery: 6 * time.Hour, Now: func() time.Time { return time.Now().Add(skew) }})
	ana := h.person("ana", account.RoleCustomer)
	kept := h.stages(ana, "kept", "kept.txt", "kept")
	h.opens(ana, anInput("kept"))
	orphan, err1 := bucket.Put(t.Context(), strings.NewReader("orphan"))
	old, err2 := folder.Put(t.Context(), strings.NewReader("orphan of the old location"))
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	upload := httptest.NewRequest("POST", "/"+blobtest.Bucket+"/"+strings.Repeat("a", 26)+"?uploads", nil)
	upload.Header.Set("Authorization", "Credential=AKIATEST/")
	server.Backend(httptest.NewRecorder(), upload)
	for _, step := range []struct {
		after time.Duration
		left  []string
	}{
		{0, []string{"kept", "orphan", "old", "upload"}},
		{25 * time.Minute, []string{"kept", "orphan", "old", "upload"}}, // not looked for yet
		{7 * time.Hour, []string{"kept", "orphan", "old"}},
		{25 * time.Hour, []string{"kept"}},
	} {
		skew = step.after
		if err := h.Upkeep.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range []struct {
			word, name string
			location   blob.Location
		}{{"kept", kept.Name, bucket}, {"orphan", orphan, bucket}, {"old", old, folder}} {
			if _, err := b.location.Size(b.name); !errors.Is(err, fs.ErrNotExist) {
				got = append(got, b.word)
			}
		}
		err := bucket.Walk(func(_ string, _ time.Time, whole bool) error {
			if !whole {
				got = append(got, "upload")
			}
			return nil
		})
		if err != nil || !slices.Equal(got, step.left) {
			t.Errorf("after %v: %v are left (%v), want %v", step.after, got, err, step.left)
		}
	}
}

// A desk that is started with a mistake in its settings has a new database, and the files of the right one.
func TestTheSweepDeletesNoFilesOfAnotherDatabase(t *testing.T) {
	t.Parallel()
	folder, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	later := func() time.Time { return time.Now().Add(25 * time.Hour) }
	h := newFixture(t, desk.Options{Blobs: blob.NewStore(folder)})
	file := h.stages(h.person("ana", account.RoleCustomer), "k", "a.txt", "one")
	var log bytes.Buffer
	other := newFixture(t, desk.Options{Blobs: blob.NewStore(folder), Now: later, Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err := other.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := folder.Size(file.Name); err != nil {
		t.Errorf("got %v, want the file", err)
	}
	if !strings.Contains(log.String(), "files kept that the database does not know") {
		t.Errorf("the log does not say so: %s", log.String())
	}
}

func TestTheSweepSearchesABucketOnlySometimes(t *testing.T) {
	t.Parallel()
	var skew time.Duration
	server := blobtest.Fake(t)
	h := newFixture(t, desk.Options{Blobs: blob.NewStore(server.Open()), WalkEvery: 6 * time.Hour, Now: func() time.Time { return time.Now().Add(skew) }})
	for _, step := range []struct {
		after    time.Duration
		fails    bool
		searches bool
	}{{0, true, true}, {0, false, true}, {5 * time.Hour, false, false}, {7 * time.Hour, false, true}, {8 * time.Hour, false, false}} {
		skew = step.after
		if server.Fails(nil); step.fails {
			server.Fails(blobtest.Refuse(403, "AccessDenied"))
		}
		server.Requests()
		if err := h.Upkeep.Sweep(t.Context()); (err != nil) != step.fails {
			t.Errorf("after %v: %v", step.after, err)
		}
		if n := len(server.Requests()); (n > 0) != step.searches {
			t.Errorf("after %v: %d requests, want a search: %v", step.after, n, step.searches)
		}
	}
}
