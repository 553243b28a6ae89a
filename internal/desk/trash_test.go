package desk_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/blob"
	"frontdesk/internal/desk"
	"frontdesk/internal/fault"
	"frontdesk/internal/limit"
)

func TestADeletedTicketIsRestoredCompletely(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, admin := h.person("ana", account.RoleCustomer), h.person("ad", account.RoleAdmin)
	h.stages(ana, "k", "a.txt", "one")
	ticket := h.opens(ana, anInput("k"))
	if _, err := h.Comments.Add(t.Context(), ana, ticket.ID, desk.CommentInput{Text: "and dark"}); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Comments.Add(t.Context(), ana, ticket.ID, desk.MessageInput{Text: "hi"}); err != nil {
		t.Fatal(err)
	}
	goes, err := h.Tickets.DeletionOf(t.Context(), ana, ticket.ID)
	if diff := cmp.Diff(desk.Deletion{Ticket: goes.Ticket, Comments: 1, Messages: 1, Files: 1}, goes); err != nil || diff != "" {
		t.Errorf("the deletion: %v, (-want +got):\n%s", err, diff)
	}
	if err := h.Tickets.Delete(t.Context(), ana, ticket.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.Tickets.Delete(t.Context(), ana, ticket.ID); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("deleted twice: %v", err)
	}
	if _, err := h.Tickets.Get(t.Context(), admin, ticket.ID); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("staff still see it: %v", err)
	}
	page, err := h.Tickets.Trash(t.Context(), admin, "")
	if err != nil {
		t.Fatalf("trash: %v", err)
	}
	if len(page.Rows) != 1 {
		t.Fatalf("trash: got %d rows, want 1: %+v", len(page.Rows), page.Rows)
	}
	if page.After != "" {
		t.Fatalf(`trash: the after is %q, want ""`, page.After)
	}
	row := page.Rows[0]
	if row.ID != ticket.ID {
		t.Errorf("trash: the ID is %d, want %d", row.ID, ticket.ID)
	}
	if row.Deleter != "ana" {
		t.Errorf(`trash: the deleter is %q, want "ana"`, row.Deleter)
	}
	if err := h.Tickets.Restore(t.Context(), admin, ticket.ID); err != nil {
		t.Fatal(err)
	}
	if err := h.Tickets.Restore(t.Context(), admin, ticket.ID); !errors.Is(err, fault.ErrNotFound) {
		t.Errorf("restored twice: %v", err)
	}
	got, err := h.Tickets.Get(t.Context(), ana, ticket.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got.CommentCount != 1 {
		t.Errorf("the comment count is %d, want 1", got.CommentCount)
	}
	if got.FileCount != 1 {
		t.Errorf("the file count is %d, want 1", got.FileCount)
	}
	if kinds := h.kinds(ticket.ID); kinds != "opened comment message deletion deletion" {
		t.Errorf("entries: %s", kinds)
	}
}

func TestATicketRestoredDuringTheSweepIsKept(t *testing.T) {
	t.Parallel()
	var skew time.Duration
	h := newFixtureWithFiles(t, func(o *desk.Options) { o.Now = func() time.Time { return time.Now().Add(skew) } })
	ana := h.person("ana", account.RoleCustomer)
	ticket := h.opens(ana, anInput("k"))
	if err := h.Tickets.Delete(t.Context(), ana, ticket.ID); err != nil {
		t.Fatal(err)
	}
	skew = desk.Grace + time.Hour
	restore, err := h.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := restore.Exec(t.Context(), "update tickets set deleted_at = null, deleted_by = null where id = $1", ticket.ID); err != nil {
		t.Fatal(err)
	}
	swept := make(chan error, 1)
	go func() { swept <- h.Upkeep.Sweep(t.Context()) }()
	for h.number("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := errors.Join(restore.Commit(t.Context()), <-swept); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Tickets.Get(t.Context(), ana, ticket.ID); err != nil {
		t.Errorf("a restored ticket is deleted: %v", err)
	}
}

func TestOnlyStaffSeeTheTrash(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	ticket := h.opens(ana, anInput("k"))
	if err := h.Tickets.Delete(t.Context(), ana, ticket.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Tickets.Trash(t.Context(), ana, ""); !errors.Is(err, fault.ErrForbidden) {
		t.Error(err)
	}
	if err := h.Tickets.Restore(t.Context(), ana, ticket.ID); !errors.Is(err, fault.ErrForbidden) {
		t.Error(err)
	}
}

func TestTheTrashIsPaged(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t, func(o *desk.Options) { o.Limits = limit.Limits{Uploads: limit.Limit{N: 1, Per: time.Hour}} })
	ana, admin := h.person("ana", account.RoleCustomer), h.person("ad", account.RoleAdmin)
	for i := range desk.PageTrash + 7 {
		ticket := h.opens(ana, anInput(fmt.Sprint(i)))
		if err := h.Tickets.Delete(t.Context(), ana, ticket.ID); err != nil {
			t.Fatal(err)
		}
	}
	seen := map[int64]bool{}
	first, err := h.Tickets.Trash(t.Context(), admin, "no such place")
	if err != nil {
		t.Fatal(err)
	}
	if len(first.Rows) != desk.PageTrash {
		t.Fatalf("got %d rows, want %d: %+v", len(first.Rows), desk.PageTrash, first.Rows)
	}
	if first.After == "" {
		t.Fatal("the after is empty")
	}
	second, err := h.Tickets.Trash(t.Context(), admin, first.After)
	if err != nil || second.After != "" {
		t.Fatal(second.After, err)
	}
	for _, r := range append(first.Rows, second.Rows...) {
		seen[r.ID] = true
	}
	if len(seen) != desk.PageTrash+7 {
		t.Errorf("%d different rows", len(seen))
	}
}

func TestTheSweepRemovesOnlyExpiredRowsAndFiles(t *testing.T) {
	t.Parallel()
	var skew time.Duration
	dir := t.TempDir()
	blobs, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	h := newFixture(t, desk.Options{Blobs: blobs, Now: func() time.Time { return time.Now().Add(skew) }})
	ana := h.person("ana", account.RoleCustomer)
	kept := h.stages(ana, "kept", "kept.txt", "kept")
	removed := h.stages(ana, "kept", "removed.txt", "removed")
	stays := h.opens(ana, anInput("kept"))
	gone := h.stages(ana, "gone", "gone.txt", "gone")
	goes := h.opens(ana, anInput("gone"))
	staged := h.stages(ana, "never sent", "staged.txt", "staged")
	orphan, err := blobs.Put(t.Context(), strings.NewReader("orphan"))
	if err != nil {
		t.Fatal(err)
	}
	part := filepath.Join(dir, orphan[:2], orphan+".part")
	if err := os.WriteFile(part, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(h.Tickets.Delete(t.Context(), ana, goes.ID), h.Files.Remove(t.Context(), ana, stays.ID, removed.Name)); err != nil {
		t.Fatal(err)
	}
	left := func(name string) bool {
		f, err := blobs.Open(name)
		if err == nil {
			_ = f.Close()
		}
		return err == nil
	}
	for _, step := range []struct {
		after time.Duration
		left  string // the files that still exist
	}{
		{0, "kept removed gone staged orphan part"},
		{2 * time.Hour, "kept removed gone staged orphan"},
		{25 * time.Hour, "kept gone"},
		{29 * 24 * time.Hour, "kept gone"},
		{31 * 24 * time.Hour, "kept"},
	} {
		skew = step.after
		if err := h.Upkeep.Sweep(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, b := range []struct{ word, name string }{{"kept", kept.Name}, {"removed", removed.Name}, {"gone", gone.Name}, {"staged", staged.Name}, {"orphan", orphan}} {
			if left(b.name) {
				got = append(got, b.word)
			}
		}
		if _, err := os.Stat(part); err == nil {
			got = append(got, "part")
		}
		if strings.Join(got, " ") != step.left {
			t.Errorf("after %s: %v, want %s", step.after, got, step.left)
		}
	}
	if n := h.number("select count(*) from tickets"); n != 1 {
		t.Errorf("%d tickets", n)
	}
	if n := h.number("select count(*) from attachments where ticket_id is null"); n != 0 {
		t.Errorf("%d staged", n)
	}
	if n := h.number("select coalesce(sum(n), 0) from ticket_counts"); n != 1 {
		t.Errorf("the counters have %d", n)
	}
}
