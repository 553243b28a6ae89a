package desk_test

import (
	"bytes"
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
			if want && err != nil {
				t.Errorf("%s, %s: got the error %v, want the content", when, who.Username, err)
			}
			if want && got != "secret" {
				t.Errorf("%s, %s: got %q, want the content", when, who.Username, got)
			}
			if !want && !errors.Is(err, fault.ErrNotFound) {
				t.Errorf("%s, %s: got %q, %v, want %v", when, who.Username, got, err, fault.ErrNotFound)
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
	if err != nil {
		t.Fatal(err)
	}
	if got.FileCount != 0 {
		t.Errorf("the file count is %d, want 0", got.FileCount)
	}
	if got.Version != 3 {
		t.Errorf("the version is %d, want 3", got.Version)
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
		if !errors.As(err, &inv) {
			t.Fatalf("%s: got the error %v, want %T", filename, err, inv)
		}
		if got := inv.Field("attachment"); !strings.Contains(got, c.words) {
			t.Errorf("%s: got %q, want it with %q", filename, got, c.words)
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

func TestAFileOfAFormThatAnotherTicketHasIsNotDroppedSilently(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, priya := h.person("ana", account.RoleCustomer), h.person("priya", account.RoleAdmin)
	first, second := h.opens(ana, anInput("first")), h.opens(ana, anInput("second"))
	h.stages(priya, "k", "report.txt", "the report")
	if _, err := h.Comments.Add(t.Context(), priya, first.ID, desk.CommentInput{Text: "Here it is.", SubmissionID: "k"}); err != nil {
		t.Fatal(err)
	}
	h.stages(priya, "k", "report.txt", "the report")
	for what, send := range map[string]func() error{
		"a comment": func() error {
			_, err := h.Comments.Add(t.Context(), priya, second.ID, desk.CommentInput{Text: "Here it is.", SubmissionID: "k"})
			return err
		},
		"a note": func() error {
			_, err := h.Notes.Add(t.Context(), priya, second.ID, desk.NoteInput{Text: "Here it is.", SubmissionID: "k"})
			return err
		},
		"a ticket": func() error {
			_, err := h.Tickets.Open(t.Context(), priya, anInput("k"))
			return err
		},
	} {
		if err := send(); !errors.Is(err, fault.ErrKeyReused) {
			t.Errorf("%s: got %v, want %v", what, err, fault.ErrKeyReused)
		}
	}
	if _, err := h.Comments.Add(t.Context(), priya, first.ID, desk.CommentInput{Text: "Here it is.", SubmissionID: "k"}); err != nil {
		t.Errorf("the first form again: got %v, want no error", err)
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

func TestARateLimitedFileIsNotWritten(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t, func(o *desk.Options) { o.Limits = limit.Limits{Uploads: limit.Limit{N: 1, Per: time.Hour}} })
	ana := h.person("ana", account.RoleCustomer)
	h.stages(ana, "k", "a.txt", "one")
	var limited *fault.Limited
	_, err := h.Files.Stage(t.Context(), ana, "k", "b.txt", iotest.ErrReader(errors.New("its bytes were read")))
	if !errors.As(err, &limited) {
		t.Fatalf("got the error %v, want %T", err, limited)
	}
	if limited.RetryAfter < 59*time.Minute {
		t.Errorf("the retry after is %s, want at least %s", limited.RetryAfter, 59*time.Minute)
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
	h.stages(ana, "kept", "b.txt", "two")
	h.opens(ana, anInput("kept"))
	file := h.stages(ana, "k", "a.txt", "one")
	if _, err := h.Files.Discard(t.Context(), ana, file.Name); err != nil {
		t.Fatalf("got %v, want the file forgotten", err)
	}
	if n := h.number("select count(*) from attachments"); n != 1 {
		t.Errorf("%d rows are left, want that of the other file", n)
	}
	if !strings.Contains(log.String(), "file not deleted") {
		t.Errorf(`the log does not name the file: the log is %q, want it with "file not deleted"`, log.String())
	}
	if !strings.Contains(log.String(), file.Name) {
		t.Errorf("the log does not name the file: the log is %q, want it with %q", log.String(), file.Name)
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
