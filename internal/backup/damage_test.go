package backup_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	"frontdesk/internal/account"
	"frontdesk/internal/backup"
)

func TestADamagedArchiveIsRefused(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	archive := h.archive()
	rnd := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		at := rnd.IntN(len(archive))
		bad := bytes.Clone(archive)
		bad[at] ^= 1 << rnd.IntN(8)
		// A few bits of the compressed form mean nothing.
		if _, err := backup.VerifyArchive(t.Context(), bytes.NewReader(bad), nil); !isRefusal(err) && !bytes.Equal(plain(t, bad), plain(t, archive)) {
			t.Errorf("with a changed bit in byte %d: got %v, want an error", at, err)
		}
	}
	for range 100 {
		length := rnd.IntN(len(archive))
		if _, err := backup.VerifyArchive(t.Context(), bytes.NewReader(archive[:length]), nil); !isRefusal(err) {
			t.Errorf("with %d of %d bytes: got %v, want an error", length, len(archive), err)
		}
	}
}

// isRefusal reports whether err refuses an archive as damaged or as no archive.
func isRefusal(err error) bool {
	return errors.Is(err, backup.ErrDamaged) || errors.Is(err, backup.ErrNotArchive)
}

// TestChangedContentsAreFound changes the contents of an archive, which the checksums of its
// compression do not cover.
func TestChangedContentsAreFound(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	for what, change := range map[string]func(plain []byte) []byte{
		"a row":               replaced("First", "Worst"),
		"a file":              replaced("the bytes of a file", "the bytes of a fool"),
		"the name of a table": replaced("tables/users/", "tables/xsers/"),
		"the last entry":      replaced("end.json", "abc.json"),
		"the number of files": replaced(`"files": 1,`, `"files": 2,`),
		"what follows":        func(plain []byte) []byte { return plain[:bytes.LastIndex(plain, []byte("end.json"))] },
	} {
		bad := recompressed(t, h.archive(), change)
		if _, err := backup.VerifyArchive(t.Context(), bytes.NewReader(bad), nil); !errors.Is(err, backup.ErrDamaged) {
			t.Errorf("%s: verify returns %v, want ErrDamaged", what, err)
		}
		to := newFixture(t)
		if _, err := to.restore(bad, backup.RestoreOptions{}); err == nil {
			t.Errorf("%s: restore returns no error", what)
		}
		to.isEmpty()
	}
}

// replaced returns a function that replaces the last occurrence of from.
func replaced(from, to string) func([]byte) []byte {
	return func(plain []byte) []byte {
		at := bytes.LastIndex(plain, []byte(from))
		return append(append(bytes.Clone(plain[:at]), to...), plain[at+len(from):]...)
	}
}

// recompressed returns an archive with changed contents, compressed again.
func recompressed(t *testing.T, archive []byte, change func([]byte) []byte) []byte {
	t.Helper()
	e, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	return e.EncodeAll(change(plain(t, archive)), nil)
}

// plain returns the tar file of an archive.
func plain(t *testing.T, archive []byte) []byte {
	t.Helper()
	d, err := zstd.NewReader(nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	body, err := d.DecodeAll(archive, nil)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestAForeignOrNewerFileIsRefused(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	to := newFixture(t)
	for name, c := range map[string]struct {
		archive []byte
		want    error
	}{
		"nothing":          {nil, backup.ErrNotArchive},
		"a text":           {[]byte("hello, this is a text and no archive"), backup.ErrNotArchive},
		"another program":  {recompressed(t, h.archive(), replaced(`"program": "frontdesk"`, `"program": "backdesk!"`)), backup.ErrNotArchive},
		"a newer format":   {recompressed(t, h.archive(), replaced(`"format": 1`, `"format": 9`)), backup.ErrNewer},
		"a newer schema":   {recompressed(t, h.archive(), replaced(`"schema": `, `"schema":9`)), backup.ErrNewer},
		"an unknown table": {recompressed(t, h.archive(), replaced(`"name": "users"`, `"name": "usurp"`)), backup.ErrDamaged},
	} {
		_, err := to.restore(c.archive, backup.RestoreOptions{})
		if !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
		to.isEmpty()
	}
}

func TestADeskWithDataIsNotOverwritten(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	archive := h.archive()
	to := newFixture(t)
	to.person("admin", account.RoleAdmin)
	was := to.contents()
	_, err := to.restore(archive, backup.RestoreOptions{})
	if !errors.Is(err, backup.ErrInUse) {
		t.Fatalf("got the error %v, want %v", err, backup.ErrInUse)
	}
	if !strings.Contains(err.Error(), "accounts: 1, tickets: 0") {
		t.Errorf(`the error is %q, want it with "accounts: 1, tickets: 0"`, err.Error())
	}
	if now := to.contents(); now["users"] != was["users"] {
		t.Errorf("the accounts are %s, and were %s", now["users"], was["users"])
	}
}

func TestAFailedRestoreCanBeRepeated(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	archive := h.archive()
	to := newFixture(t)
	if _, err := to.restore(archive, backup.RestoreOptions{Secret: func(string, []byte) error { return errors.New("the disk is full") }}); err == nil {
		t.Fatal("got no error")
	}
	to.isEmpty()
	if _, err := to.restore(archive, backup.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	to.verified()
}

func TestTwoArchivesInOneFileAreNoArchive(t *testing.T) {
	t.Parallel()
	h, _ := newUsed(t)
	archive := h.archive()
	_, err := backup.VerifyArchive(t.Context(), bytes.NewReader(append(bytes.Clone(archive), archive...)), nil)
	if !errors.Is(err, backup.ErrDamaged) {
		t.Errorf("got %v, want %v", err, backup.ErrDamaged)
	}
}
