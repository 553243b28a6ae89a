package desk

import (
	"context"
	"strings"
	"testing"

	"frontdesk/internal/event"
)

// updatesFrom reads all updates of the ticket after a sequence number.
func (k *ticketFixture) updatesFrom(seq int64) Updates {
	k.Helper()
	var last int64
	k.must(k.pool.QueryRow(context.Background(), `select last_seq from tickets where id = $1`, k.ticket).Scan(&last))
	updates, err := k.desk.Log.Updates(context.Background(), []Position{{TicketID: k.ticket, Seq: seq, Upto: last}})
	k.must(err)
	return updates[0]
}

func TestUpdatesAreLimitedInBytes(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	const entries = 30
	k.exec(`insert into ticket_events (ticket_id, seq, kind, author_id, body) select $1, n, 'comment', $2, repeat('上', 20000) from generate_series(2, $3::int + 1) n`, k.ticket, k.ana.ID, entries)
	k.exec(`update tickets set last_seq = $2::int + 1 where id = $1`, k.ticket, entries)
	var got []int64
	for at, more := int64(1), true; more; {
		n := k.updatesFrom(at)
		size := 0
		for _, e := range n.Entries {
			got = append(got, e.Seq)
			size += len(e.Body)
			if len(e.Body) != 3*20_000 {
				t.Errorf("entry %d has a text of %d bytes, want %d", e.Seq, len(e.Body), 3*20_000)
			}
		}
		if size == 0 {
			t.Fatalf("the size is %d, want another value", size)
		}
		if size > updatesBytes+3*20_000 {
			t.Fatalf("the size is %d, want at most %d", size, updatesBytes+3*20_000)
		}
		if n.Previous.Body != "" {
			t.Errorf("the text of the entry before the part is read too")
		}
		at, more = n.To, n.More
	}
	for i, seq := range got {
		if seq != int64(i+2) {
			t.Fatalf("got the entries %v", got)
		}
	}
	if len(got) != entries {
		t.Errorf("got %d entries, want %d", len(got), entries)
	}
}

func TestUpdatesExcludeTheTextsOfAChangedDescription(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	k.exec(`insert into ticket_events (ticket_id, seq, kind, author_id, data) select $1, 2, 'field', $2, jsonb_build_object('field', 'description', 'from', repeat('a', 20000), 'to', 'b')`, k.ticket, k.ana.ID)
	k.exec(`insert into ticket_events (ticket_id, seq, kind, author_id, data) values ($1, 3, 'field', $2, '{"field": "subject", "from": "No light", "to": "No lamp"}')`, k.ticket, k.ana.ID)
	k.exec(`update tickets set last_seq = 3 where id = $1`, k.ticket)
	for name, entries := range map[string][]Event{"page": k.timeline(k.ana).Entries, "updates": k.updatesFrom(1).Entries} {
		if got, want := entries[0].Field(), (event.FieldChange{Field: "description"}); got != want {
			t.Errorf("%s: the change of the description is %.80v, want %v", name, got, want)
		}
		if got, want := entries[1].Field(), (event.FieldChange{Field: "subject", From: "No light", To: "No lamp"}); got != want {
			t.Errorf("%s: the change of the subject is %v, want %v", name, got, want)
		}
	}
}

func TestUpdatesHaveOnlyTheFilesOfTheirEntries(t *testing.T) {
	t.Parallel()
	k := newTicketFixture(t)
	for seq := 2; seq <= 4; seq++ {
		k.exec(`insert into ticket_events (ticket_id, seq, kind, author_id, body) values ($1, $2, 'comment', $3, 'with a file')`, k.ticket, seq, k.ana.ID)
		k.exec(`insert into attachments (name, ticket_id, seq, user_id, submission_id, filename, content_type, size, sha256) values ($4, $1, $2, $3, $4, $4, 'text/plain', 1, '')`, k.ticket, seq, k.ana.ID, strings.Repeat("f", seq)+".txt")
	}
	k.exec(`update tickets set last_seq = 4 where id = $1`, k.ticket)
	n := k.updatesFrom(2)
	if len(n.Entries) != 2 {
		t.Fatalf("%d entries, want 2", len(n.Entries))
	}
	for i, want := range []string{"fff.txt", "ffff.txt"} {
		f := n.Entries[i].Files
		if len(f) != 1 {
			t.Fatalf("got %d elements, want 1: %+v", len(f), f)
		}
		if f[0].Filename != want {
			t.Errorf("the filename is %q, want %q", f[0].Filename, want)
		}
	}
}
