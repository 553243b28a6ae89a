package desk_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
	"frontdesk/internal/upload"
)

// reads returns the content of a file, or the error of opening it.
func (h fixture) reads(who account.Actor, name string) (string, error) {
	_, f, err := h.Files.Open(h.t.Context(), who, name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	content, err := io.ReadAll(f)
	return string(content), err
}

func TestAFileNeedsAccessToItsTicket(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, ben, admin := h.person("ana", account.RoleCustomer), h.person("ben", account.RoleCustomer), h.person("ad", account.RoleAdmin)
	file := h.stages(ana, "k", "a.txt", "secret")
	may := func(when string, wants map[*account.Actor]bool) {
		t.Helper()
		for who, want := range wants {
			got, err := h.reads(*who, file.Name)
			if want && (err != nil || got != "secret") || !want && !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("%s, %s: %q, %v", when, who.Username, got, err)
			}
		}
	}
	nobody := account.Actor{}
	may("staged", map[*account.Actor]bool{&ana: true, &ben: false, &admin: false, &nobody: false})
	ticket := h.opens(ana, anInput("k"))
	may("attached", map[*account.Actor]bool{&ana: true, &ben: false, &admin: true, &nobody: false})
	if err := h.Tickets.Delete(t.Context(), ana, ticket.ID); err != nil {
		t.Fatal(err)
	}
	may("deleted", map[*account.Actor]bool{&ana: false, &ben: false, &admin: false})
	if err := h.Tickets.Restore(t.Context(), admin, ticket.ID); err != nil {
		t.Fatal(err)
	}
	may("restored", map[*account.Actor]bool{&ana: true, &ben: false, &admin: true})
	if err := h.Files.Remove(t.Context(), ana, ticket.ID, file.Name); err != nil {
		t.Fatal(err)
	}
	may("removed", map[*account.Actor]bool{&ana: false, &ben: false, &admin: false})
}

func TestAFileIsRemovedByItsOwnerOrStaff(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, ben, admin := h.person("ana", account.RoleCustomer), h.person("ben", account.RoleCustomer), h.person("ad", account.RoleAdmin)
	mine := h.stages(ana, "k", "mine.txt", "mine")
	ticket := h.opens(ana, anInput("k"))
	theirs := h.stages(admin, "c", "theirs.txt", "theirs")
	if _, err := h.Comments.Add(t.Context(), admin, ticket.ID, desk.CommentInput{Text: "See this", SubmissionID: "c"}); err != nil {
		t.Fatal(err)
	}
	for who, want := range map[*account.Actor]error{&ana: fault.ErrForbidden, &ben: fault.ErrNotFound} {
		if _, err := h.Files.Discard(t.Context(), *who, theirs.Name); !errors.Is(err, want) {
			t.Errorf("%s: %v", who.Username, err)
		}
	}
	if err := h.Files.Remove(t.Context(), ana, ticket.ID, "unknown\x00"); !errors.Is(err, fault.ErrNotFound) {
		t.Error(err)
	}
	for _, f := range []desk.Attachment{mine, theirs} {
		if id, err := h.Files.Discard(t.Context(), admin, f.Name); err != nil || id != ticket.ID {
			t.Errorf("%d, %v", id, err)
		}
	}
	got, err := h.Tickets.Get(t.Context(), ana, ticket.ID)
	if err != nil || got.FileCount != 0 || got.Version != 3 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestAStagedFileIsRemovedOnlyByItsOwner(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, admin := h.person("ana", account.RoleCustomer), h.person("ad", account.RoleAdmin)
	file := h.stages(ana, "k", "a.txt", "one")
	for _, verb := range []func() error{
		func() error { return h.Files.Unstage(t.Context(), admin, file.Name) },
		func() error { _, err := h.Files.Discard(t.Context(), admin, file.Name); return err },
	} {
		if err := verb(); !errors.Is(err, fault.ErrNotFound) {
			t.Error(err)
		}
	}
	if id, err := h.Files.Discard(t.Context(), ana, file.Name); err != nil || id != 0 {
		t.Error(id, err)
	}
	if _, err := h.reads(ana, file.Name); !errors.Is(err, fault.ErrNotFound) {
		t.Error(err)
	}
}

func TestInvalidFilesAreExplained(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t, func(o *desk.Options) { o.MaxUpload = 3 << 20 })
	ana := h.person("ana", account.RoleCustomer)
	for filename, c := range map[string]struct {
		content []byte
		words   string
	}{
		"empty.txt": {nil, "empty.txt is empty"},
		"big.mov":   {make([]byte, 4<<20), "big.mov has 4 MiB; the limit is 3 MiB"},
		"over.mov":  {make([]byte, 3<<20+1), "the limit is 3 MiB"},
	} {
		_, err := h.Files.Stage(t.Context(), ana, "k", filename, bytes.NewReader(c.content))
		var inv *fault.Invalid
		if !errors.As(err, &inv) || !strings.Contains(inv.Field("attachment"), c.words) {
			t.Errorf("%s: %v", filename, err)
		}
	}
	h.stages(ana, "k", "full.mov", string(make([]byte, 3<<20)))
	broken := errors.New("the line went dead")
	if _, err := h.Files.Stage(t.Context(), ana, "k", "half", io.MultiReader(strings.NewReader("ha"), iotest.ErrReader(broken))); !errors.Is(err, broken) {
		t.Error(err)
	}
	if n := h.number("select count(*) from attachments"); n != 1 {
		t.Errorf("%d files", n)
	}
}

func TestAFormAcceptsFiveOfManyConcurrentFiles(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	var group sync.WaitGroup
	for i := range 20 {
		group.Go(func() {
			_, err := h.Files.Stage(t.Context(), ana, "k", "same.txt", strings.NewReader(string(rune('a'+i))))
			if inv := new(fault.Invalid); err != nil && !errors.As(err, &inv) {
				t.Error(err)
			}
		})
	}
	group.Wait()
	files, err := h.Files.Staged(t.Context(), ana, "k")
	if err != nil || len(files) != desk.MaxFiles {
		t.Fatalf("%d files, %v", len(files), err)
	}
	if got := h.stages(ana, "k", "same.txt", mustRead(h, ana, files[0].Name)); got.Name != files[0].Name {
		t.Error("the same file again is stored twice")
	}
}

// mustRead returns the content of a file, and fails the test if the user may not open it.
func mustRead(h fixture, who account.Actor, name string) string {
	h.t.Helper()
	content, err := h.reads(who, name)
	if err != nil {
		h.t.Fatal(err)
	}
	return content
}

func TestTheTypeOfAFileIsReadFromItsContent(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	const plain, any = "text/plain; charset=utf-8", "application/octet-stream"
	ascii := strings.Repeat("only ASCII to begin with, ", 40)
	for content, want := range map[string]string{
		"\x89PNG\r\n\x1a\nrest":                                  "image/png",
		"\xff\xd8\xff\xe0rest":                                   "image/jpeg",
		"GIF89a<script>alert(1)</script>":                        "image/gif",
		"RIFF\x00\x00\x00\x00WEBPVP8 rest":                       "image/webp",
		"%PDF-1.7":                                               "application/pdf",
		"Zdravo, žuta lampa\r\n":                                 plain,
		"<svg xmlns='http://www.w3.org/2000/svg'></svg>":         any,
		" \n<!doctype html>":                                     any,
		"\ufeff<html>":                                           any,
		"\x00\x01\x02":                                           any,
		"RIFF\x00\x00\x00\x00WAVE":                               any,
		"latin \xe9\xe8 text":                                    "text/plain",
		ascii + "and then caf\xe9":                               "text/plain",
		ascii + "and then café":                                  plain,
		ascii + "and a cut caf\xc3":                              "text/plain",
		ascii + "and a NUL\x00":                                  any,
		"\ufeffwith a mark":                                      plain,
		"\xff\xfeh\x00i\x00":                                     "text/plain; charset=utf-16",
		"\xfe\xff\x00h\x00i":                                     "text/plain; charset=utf-16",
		"\xfe\xff\xd8\x3d\xde\x00":                               "text/plain; charset=utf-16",
		"\xff\xfeh\x00i":                                         any,
		"\xff\xfe\x00\xd8i\x00":                                  any,
		"\xff\xfe<\x00s\x00v\x00g\x00":                           any,
		"\xff\xfe" + strings.Repeat("a\x00", 5_000) + "\x00\x00": any,
	} {
		file := h.stages(ana, rand.Text(), "photo.png.html", content)
		if got := upload.MediaType(file.ContentType, file.Charset); got != want {
			t.Errorf("%.40q…%q: %s, want %s", content, content[max(0, len(content)-10):], got, want)
		}
	}
}

func TestACharacterSplitBetweenTwoReadsIsAccepted(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	text := strings.Repeat("aé€😀", 200)
	utf16 := "\xfe\xff" + strings.Repeat("\x00a\xd8\x3d\xde\x00", 200)
	for name, r := range map[string]io.Reader{
		"one byte at a time":  iotest.OneByteReader(strings.NewReader(text)),
		"half of each piece":  iotest.HalfReader(strings.NewReader(text)),
		"at 32 KiB":           strings.NewReader(strings.Repeat("x", 32<<10-1) + text),
		"at 32 KiB and one":   strings.NewReader(strings.Repeat("x", 32<<10-2) + text),
		"the end with a byte": iotest.DataErrReader(strings.NewReader(text)),
	} {
		file, err := h.Files.Stage(t.Context(), ana, name, name, r)
		if got := upload.MediaType(file.ContentType, file.Charset); err != nil || got != "text/plain; charset=utf-8" {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	file, err := h.Files.Stage(t.Context(), ana, "utf16", "utf16", iotest.OneByteReader(strings.NewReader(utf16)))
	if got := upload.MediaType(file.ContentType, file.Charset); err != nil || got != "text/plain; charset=utf-16" {
		t.Errorf("UTF-16, one byte at a time: %q, %v", got, err)
	}
}

func TestAFilenameIsCleanedOfPaths(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	for given, want := range map[string]string{
		`..\..\windows\win.ini`:              "win.ini",
		"../../etc/passwd":                   "passwd",
		".":                                  "file",
		"..":                                 "file",
		" ":                                  "file",
		"a/":                                 "file",
		"a\"\r\nSet-Cookie: x=y.txt":         "a\"Set-Cookie: x=y.txt",
		"evil\u202egpj.exe":                  "evilgpj.exe",
		"nul\x00.txt":                        "nul.txt",
		"bad\xff.txt":                        "bad.txt",
		".. .":                               "file",
		"\u3000\u00a0":                       "file",
		"\u200b\ufeff\u3164":                 "file",
		"\u0301":                             "file",
		"a%20b.txt":                          "a%20b.txt",
		"soft\u00adhyphen\u200b.txt":         "softhyphen.txt",
		"\u2066turned\u2069\u061c\u200e.txt": "turned.txt",
		"می\u200cخواهم.pdf":                  "می\u200cخواهم.pdf",
		"ක්\u200dර.txt":                      "ක්\u200dර.txt",
		"\u200d\u200cedge\u200d\u200c.txt":   "edge.txt",
		"👩\u200d💻 ❤️\u200d🔥 👍🏽.png":                                                             "👩\u200d💻 ❤️\u200d🔥 👍🏽.png",
		"🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f.png":                     "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f.png",
		"🏴\U000e0068\U000e0069\U000e0064\U000e0064\U000e0065\U000e006e\U000e0021\U000e007f.png": "🏴.png",
		"hidden\U000e0068\U000e0069\ufe0f\ufe0f.txt":                                            "hidden.txt",
		"\u0600\u0661.txt":                    "\u0600\u0661.txt",
		"e\u0301te\u0301.txt":                 "été.txt",
		strings.Repeat("ü", 300) + ".receipt": strings.Repeat("ü", 247) + ".receipt",
	} {
		if got := h.stages(ana, rand.Text(), given, "content"+given); got.Filename != want {
			t.Errorf("%q: %q, want %q", given, got.Filename, want)
		}
	}
}

func TestARateLimitedFileIsNotWritten(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t, func(o *desk.Options) { o.Limits = limit.Limits{Uploads: limit.Limit{N: 1, Per: time.Hour}} })
	ana := h.person("ana", account.RoleCustomer)
	h.stages(ana, "k", "a.txt", "one")
	var limited *fault.Limited
	if _, err := h.Files.Stage(t.Context(), ana, "k", "b.txt", iotest.ErrReader(errors.New("its bytes were read"))); !errors.As(err, &limited) || limited.RetryAfter < 59*time.Minute {
		t.Error(err)
	}
	h.stages(h.person("ben", account.RoleCustomer), "k", "a.txt", "one")
}

// readOnly is a store whose files cannot be deleted while locked is set.
type readOnly struct {
	desk.Blobs
	locked bool
}

// Delete returns an error while the store is locked.
func (r *readOnly) Delete(name string) error {
	if r.locked {
		return syscall.EROFS
	}
	return r.Blobs.Delete(name)
}

func TestAFileThatCannotBeDeletedIsSweptLater(t *testing.T) {
	t.Parallel()
	var (
		log   bytes.Buffer
		files *readOnly
		c     clock
	)
	h := newFixtureWithFiles(t, func(o *desk.Options) {
		files = &readOnly{Blobs: o.Blobs, locked: true}
		o.Blobs, o.Log, o.Now = files, slog.New(slog.NewTextHandler(&log, nil)), c.now
	})
	ana := h.person("ana", account.RoleCustomer)
	file := h.stages(ana, "k", "a.txt", "one")
	if _, err := h.Files.Discard(t.Context(), ana, file.Name); err != nil {
		t.Fatalf("got %v, want the file forgotten", err)
	}
	if n := h.number("select count(*) from attachments"); n != 0 {
		t.Errorf("%d rows are left, want none", n)
	}
	if !strings.Contains(log.String(), "file not deleted") || !strings.Contains(log.String(), file.Name) {
		t.Errorf("the log does not name the file: %s", log.String())
	}
	files.locked = false
	c.later(25 * time.Hour)
	if err := h.Upkeep.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
	if content, err := files.Open(file.Name); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, %v; want the bytes deleted", content, err)
	}
}
