package desk

import (
	"context"
	"testing"

	"frontdesk/db"
)

// internalEvent writes an internal event by Priya and returns its seq.
func (k *ticketFixture) internalEvent() (seq int64) {
	k.Helper()
	k.must(k.desk.tx(context.Background(), func(q *db.Queries) (err error) {
		seq, err = k.desk.recordInternal(context.Background(), q, k.priya, k.ticket, entry{kind: KindAssignment, data: map[string]string{"to": "tom"}})
		return err
	}))
	return seq
}

// ticketRow returns the columns of the ticket's row that a requester can notice.
func (k *ticketFixture) ticketRow() (row string) {
	k.Helper()
	k.must(k.pool.QueryRow(context.Background(),
		`select concat_ws(' ', version, updated_at, waiting_since, comment_count, file_count, status, public_seq(last_seq, internal_seq, public_seq_before)) from tickets where id = $1`, k.ticket).Scan(&row))
	return row
}

func TestAnInternalEventChangesNothingThatARequesterSees(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.comment(k.priya, CommentInput{Text: "One moment."})
	before := k.ticketRow()
	*k.now = k.now.Add(3600e9)
	first, second := k.internalEvent(), k.internalEvent()
	if first != 3 || second != 4 {
		t.Errorf("seqs %d and %d, want 3 and 4", first, second)
	}
	if after := k.ticketRow(); after != before {
		t.Errorf("row %q, want %q", after, before)
	}
	e := k.comment(k.ana, CommentInput{Text: "Thank you."})
	var public int64
	k.must(k.pool.QueryRow(context.Background(), `select public_seq(last_seq, internal_seq, public_seq_before) from tickets where id = $1`, k.ticket).Scan(&public))
	if e.Seq != 5 || public != 5 {
		t.Errorf("seq %d and public seq %d after a comment, want 5", e.Seq, public)
	}
}
