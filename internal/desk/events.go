package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// The one ordered log of a ticket. Steps that write into it take the
// transaction's queries and must hold the ticket's row (see lock).

// entry is what is about to be written into a ticket's log. Comments and chat
// messages have a statement of their own: see [Comments.Add].
type entry struct {
	kind EventKind
	data any // marshalled to a JSON object; nil is {}
}

// StatusChange is the data of a status entry. Why is "" for a change by hand,
// "comment" or "message" when a requester's line re-opened the ticket, and
// "solved" when the requester said so.
type StatusChange struct {
	From Status `json:"from"`
	To   Status `json:"to"`
	Why  string `json:"why,omitempty"`
}

// FieldChange is the data of a field entry: subject, description, category or priority.
type FieldChange struct {
	Field string `json:"field"`
	From  string `json:"from"`
	To    string `json:"to"`
}

// ticket reads one ticket for the actor; not visible is not found.
func (s *core) ticket(ctx context.Context, q *db.Queries, actor account.Actor, id int64) (Ticket, error) {
	seesAll, viewer := actor.Scope()
	t, err := q.GetTicket(ctx, db.GetTicketParams{ID: id, SeesAll: seesAll, Viewer: viewer})
	return t, db.Found(err, "read ticket")
}

// lock takes the ticket's row for the rest of the transaction and reads it as it is now.
func (s *core) lock(ctx context.Context, q *db.Queries, actor account.Actor, id int64) (Ticket, error) {
	seesAll, viewer := actor.Scope()
	if _, err := q.LockTicket(ctx, db.LockTicketParams{ID: id, SeesAll: seesAll, Viewer: viewer}); err != nil {
		return Ticket{}, db.Found(err, "lock ticket")
	}
	return s.ticket(ctx, q, actor, id)
}

// record appends e to the ticket's log and returns its seq.
func (s *core) record(ctx context.Context, q *db.Queries, actor account.Actor, ticketID int64, e entry) (int64, error) {
	data := []byte("{}")
	if e.data != nil {
		var err error
		if data, err = json.Marshal(e.data); err != nil {
			return 0, fmt.Errorf("encode event: %w", err)
		}
	}
	seq, err := q.RecordEvent(ctx, db.RecordEventParams{TicketID: ticketID, Kind: e.kind, AuthorID: actor.ID, Data: data, Now: s.Now()})
	if err != nil {
		return 0, fmt.Errorf("write event: %w", err)
	}
	return seq, nil
}
