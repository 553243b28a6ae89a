package handlers

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/internal/backup"
	"frontdesk/internal/blob"
	"frontdesk/internal/blob/blobtest"
	"frontdesk/internal/desk"
)

func TestFilesAreUploadedAndDownloadedDuringAMove(t *testing.T) {
	var folder *blob.Folder
	bucket := blobtest.New(t).Open()
	a := newApp(t, unlimited, func(o *desk.Options) {
		folder = o.Blobs.(*blob.Folder)
		o.Blobs = blob.NewStore(bucket, folder)
	})
	c := a.customer("Ana")
	contents := map[string]string{}
	for i := range 40 {
		content := fmt.Sprintf("before the move %d", i)
		name, err := folder.Put(t.Context(), strings.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		contents[name] = content
		a.exec(`insert into attachments (name, user_id, submission_id, filename, content_type, charset, size, sha256, created_at)
			values ($1, $2, $3, 'a.txt', 'text/plain', 'utf-8', $4, sha256($5::bytea), now())`, name, c.id, fmt.Sprint("form ", i), len(content), []byte(content))
	}
	moved := make(chan error, 1)
	go func() {
		for range 3 { // files that are uploaded meanwhile are in the bucket already
			r, err := backup.Move(t.Context(), a.pool, backup.MoveOptions{To: bucket, From: []blob.Location{folder}, Remove: true})
			if err != nil || len(r.Problems) > 0 {
				moved <- fmt.Errorf("%+v: %w", r, err)
				return
			}
		}
		close(moved)
	}()
	for name, content := range contents {
		if got := c.get("/uploads/"+name).wants(t, 200); got.body != content {
			t.Errorf("read %q, want %q", got.body, content)
		}
	}
	u := c.staged("b.txt", "during the move").uploaded(t)
	if err := <-moved; err != nil {
		t.Fatal(err)
	}
	contents[u.Name] = "during the move"
	for name, content := range contents {
		if got := c.get("/uploads/"+name).wants(t, 200); got.body != content {
			t.Errorf("read %q afterwards, want %q", got.body, content)
		}
		if _, err := folder.Size(name); err == nil {
			t.Errorf("%s is still in the folder", name)
		}
	}
}
