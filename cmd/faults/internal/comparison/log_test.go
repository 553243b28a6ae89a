package comparison

import (
	"slices"
	"testing"

	"frontdesk/cmd/faults/internal/journal"
	"frontdesk/cmd/faults/internal/people"
	"frontdesk/db/dbtest"
)

func TestARowThatIsDeletedFromTheLogCountsAsLost(t *testing.T) {
	t.Parallel()
	pool, ctx := dbtest.New(t), t.Context()
	for _, statement := range []string{
		`insert into users (id, username, email, password_hash, role) overriding system value values (1, 'Ana', 'ana@example.org', 'x', 'customer')`,
		`insert into tickets (id, requester_id, subject, description, category_id, priority, last_seq, submission_id, submission_hash)
			overriding system value values (7, 1, 'S', 'D', 1, 'Low', 4, 'k', '')`,
		`insert into ticket_events (ticket_id, seq, kind, author_id, body) values (7, 1, 'opened', 1, ''), (7, 2, 'message', 1, 'a'), (7, 3, 'comment', 1, 'b'), (7, 4, 'attachment', 1, '')`,
		`insert into attachments (name, ticket_id, seq, user_id, submission_id, filename, content_type, size, sha256) values ('n', 7, 4, 1, 'k', 'f', 't', 1, '\xf00d')`,
	} {
		if _, err := pool.Exec(ctx, statement); err != nil {
			t.Fatal(err)
		}
	}
	entries := []journal.Entry{{Kind: journal.Message, Ticket: 7, Author: "Ana", Seq: 2, Text: "a"}, {Kind: journal.Comment, Ticket: 7, Author: "Ana", Seq: 3, Text: "b"}, {Kind: journal.File, Ticket: 7, Author: "Ana", Text: "f00d"}}
	seen := []people.Seen{{Person: "Ana", Ticket: 7, Items: []people.Item{{Seq: 2, Kind: "message", Text: "a"}, {Seq: 3, Kind: "comment", Text: "b"}}}}
	judge := func() Figures {
		log, err := ReadLog(ctx, pool.Config().ConnString(), []int64{7, 8})
		if err != nil {
			t.Fatal(err)
		}
		return Compare(entries, log, seen)
	}
	if got := judge(); got != (Figures{Writes: 3}) {
		t.Errorf("with all rows: got %+v, want no differences", got)
	}
	if _, err := pool.Exec(ctx, "delete from ticket_events where seq >= 3"); err != nil { // the file goes with its entry
		t.Fatal(err)
	}
	if got, want := judge(), (Figures{Writes: 3, Lost: 2, Disordered: 1}); got != want {
		t.Errorf("without the comment and the file: got %+v, want %+v", got, want)
	}
}

func TestTheLastSeqIsThatOfTheLastItem(t *testing.T) {
	t.Parallel()
	_, log, _ := talk()
	got := log.Last()
	if len(got) != 1 {
		t.Fatalf("got %d elements, want 1: %v", len(got), got)
	}
	if got[1] != 6 {
		t.Errorf("got[1] is %d, want 6", got[1])
	}
	log.Items[2] = slices.Clone(log.Items[1][:1])
	if got := log.Last(); got[2] != 2 {
		t.Errorf("got %v, want seq 2 of ticket 2", got)
	}
}
