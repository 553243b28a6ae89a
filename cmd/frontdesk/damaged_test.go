package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// TestWhatIsNoBackupOfThisDeskIsRefused checks the exit status and the sentence of verify and
// restore for files that cannot be restored.
func TestWhatIsNoBackupOfThisDeskIsRefused(t *testing.T) {
	t.Parallel()
	env, to := newDesk(t, 100<<10), emptyDesk(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "desk.tar.zst")
	run(t, env, "backup", path)
	archive, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		body    []byte
		verify  int // exit status
		restore int
		message string
	}{
		"damaged":         {flipped(archive, len(archive)/2), 2, 1, "the archive is damaged"},
		"truncated":       {archive[:len(archive)-20], 2, 1, "the archive is damaged"},
		"cut at a half":   {archive[:len(archive)/2], 2, 1, "the archive is damaged"},
		"followed":        {append(bytes.Clone(archive), "more"...), 2, 1, "the archive is damaged"},
		"altered row":     {repacked(t, archive, "The rear light", "The rear night"), 2, 1, "the archive is damaged"},
		"empty":           {nil, 1, 1, "this is not a backup of Frontdesk"},
		"foreign text":    {[]byte("PGDMP, the format of pg_dump, or any other text"), 1, 1, "this is not a backup of Frontdesk"},
		"foreign tar":     {repacked(t, archive, `"program": "frontdesk"`, `"program": "backdesk!"`), 1, 1, "this is not a backup of Frontdesk"},
		"newer format":    {repacked(t, archive, `"format": 1`, `"format": 9`), 1, 1, "made by a newer version of Frontdesk"},
		"not decryptable": {[]byte("age-encryption.org/v1\n-> X25519 abc\nabc\n--- abc\n"), 1, 1, "the archive is encrypted: give the file with the identity"},
	} {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		if err := os.WriteFile(file, c.body, 0o600); err != nil {
			t.Fatal(err)
		}
		refusedWith(t, name, c.verify, c.message, nil, "verify", file)
		refusedWith(t, name, c.restore, c.message, to, "restore", file)
	}
	if output := run(t, to, "verify"); !strings.Contains(output, "Checked 0 tickets") {
		t.Errorf("after the refused restores, verify printed %q, want an empty desk", output)
	}
	run(t, to, "restore", path)
}

// refusedWith fails the test unless a command exits with a status and prints one line with the
// sentence.
func refusedWith(t *testing.T, name string, status int, message string, env []string, args ...string) {
	t.Helper()
	cmd := command(t, env, args...)
	out, err := cmd.CombinedOutput()
	if got := cmd.ProcessState.ExitCode(); got != status {
		t.Errorf("%s: %s has the exit status %d (%v), want %d", name, args[0], got, err, status)
	}
	text := strings.TrimSpace(string(out))
	if !strings.Contains(text, message) {
		t.Errorf("%s: the text is %q, want it with %q", name, text, message)
	}
	if strings.Contains(text, "\n") {
		t.Errorf("%s: the text is %q, want it without %q", name, text, "\n")
	}
}

func TestAnArchiveOfANewerSchemaIsRefusedByRestore(t *testing.T) {
	t.Parallel()
	env, to := newDesk(t, 1000), emptyDesk(t)
	path := filepath.Join(t.TempDir(), "desk.tar.zst")
	run(t, env, "backup", path)
	archive, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, repacked(t, archive, `"schema": `, `"schema":9`), 0o600); err != nil {
		t.Fatal(err)
	}
	refusedWith(t, "newer schema", 1, "this program knows", to, "restore", path)
}

// flipped returns body with one changed bit.
func flipped(body []byte, at int) []byte {
	bad := bytes.Clone(body)
	bad[at] ^= 1
	return bad
}

// repacked returns an archive in which a text is replaced by one of the same length, so that only
// the checksums of the archive differ.
func repacked(t *testing.T, archive []byte, from, to string) []byte {
	t.Helper()
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	plain, err := d.DecodeAll(archive, nil)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(plain, []byte(from)) {
		t.Fatalf("the archive has no %q", from)
	}
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	return e.EncodeAll(bytes.ReplaceAll(plain, []byte(from), []byte(to)), nil)
}

func TestTheResultsOfBackupsAreReadableByPrograms(t *testing.T) {
	t.Parallel()
	env, to := newDesk(t, 1000), emptyDesk(t)
	path := filepath.Join(t.TempDir(), "desk.tar.zst")
	type result struct {
		File                 string
		Rows, Files, Tickets int64
		Problems             []struct{ Check, What string }
	}
	parse := func(env []string, status int, args ...string) (r result) {
		cmd := command(t, env, append(args, "--json")...)
		out, err := cmd.Output()
		if got := cmd.ProcessState.ExitCode(); got != status {
			t.Fatalf("%v: exit status %d (%v), want %d", args, got, err, status)
		}
		if err := json.Unmarshal(out, &r); err != nil {
			t.Fatalf("%v printed %q: %v", args, out, err)
		}
		return r
	}
	r := parse(env, 0, "backup", path)
	if r.File != path {
		t.Errorf("backup: the file is %q, want %q", r.File, path)
	}
	if r.Files != 1 {
		t.Errorf("backup: got %d files, want 1", r.Files)
	}
	if r.Rows == 0 {
		t.Errorf("backup: got %d rows, want another value", r.Rows)
	}
	r = parse(nil, 0, "verify", path)
	if r.Files != 1 {
		t.Errorf("verify of the backup: got %d files, want 1", r.Files)
	}
	if r.Rows == 0 {
		t.Errorf("verify of the backup: got %d rows, want another value", r.Rows)
	}
	r = parse(to, 0, "restore", path)
	if r.Files != 1 {
		t.Errorf("restore: got %d files, want 1", r.Files)
	}
	if r.Rows == 0 {
		t.Errorf("restore: got %d rows, want another value", r.Rows)
	}
	r = parse(to, 0, "verify")
	if r.Tickets != 1 {
		t.Errorf("verify of the desk: got %d tickets, want 1", r.Tickets)
	}
	if r.Files != 1 {
		t.Errorf("verify of the desk: got %d files, want 1", r.Files)
	}
	if len(r.Problems) != 0 {
		t.Errorf("verify of the desk: got %d problems, want 0: %+v", len(r.Problems), r.Problems)
	}
	removeFiles(t, to)
	r = parse(to, 2, "verify")
	if len(r.Problems) != 1 {
		t.Fatalf("verify without the file: got %d problems, want 1: %+v", len(r.Problems), r.Problems)
	}
	if r.Problems[0].Check != "file" {
		t.Errorf(`verify without the file: the check is %q, want "file"`, r.Problems[0].Check)
	}
	refusedWith(t, "a missing file", 1, "an attachment is missing or damaged", to, "backup", path+".2")
	if err := os.Truncate(path, 3000); err != nil {
		t.Fatal(err)
	}
	r = parse(nil, 2, "verify", path)
	if len(r.Problems) != 1 {
		t.Fatalf("verify of a damaged backup: got %d problems, want 1: %+v", len(r.Problems), r.Problems)
	}
	if r.Problems[0].Check != "archive" {
		t.Errorf(`verify of a damaged backup: the check is %q, want "archive"`, r.Problems[0].Check)
	}
}

// removeFiles removes the attachments of a desk.
func removeFiles(t *testing.T, env []string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(value(env, "DATA_DIR"), "uploads", "*", "*"))
	if err != nil || len(all) == 0 {
		t.Fatalf("the attachments are %q (%v)", all, err)
	}
	for _, path := range all {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}
