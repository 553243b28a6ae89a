package backup_test

import (
	"testing"

	"frontdesk/internal/backup"
)

func TestVerifyFindsEachProblem(t *testing.T) {
	t.Parallel()
	for check, statements := range map[string][]string{
		"log":    {"alter table ticket_events disable trigger user", "delete from ticket_events where kind = 'comment'", "update tickets set comment_count = 0"},
		"count":  {"update tickets set comment_count = 7"},
		"total":  {"update ticket_counts set n = n + 1"},
		"unread": {"insert into ticket_reads (ticket_id, user_id, seq, unread) select id, requester_id, 1, 3 from tickets"},
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
		if len(report.Problems) != 1 || report.Problems[0].Check != check {
			t.Errorf("%s: got %v, want one problem", check, report.Problems)
		}
	}
}
