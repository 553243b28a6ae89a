package desk_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
)

// newFixtureWithFiles returns a fixture with a folder for files.
func newFixtureWithFiles(t *testing.T, change ...func(*desk.Options)) fixture {
	t.Helper()
	blobs, err := blob.OpenFolder(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	opts := desk.Options{Blobs: blobs}
	for _, f := range change {
		f(&opts)
	}
	return newFixture(t, opts)
}

// anInput returns a valid ticket with a submission id.
func anInput(key string) desk.TicketInput {
	return desk.TicketInput{Subject: "No light", Description: "It went out.", Category: "Technical", Priority: "Medium", SubmissionID: key}
}

// opens opens a ticket or fails the test.
func (h fixture) opens(who account.Actor, in desk.TicketInput) desk.Ticket {
	h.t.Helper()
	got, err := h.Tickets.Open(h.t.Context(), who, in)
	if err != nil {
		h.t.Fatal(err)
	}
	return got
}

// stages stages a file of a form or fails the test.
func (h fixture) stages(who account.Actor, key, filename, content string) desk.Attachment {
	h.t.Helper()
	got, err := h.Files.Stage(h.t.Context(), who, key, filename, strings.NewReader(content))
	if err != nil {
		h.t.Fatal(err)
	}
	return got
}

// kinds returns the kinds of the entries of a ticket's log, and the changed fields.
func (h fixture) kinds(id int64) string {
	h.t.Helper()
	var s string
	err := h.pool.QueryRow(h.t.Context(), "select string_agg(kind || coalesce(':' || (data ->> 'field'), ''), ' ' order by seq) from ticket_events where ticket_id = $1", id).Scan(&s)
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func TestATicketAndItsFilesAreOneEntry(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	h.stages(ana, "k", "a.txt", "one")
	h.stages(ana, "k", "b.txt", "two")
	in := anInput("k")
	in.Subject, in.Description = "  No light ", "It\r\nwent out."
	got := h.opens(ana, in)
	want := got
	want.Subject, want.Description, want.Category, want.FileCount = "No light", "It\nwent out.", "Technical", 2
	want.Version, want.LastSeq, want.Status, want.WaitingSince = 1, 1, desk.StatusOpen, &got.CreatedAt
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the ticket (-want +got):\n%s", diff)
	}
	if n := h.number("select count(*) from attachments where ticket_id = $1 and seq = 1", got.ID); n != 2 {
		t.Errorf("%d files on the opened entry", n)
	}
	if staged, err := h.Files.Staged(t.Context(), ana, "k"); err != nil || len(staged) != 0 {
		t.Errorf("still staged: %v, %v", staged, err)
	}
}

func TestAFormSentFiftyTimesIsOneTicket(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	var group sync.WaitGroup
	var staging sync.Mutex // a user may send few files at once
	ids := make([]int64, 50)
	for i := range ids {
		group.Go(func() {
			staging.Lock()
			_, err := h.Files.Stage(t.Context(), ana, "k", "a.txt", strings.NewReader("one"))
			staging.Unlock()
			if err != nil {
				t.Error(err)
				return
			}
			got, err := h.Tickets.Open(t.Context(), ana, anInput("k"))
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = got.ID
		})
	}
	group.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("two tickets: %v", ids)
		}
	}
	if n := h.number("select count(*) from tickets"); n != 1 {
		t.Errorf("%d tickets", n)
	}
	if n := h.number("select count(*) from attachments"); n != 1 {
		t.Errorf("%d files", n)
	}
}

func TestAKeyUsedAgainWithAnotherContentIsRefused(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, ben := h.person("ana", account.RoleCustomer), h.person("ben", account.RoleCustomer)
	first := h.opens(ana, anInput("k"))
	other := anInput("k")
	other.Description = "It went out again."
	if _, err := h.Tickets.Open(t.Context(), ana, other); !errors.Is(err, fault.ErrKeyReused) {
		t.Errorf("another text: %v", err)
	}
	h.stages(ana, "k", "late.txt", "late")
	if _, err := h.Tickets.Open(t.Context(), ana, anInput("k")); !errors.Is(err, fault.ErrKeyReused) {
		t.Errorf("another file: %v", err)
	}
	if err := h.Files.MoveStaged(t.Context(), ana, "k", "k2"); err != nil {
		t.Fatal(err)
	}
	other.SubmissionID = "k2"
	second := h.opens(ana, other)
	if second.ID == first.ID {
		t.Errorf("the ID is %d, want another value", second.ID)
	}
	if second.FileCount != 1 {
		t.Errorf("the file count is %d, want 1", second.FileCount)
	}
	if theirs := h.opens(ben, anInput("k")); theirs.ID == first.ID {
		t.Error("the key of another user opened the same ticket")
	}
}

func TestInvalidTicketsAreRefusedByField(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, admin := h.person("ana", account.RoleCustomer), h.person("ad", account.RoleAdmin)
	if err := h.Categories.Update(t.Context(), admin, 1, update("Billing", desk.CategoryRetire)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		field  string
		change func(*desk.TicketInput)
	}{
		"no subject":       {"subject", func(in *desk.TicketInput) { in.Subject = " \r\n " }},
		"long subject":     {"subject", func(in *desk.TicketInput) { in.Subject = strings.Repeat("é", 201) }},
		"two lines":        {"subject", func(in *desk.TicketInput) { in.Subject = "a\nb" }},
		"NUL":              {"description", func(in *desk.TicketInput) { in.Description = "a\x00b" }},
		"long text":        {"description", func(in *desk.TicketInput) { in.Description = strings.Repeat("é", 20001) }},
		"no category":      {"category", func(in *desk.TicketInput) { in.Category = "" }},
		"unknown category": {"category", func(in *desk.TicketInput) { in.Category = "99999999999999999999" }},
		"retired category": {"category", func(in *desk.TicketInput) { in.Category = "Billing" }},
		"priority":         {"priority", func(in *desk.TicketInput) { in.Priority = "urgent" }},
		"key":              {"submission_id", func(in *desk.TicketInput) { in.SubmissionID = "a\x00" }},
	} {
		in := anInput("k")
		c.change(&in)
		_, err := h.Tickets.Open(t.Context(), ana, in)
		inv := desk.WantInvalid(t, err, c.field, name)
		if len(inv.Fields) != 1 {
			t.Errorf("%s: got %d fields, want 1: %+v", name, len(inv.Fields), inv.Fields)
		}
	}
	longest := anInput("k")
	longest.Subject, longest.Description = strings.Repeat("é", 200), strings.Repeat("é", 20000)
	h.opens(ana, longest)
}

func TestTooManyTicketsAreLimitedAndDuplicatesAreNotCounted(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t, func(o *desk.Options) { o.Limits = limit.Limits{Tickets: limit.Limit{N: 2, Per: time.Hour}} })
	ana := h.person("ana", account.RoleCustomer)
	h.opens(ana, anInput("1"))
	for range 5 {
		h.opens(ana, anInput("1"))
	}
	h.opens(ana, anInput("2"))
	var limited *fault.Limited
	_, err := h.Tickets.Open(t.Context(), ana, anInput("3"))
	if !errors.As(err, &limited) {
		t.Fatalf("got the error %v, want %T", err, limited)
	}
	if limited.RetryAfter <= 0 {
		t.Errorf("the retry after is %s, want more than 0", limited.RetryAfter)
	}
	if n := h.number("select count(*) from tickets"); n != 2 {
		t.Errorf("%d tickets", n)
	}
}

func TestARetiredCategoryStaysOnItsTickets(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, admin := h.person("ana", account.RoleCustomer), h.person("ad", account.RoleAdmin)
	was := h.opens(ana, anInput("k"))
	if err := h.Categories.Update(t.Context(), admin, was.CategoryID, update("Technical", desk.CategoryRetire)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Tickets.Edit(t.Context(), ana, was.ID, edits(was, func(in *desk.EditInput) { in.Subject = "Dark" })); err != nil {
		t.Error(err)
	}
}

func TestATicketIsVisibleOnlyToItsRequesterAndStaff(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, ben := h.person("ana", account.RoleCustomer), h.person("ben", account.RoleCustomer)
	was := h.opens(ana, anInput("k"))
	ctx := t.Context()
	errs := map[string]error{}
	_, errs["edit"] = h.Tickets.Edit(ctx, ben, was.ID, edits(was, func(in *desk.EditInput) { in.Subject = "Mine now" }))
	_, errs["count"] = h.Tickets.DeletionOf(ctx, ben, was.ID)
	_, errs["files"] = h.Files.Own(ctx, ben, was.ID)
	errs["delete"] = h.Tickets.Delete(ctx, ben, was.ID)
	errs["delete as nobody"] = h.Tickets.Delete(ctx, account.Actor{}, was.ID)
	for verb, err := range errs {
		if !errors.Is(err, fault.ErrNotFound) {
			t.Errorf("%s: %v", verb, err)
		}
	}
	if kinds := h.kinds(was.ID); kinds != "opened" {
		t.Errorf("entries: %s", kinds)
	}
}
