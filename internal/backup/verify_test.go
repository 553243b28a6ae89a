package backup_test

import (
	"strings"
	"testing"

	"frontdesk/internal/account"
	"frontdesk/internal/backup"
	"frontdesk/internal/desk"
)

func TestVerifyFindsEachProblem(t *testing.T) {
	t.Parallel()
	for check, statements := range map[string][]string{
		"log":    {"alter table ticket_events disable trigger user", "delete from ticket_events where kind = 'comment'", "update tickets set comment_count = 0"},
		"count":  {"update tickets set comment_count = 7"},
		"total":  {"update ticket_counts set n = n + 1"},
		"unread": {"update ticket_reads set unread = 3"},
	} {
		h, _ := newUsed(t)
		h.verified()
		for _, sql := range statements {
			h.exec(sql)
		}
		report, err := backup.Verify(t.Context(), h.pool, h.files, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(report.Problems) != 1 {
			t.Fatalf("%s: got %d problems, want 1: %+v", check, len(report.Problems), report.Problems)
		}
		if report.Problems[0].Check != check {
			t.Errorf("%s: the check is %q, want %q", check, report.Problems[0].Check, check)
		}
	}
}

func TestEntriesThatOnlyStaffSeeAreCountedForStaffOnly(t *testing.T) {
	t.Parallel()
	h, ticket := newUsed(t)
	ana := account.Actor{ID: ticket.RequesterID, Username: "ana", Role: account.RoleCustomer}
	priya, tom := h.person("priya", account.RoleAgent), h.person("tom", account.RoleAgent)
	for _, reader := range []account.Actor{ana, tom} {
		if _, err := h.Log.See(t.Context(), reader, ticket.ID, ticket.LastSeq); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Files.Stage(t.Context(), priya, "note", "internal.txt", strings.NewReader("for staff")); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Notes.Add(t.Context(), priya, ticket.ID, desk.NoteInput{Text: "Only for staff", SubmissionID: "note"}); err != nil {
		t.Fatal(err)
	}
	if report := h.verified(); report.Files != 2 {
		t.Errorf("%d files were verified, want 2", report.Files)
	}
}
