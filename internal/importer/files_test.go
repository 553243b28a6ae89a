package importer_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestFilesOutsideOfTheFolderAreNotRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	dir := h.Uploads[0]
	secret := filepath.Join(t.TempDir(), "secret.txt")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	second := t.TempDir()
	h.Uploads = append(h.Uploads, second)
	for _, err := range []error{os.Symlink(secret, filepath.Join(dir, "link")), os.Mkdir(filepath.Join(dir, "folder"), 0o700), syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600),
		os.WriteFile(filepath.Join(second, "b.txt"), []byte("second"), 0o600), os.Symlink("b.txt", filepath.Join(second, "inside"))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	h.fill(`insert into "User" (id, username, email, password) values (1, 'Ana', 'ana@example.org', '')`)
	for _, path := range []string{"link", "folder", "pipe", "../secret.txt", secret, "..", "", "b.txt", "inside", "nul\u0001"} {
		h.fill(`insert into "Ticket" (subject, description, category, priority, attachment, "userId", "updatedAt") values ('a', 'b', 'General', 'Low', $1, 1, now())`, "/uploads/"+path)
	}
	h.imports()
	h.is("b.txt 6,inside 6", "select string_agg(filename || ' ' || size, ',' order by filename) from attachments")
	for line, got := range h.report() {
		if strings.HasPrefix(line, "attachment,") && !strings.Contains(line, "b.txt") && !strings.Contains(line, "inside") && !strings.Contains(got, "not imported") {
			t.Errorf("%s: got %q, want that it is not imported", line, got)
		}
	}
}
