package importer_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
	"frontdesk/internal/importer"
	"frontdesk/internal/outbox"
)

func TestAnInterruptedImportContinues(t *testing.T) {
	t.Parallel()
	whole := newHouse(t)
	whole.fillLarge(1600)
	whole.imports()
	h := emptySource(t)
	h.From, h.Uploads = whole.From, whole.Uploads // an import only reads them
	// Two batches are written at the same time, so a run may write one more than n of the seven.
	for _, n := range []int{1, 2, 1} {
		h.stopAfter(n)
	}
	h.imports()
	for _, state := range []string{
		"select count(*) || ' ' || md5(string_agg(x::text, '' order by x.id)) from tickets x",
		"select count(*) || ' ' || md5(string_agg(x::text, '' order by x.ticket_id, x.seq)) from ticket_events x",
		"select count(*) || ' ' || md5(string_agg(x::text, '' order by x.ticket_id, x.user_id)) from ticket_reads x",
		"select count(*) || ' ' || md5(string_agg(concat_ws(' ', ticket_id, seq, user_id, filename, sha256, size), '' order by ticket_id)) from attachments",
		"select count(*) || ' ' || md5(string_agg(x::text, '' order by x.ticket_id)) from search_tickets x",
		"select count(*) || ' ' || md5(string_agg(x::text, '' order by x.ticket_id, x.seq)) from search_comments x",
		"select string_agg(concat_ws(' ', status, priority, category_id, n), ',' order by status, priority, category_id) from (select status, priority, category_id, sum(n) as n from ticket_counts group by 1, 2, 3) x",
		"select md5(string_agg(hour || ' ' || opened || ' ' || resolved, ',' order by hour)) from (select hour, sum(opened) as opened, sum(resolved) as resolved from ticket_hours group by 1) x",
		"select count(*) || ' ' || md5(string_agg(concat_ws(' ', kind, old_id, new_id, seq, note), '' order by kind, old_id)) from import_entries",
	} {
		h.is(whole.text(state), state)
	}
	h.sweep()
	h.everyFileIsThere()
	if n := h.blobCount(); n != 200 {
		t.Errorf("%d files are stored after the sweep, want 200", n)
	}
}

// sweep removes what the desk removes a day later.
func (h *house) sweep() {
	h.t.Helper()
	later := func() time.Time { return time.Now().Add(25 * time.Hour) }
	if err := desk.New(h.pool, desk.Options{Blobs: h.blobs, Now: later}).Upkeep.Sweep(h.t.Context()); err != nil {
		h.t.Error(err)
	}
}

// everyFileIsThere checks that each attachment has its content.
func (h *house) everyFileIsThere() {
	h.t.Helper()
	rows, err := h.pool.Query(h.t.Context(), "select name, size from attachments")
	if err != nil {
		h.t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var size int64
		if err := rows.Scan(&name, &size); err != nil {
			h.t.Fatal(err)
		}
		if info, err := os.Stat(filepath.Join(h.files, name[:2], name)); err != nil || info.Size() != size {
			h.t.Errorf("file %s: got %v and %v, want %d bytes", name, info, err, size)
		}
	}
}

func TestNothingIsStoredTwiceIfAllBatchesAreOfAnotherRun(t *testing.T) {
	t.Parallel()
	h := newSmall(t)
	h.imports()
	const lines = "select count(*) from import_entries"
	before := h.text(lines)
	h.exec("update imports set finished_at = null") // as if the process had ended right before
	h.imports()
	h.is("4", "select count(*) from tickets")
	h.is(before, lines)
	if n := h.blobCount(); n != 1 {
		t.Errorf("%d files are stored, want 1", n)
	}
}

func TestAnImportOfAChangedSourceDoesNotContinue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fillLarge(600)
	h.stopAfter(1)
	h.fill(`insert into "Comment" (text, "ticketId", "userId") values ('late', 1, 3)`)
	h.refuses("the source has changed since the import began")
	h.DryRun = true
	h.refuses("run it again without --dry-run")
}

func TestOnlyOneImportRunsAtATime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.fillLarge(300)
	var err error
	h.Progress = func(importer.Progress) {
		if err == nil {
			other := *h
			other.Options.Progress, other.Options.Report = nil, filepath.Join(t.TempDir(), "other.csv")
			_, err = other.run(t.Context())
		}
	}
	h.imports()
	if !errors.Is(err, importer.ErrRunning) {
		t.Errorf("got %v, want %v", err, importer.ErrRunning)
	}
}

func TestOnlyWhatFollowsAnImportIsDelivered(t *testing.T) {
	t.Parallel()
	h := newSmall(t)
	out := outbox.New(h.pool, outbox.Options{}, h.Notifications.Consumers()...)
	if err := out.Register(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.imports()
	h.is("0", "select count(*) from outbox_queue")
	staff := account.Actor{ID: 9, Role: account.RoleAdmin, Username: "Staff"}
	if _, err := h.Comments.Add(t.Context(), staff, 10, desk.CommentInput{Text: "Is it out?"}); err != nil {
		t.Fatal(err)
	}
	if err := out.Drain(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.is("3 10 11 11 1", "select string_agg(concat_ws(' ', user_id, ticket_id, first_seq, seq, events), ',') from notifications")
}
