package desk_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/internal/account"
	"frontdesk/internal/desk"
)

// edits returns the input of the edit form of a ticket, changed by f.
func edits(t desk.Ticket, f func(*desk.EditInput)) desk.EditInput {
	in := desk.EditInput{Version: int(t.Version)}
	in.Subject, in.Description, in.Category, in.Priority = t.Subject, t.Description, fmt.Sprint(t.CategoryID), string(t.Priority)
	in.SubmissionID = "edit"
	f(&in)
	return in
}

func TestAnEditIsOneEntryForEachChangedField(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana := h.person("ana", account.RoleCustomer)
	old := h.stages(ana, "k", "old.txt", "old")
	was := h.opens(ana, anInput("k"))
	h.stages(ana, "edit", "new.txt", "new")
	in := edits(was, func(in *desk.EditInput) {
		in.Subject, in.Description, in.Category, in.Priority = "Dark", "Still out.", "General", "Urgent"
		in.Remove = []string{old.Name, "unknown"}
	})
	got, err := h.Tickets.Edit(t.Context(), ana, was.ID, in)
	if err != nil {
		t.Fatal(err)
	}
	want := got
	want.Subject, want.Description, want.Category, want.Priority = "Dark", "Still out.", "General", desk.PriorityUrgent
	want.Version, want.FileCount = 2, 1
	diff := cmp.Diff(want, got)
	if diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !got.UpdatedAt.After(was.UpdatedAt) {
		t.Error("got.UpdatedAt.After(was.UpdatedAt) is false, want true")
	}
	if kinds := h.kinds(was.ID); kinds != "opened field:subject field:description field:category field:priority attachment attachment" {
		t.Errorf("entries: %s", kinds)
	}
	again, err := h.Tickets.Edit(t.Context(), ana, was.ID, in)
	if err != nil {
		t.Fatalf("sent twice: %v", err)
	}
	if again.Version != 2 {
		t.Errorf("sent twice: the version is %d, want 2", again.Version)
	}
	if again.LastSeq != got.LastSeq {
		t.Errorf("sent twice: the last seq is %d, want %d", again.LastSeq, got.LastSeq)
	}
}

func TestAStaleEditChangesNothingAndReturnsTheTicket(t *testing.T) {
	t.Parallel()
	h := newFixtureWithFiles(t)
	ana, admin := h.person("ana", account.RoleCustomer), h.person("ad", account.RoleAdmin)
	was := h.opens(ana, anInput("k"))
	if _, err := h.Tickets.Edit(t.Context(), admin, was.ID, edits(was, func(in *desk.EditInput) { in.Subject = "Theirs" })); err != nil {
		t.Fatal(err)
	}
	for _, version := range []int{0, int(was.Version), 99} {
		_, err := h.Tickets.Edit(t.Context(), ana, was.ID, edits(was, func(in *desk.EditInput) { in.Subject, in.Version = "Mine", version }))
		var stale *desk.Stale
		if !errors.As(err, &stale) {
			t.Fatalf("version %d: got the error %v, want %T", version, err, stale)
		}
		if stale.Current.Subject != "Theirs" {
			t.Errorf(`version %d: the subject of the current one is %q, want "Theirs"`, version, stale.Current.Subject)
		}
		if stale.Current.Version != 2 {
			t.Errorf("version %d: the version of the current one is %d, want 2", version, stale.Current.Version)
		}
	}
}
