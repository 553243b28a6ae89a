package importer_test

import (
	"net/url"
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
	outside := 0
	for line, got := range h.report() {
		isInside := strings.Contains(line, "b.txt") || strings.Contains(line, "inside")
		if !strings.HasPrefix(line, "attachment,") || isInside {
			continue
		}
		outside++
		if !strings.Contains(got, "not imported") {
			t.Errorf("%s: got %q, want that it is not imported", line, got)
		}
	}
	if outside != 8 {
		t.Errorf("the report has %d files outside of the folder, want 8", outside)
	}
}

func TestAFileIsFoundUnderALaterNameIfAnEarlierOneCannotBeRead(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	second := t.TempDir()
	h.Uploads = append(h.Uploads, second)
	name := strings.Repeat("ব", 30) + ".txt" // longer than a file name may be, when it is encoded
	for _, err := range []error{os.WriteFile(filepath.Join(h.Uploads[0], name), []byte("first"), 0o600),
		os.Mkdir(filepath.Join(h.Uploads[0], "a.txt"), 0o700), os.WriteFile(filepath.Join(second, "a.txt"), []byte("second"), 0o600)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	h.fill(`insert into "User" (id, username, email, password) values (1, 'Ana', 'ana@example.org', '')`)
	for _, path := range []string{url.PathEscape(name), "a.txt"} {
		h.fill(`insert into "Ticket" (subject, description, category, priority, attachment, "userId", "updatedAt") values ('a', E'b\u0001', 'General', 'Low', $1, 1, now())`, "/uploads/"+path)
	}
	h.imports()
	h.is("5,6", "select string_agg(size::text, ',' order by size) from attachments")
	h.is("2", "select count(*) from import_entries where kind = 'ticket' and note like '%control characters were removed%'")
}
