package desk

import (
	"context"
	"encoding/json"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
)

// This file writes the log of a ticket. Functions that write to it take the queries of
// the caller's transaction, which must have locked the ticket's row (see lock).

// entry is an entry to be written to a ticket's log. Comments and chat messages are
// written by other statements, see [Comments.Add].
type entry struct {
	kind event.Kind
	data any // marshalled to a JSON object; nil is {}
}

// ticket returns a ticket. It returns [fault.ErrNotFound] if there is none that the actor
// may read.
func (s *core) ticket(ctx context.Context, q *db.Queries, actor account.Actor, id int64) (Ticket, error) {
	reach, viewer := actor.Scope()
	t, err := q.GetTicket(ctx, db.GetTicketParams{ID: id, Reach: reach, Viewer: viewer, IsStaff: isStaff(actor)})
	return t, db.Found(err, "read ticket")
}

// lock locks the ticket's row until the end of the transaction, and then reads it. It
// returns [fault.ErrNotFound] if there is no ticket that the actor may read.
func (s *core) lock(ctx context.Context, q *db.Queries, actor account.Actor, id int64) (Ticket, error) {
	reach, viewer := actor.Scope()
	locked, err := q.LockTicket(ctx, db.LockTicketParams{ID: id, Reach: reach, Viewer: viewer})
	if err != nil {
		return Ticket{}, db.Found(err, "lock ticket")
	}
	if team := locked.TeamID; team != nil && locked.RequesterID != viewer {
		// The actor may have left the team while this transaction waited. From here on, they
		// cannot leave it before the commit.
		holds, err := s.holdsTeam(ctx, q, reach, viewer, *team)
		switch {
		case err != nil:
			return Ticket{}, err
		case !holds:
			return Ticket{}, fault.ErrNotFound
		}
	}
	return s.ticket(ctx, q, actor, id)
}

// holdsTeam reports whether a user with a reach may read the tickets of a team, and keeps that from
// changing until the transaction ends.
func (s *core) holdsTeam(ctx context.Context, q *db.Queries, reach string, user, team int64) (bool, error) {
	if reach == string(account.ReachAll) {
		return true, nil
	}
	holds, err := q.HoldTeam(ctx, db.HoldTeamParams{Reach: reach, Viewer: user, TeamID: team})
	if err != nil {
		return false, fmt.Errorf("check the team: %w", err)
	}
	return holds, nil
}

// json returns the data of the entry as a JSON object.
func (e entry) json() ([]byte, error) {
	if e.data == nil {
		return []byte("{}"), nil
	}
	data, err := json.Marshal(e.data)
	if err != nil {
		return nil, fmt.Errorf("encode event: %w", err)
	}
	return data, nil
}

// record appends an entry by the actor to the ticket's log and returns its seq.
func (s *core) record(ctx context.Context, q *db.Queries, actor account.Actor, ticketID int64, e entry) (int64, error) {
	data, err := e.json()
	if err != nil {
		return 0, err
	}
	seq, err := q.RecordEvent(ctx, db.RecordEventParams{TicketID: ticketID, Kind: e.kind, AuthorID: actor.ID, Data: data, Now: s.Now()})
	if err != nil {
		return 0, fmt.Errorf("write event: %w", err)
	}
	return seq, nil
}

// recordInternal appends an entry that only staff see, such as an assignment, and returns
// its seq. The requester notices nothing: the ticket's version, the time of its last
// change, its waiting time and its place in lists stay as they are.
func (s *core) recordInternal(ctx context.Context, q *db.Queries, actor account.Actor, ticketID int64, e entry) (int64, error) {
	data, err := e.json()
	if err != nil {
		return 0, err
	}
	seq, err := q.RecordInternalEvent(ctx, db.RecordInternalEventParams{TicketID: ticketID, Kind: e.kind, AuthorID: actor.ID, Data: data, Now: s.Now()})
	if err != nil {
		return 0, fmt.Errorf("write internal event: %w", err)
	}
	return seq, nil
}
