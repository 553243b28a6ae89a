package desk_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
)

// errRead is the error of a read that must not happen.
var errRead = errors.New("its bytes were read")

// newFixtureWithFileList is newFixtureWithFiles with a function that lists the stored files.
func newFixtureWithFileList(t *testing.T) (h fixture, list func() []string) {
	var blobs desk.Blobs
	h = newFixtureWithFiles(t, func(o *desk.Options) { blobs = o.Blobs })
	return h, func() (names []string) {
		err := blobs.Walk(func(name string, _ time.Time, _ bool) error { names = append(names, name); return nil })
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
}

// uploadsLimit returns a change of the options that allows n uploads in an hour.
func uploadsLimit(n int) func(*desk.Options) {
	return func(o *desk.Options) { o.Limits = limit.Limits{Uploads: limit.Limit{N: n, Per: time.Hour}} }
}

// isLimited fails the test if err does not refuse an action until later.
func (h fixture) isLimited(what string, err error) {
	h.t.Helper()
	var limited *fault.Limited
	if !errors.As(err, &limited) {
		h.t.Fatalf("%s: got the error %v, want %T", what, err, limited)
	}
	if limited.RetryAfter <= 0 {
		h.t.Errorf("%s: the retry after is %s, want more than 0", what, limited.RetryAfter)
	}
}

func TestEveryAttemptIsCountedBeforeItsBytesAreRead(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t, uploadsLimit(4), func(o *desk.Options) { o.MaxUpload = 10 })
	ana := h.person("ana", account.RoleCustomer)
	for name, r := range map[string]io.Reader{
		"broken": io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrUnexpectedEOF)),
		"empty":  strings.NewReader(""),
		"large":  strings.NewReader("more than it may have"),
		"good":   strings.NewReader("good"),
	} {
		if _, err := h.Files.Stage(t.Context(), ana, "k", name, r); (err == nil) != (name == "good") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := h.Files.Stage(t.Context(), ana, "k", "one more", iotest.ErrReader(errRead))
	h.isLimited("the fifth of four", err)
}

func TestARepeatedFileIsNotCountedUpToTheLimit(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t, uploadsLimit(3))
	ana := h.person("ana", account.RoleCustomer)
	for range 4 { // the first upload and three repetitions
		h.stages(ana, "k", "a.txt", "one")
	}
	h.stages(ana, "k", "b.txt", "two")
	h.stages(ana, "k", "a.txt", "one") // repetitions are counted from now on
	_, err := h.Files.Stage(t.Context(), ana, "k", "a.txt", iotest.ErrReader(errRead))
	h.isLimited("the same file once more", err)
}

// slowly stages a file whose bytes come from the returned writer, and waits until the desk
// reads it. The result of the upload is sent to done.
func (h fixture) slowly(who account.Actor, key string) (w *io.PipeWriter, done chan error) {
	h.t.Helper()
	r, w := io.Pipe()
	done = make(chan error, 1)
	go func() {
		_, err := h.Files.Stage(h.t.Context(), who, key, "slow.txt", r)
		done <- err
		r.CloseWithError(err) // so that no write blocks after the upload has ended
	}()
	if _, err := w.Write([]byte(strings.Repeat(key, 1000))); err != nil {
		h.t.Fatal(err)
	}
	return w, done
}

func TestTheNumberOfConcurrentUploadsIsLimited(t *testing.T) {
	t.Parallel()
	h, list := newFixtureWithFileList(t)
	var people []account.Actor
	for i := range 9 {
		people = append(people, h.person(fmt.Sprint("person", i), account.RoleCustomer))
	}
	const each, all = 8, 64
	var writers []*io.PipeWriter
	var results []chan error
	begin := func(who account.Actor, n int) {
		for range n {
			w, done := h.slowly(who, fmt.Sprint("key ", len(writers)))
			writers, results = append(writers, w), append(results, done)
		}
	}
	begin(people[0], each)
	_, err := h.Files.Stage(t.Context(), people[0], "more", "a.txt", iotest.ErrReader(errRead))
	h.isLimited("the ninth of one person", err)
	for _, who := range people[1:8] {
		begin(who, each)
	}
	if len(writers) != all {
		t.Fatalf("%d uploads are running, want %d", len(writers), all)
	}
	if _, err := h.Files.Stage(t.Context(), people[8], "more", "a.txt", iotest.ErrReader(errRead)); !errors.Is(err, fault.ErrBusy) {
		t.Errorf("with %d uploads of all users: got %v, want %v", all, err, fault.ErrBusy)
	}
	gone := errors.New("the client is gone")
	for i, w := range writers {
		w.CloseWithError(gone)
		if err := <-results[i]; !errors.Is(err, gone) {
			t.Errorf("an aborted file: %v", err)
		}
	}
	if left := list(); len(left) != 0 {
		t.Errorf("aborted uploads left %v", left)
	}
	h.stages(people[0], "more", "a.txt", "one")
}

func TestTheNumberOfStagedFilesIsLimited(t *testing.T) {
	t.Parallel()
	h, list := newFixtureWithFileList(t)
	ana := h.person("ana", account.RoleCustomer)
	for i := range desk.MaxStaged {
		h.stages(ana, fmt.Sprint("key ", i), "a.txt", "one")
	}
	_, err := h.Files.Stage(t.Context(), ana, "more", "a.txt", strings.NewReader("one"))
	var inv *fault.Invalid
	if !errors.As(err, &inv) {
		t.Fatalf("one more than %d: got the error %v, want %T", desk.MaxStaged, err, inv)
	}
	if got := inv.Field("attachment"); !strings.Contains(got, "wait in forms that were not sent") {
		t.Errorf(`one more than %d: got %q, want it with "wait in forms that were not sent"`, desk.MaxStaged, got)
	}
	if n := len(list()); n != desk.MaxStaged {
		t.Errorf("%d files are stored, want %d", n, desk.MaxStaged)
	}
	h.opens(ana, anInput("key 0")) // the ticket takes the staged file
	h.stages(ana, "more", "a.txt", "one")
	h.stages(h.person("ben", account.RoleCustomer), "k", "a.txt", "one")
}

func TestActionsAreLimitedPerUser(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t, func(o *desk.Options) { o.Limits = limit.Limits{Actions: limit.Limit{N: 3, Per: time.Hour}} })
	ana, ben := h.person("ana", account.RoleCustomer), h.person("ben", account.RoleCustomer)
	for range 3 {
		if err := h.Requests.CountAction(t.Context(), ana); err != nil {
			t.Fatal(err)
		}
	}
	h.isLimited("the fourth of three", h.Requests.CountAction(t.Context(), ana))
	if err := h.Requests.CountAction(t.Context(), ben); err != nil {
		t.Errorf("another user: %v", err)
	}
}

func TestTheRateOfKeptFormsIsLimited(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t, func(o *desk.Options) { o.Limits = limit.Limits{Actions: limit.Limit{N: 2, Per: time.Hour}} })
	ana := h.person("ana", account.RoleCustomer)
	for i, want := range []bool{true, true, false} {
		if kept, err := h.Requests.KeepForm(t.Context(), ana.ID, "/tickets/new", "/tickets", map[string][]string{"subject": {"S"}}); err != nil || kept != want {
			t.Errorf("form %d: kept %t, %v, want %t", i+1, kept, err, want)
		}
	}
}
