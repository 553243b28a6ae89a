package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
)

// Position is a position in a ticket's log: the reader has all entries up to Seq.
type Position struct {
	TicketID int64
	Seq      int64
	Upto     int64 // the last seq to read
	Internal bool  // the reader sees internal entries, see [SeesInternal]
}

// Updates has the entries that follow a position in a ticket's log.
type Updates struct {
	From, To int64   // the seq before the first entry and the seq of the last one; equal if there are no entries
	Entries  []Event // ordered by seq; at most [PageEntries], fewer if their texts are long
	Previous Event   // the entry at From without its text; the zero value if there is none
	More     bool    // there are entries after To
	// Ticket is the current ticket. It is nil if all entries are chat messages,
	// because these do not change any field that the page shows.
	Ticket *Ticket
	Gone   bool // the ticket is deleted
	// Followers are those who have not muted the ticket, at most 100. They are nil unless an internal entry may
	// have changed them.
	Followers []Follower

	internal bool // one of the rows that were read, Previous and More included, is internal
}

// updatesBytes limits the text of one [Updates] in bytes: the entry that reaches the limit is
// the last one. It bounds the cost of reading a ticket with many long entries.
const updatesBytes = 64 << 10

// Updates reads the entries after each position. It does not check permissions: callers
// check them with [Tickets.Get] when a subscription starts, and with [Log.CheckSubscriptions]
// while it lasts.
//
// Positions that differ only in Internal are read once, because nearly every entry is public:
// a chat has such a pair for each message.
func (s *Log) Updates(ctx context.Context, positions []Position) ([]Updates, error) {
	read, sharedWith := sharePositions(positions)
	updates, err := s.readUpdates(ctx, read)
	if err != nil {
		return nil, err
	}
	out := make([]Updates, len(positions))
	var apart []int // positions that cannot share, because the others have internal entries
	for i, at := range sharedWith {
		if out[i] = updates[at]; !positions[i].Internal && out[i].internal {
			apart = append(apart, i)
		}
	}
	if len(apart) > 0 {
		again := make([]Position, len(apart))
		for n, i := range apart {
			again[n] = positions[i]
		}
		if updates, err = s.readUpdates(ctx, again); err != nil {
			return nil, err
		}
		for n, i := range apart {
			out[i] = updates[n]
		}
	}
	for i, p := range positions {
		if err := s.completeUpdates(ctx, &out[i], p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// sharePositions returns the positions to read, and for each of all positions the index of
// the one that it shares. Of positions that differ only in Internal, the one with internal
// entries is read.
func sharePositions(all []Position) (read []Position, sharedWith []int) {
	at := make(map[Position]int, len(all))
	sharedWith = make([]int, len(all))
	for i, p := range all {
		internal := p.Internal
		p.Internal = false
		n, found := at[p]
		if !found {
			n = len(read)
			at[p] = n
			read = append(read, p)
		}
		read[n].Internal = read[n].Internal || internal
		sharedWith[i] = n
	}
	return read, sharedWith
}

// readUpdates reads the entries after each position, without tickets and files.
func (s *Log) readUpdates(ctx context.Context, positions []Position) ([]Updates, error) {
	in := db.ListUpdatesParams{MaxBytes: updatesBytes, Max: PageEntries + 2} // one for Previous and one for More
	for _, p := range positions {
		in.Tickets, in.After, in.Upto = append(in.Tickets, p.TicketID), append(in.After, p.Seq), append(in.Upto, p.Upto)
		in.Internal = append(in.Internal, p.Internal)
	}
	rows, err := s.q.ListUpdates(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("read updates: %w", err)
	}
	updates := make([]Updates, len(positions))
	for i, p := range positions {
		updates[i].From, updates[i].To = p.Seq, p.Seq
	}
	for _, r := range rows {
		updates[r.Nr-1].add(r)
	}
	return updates, nil
}

// add adds a row to the updates: as the previous entry, as an entry, or as a sign of more.
func (n *Updates) add(r db.ListUpdatesRow) {
	e := Event{Seq: r.Seq, Kind: r.Kind, AuthorID: r.AuthorID, Author: r.Author, AuthorRole: r.AuthorRole, Side: Side(r.Side), Internal: r.Internal,
		Body: r.Body, Data: r.Data, CreatedAt: r.CreatedAt}
	n.internal = n.internal || e.Internal
	switch {
	case e.Seq == n.From:
		n.Previous = e
	case r.Cut || len(n.Entries) == PageEntries:
		n.More = true
	default:
		n.To = e.Seq
		if e.Kind != event.KindOpened {
			n.Entries = append(n.Entries, e)
		}
	}
}

// completeUpdates reads the ticket and the files of the entries, unless all entries are
// chat messages.
func (s *Log) completeUpdates(ctx context.Context, n *Updates, p Position) error {
	if n.onlyMessages() {
		return nil
	}
	t, err := s.q.GetTicket(ctx, db.GetTicketParams{ID: p.TicketID, Reach: string(account.ReachAll), IsStaff: p.Internal})
	if errors.Is(err, pgx.ErrNoRows) {
		n.Gone = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("read ticket: %w", err)
	}
	n.Ticket = &t
	files, err := s.q.UpdatedFiles(ctx, db.UpdatedFilesParams{TicketID: &p.TicketID, After: &n.From, Upto: &n.To, Internal: p.Internal})
	if err != nil {
		return fmt.Errorf("read files of entries: %w", err)
	}
	of := filesBySeq(files)
	n.Entries = slices.Clone(n.Entries) // another position may share them
	for i := range n.Entries {
		n.Entries[i].Files = of[n.Entries[i].Seq]
	}
	if p.Internal && slices.ContainsFunc(n.Entries, changesFollowers) {
		return s.addFollowers(ctx, n, p.TicketID)
	}
	return nil
}

// changesFollowers reports whether an entry may have made someone a follower, or ended that.
func changesFollowers(e Event) bool {
	return e.Kind == event.KindAssignment || e.Kind == event.KindTeam || e.Kind == event.KindNote
}

// addFollowers reads the followers for n, with the assignee who got the ticket with a first reply: the
// outbox makes them a follower, perhaps after the update.
func (s *Log) addFollowers(ctx context.Context, n *Updates, ticketID int64) error {
	in := db.ListFollowersParams{TicketID: ticketID, Max: maxFollowers}
	at := slices.IndexFunc(n.Entries, func(e Event) bool {
		return e.Assignment().Why == event.WhyReply && n.Ticket != nil && e.AuthorID == n.Ticket.AssigneeID
	})
	if at >= 0 {
		in.Joins = n.Entries[at].AuthorID
	}
	rows, err := s.q.ListFollowers(ctx, in)
	if err != nil {
		return fmt.Errorf("list followers: %w", err)
	}
	n.Followers = append([]Follower{}, rows...) // not nil
	return nil
}

// onlyMessages reports whether all entries are chat messages.
func (n *Updates) onlyMessages() bool {
	for _, e := range n.Entries {
		if e.Kind != event.KindMessage {
			return false
		}
	}
	return true
}

// deletedAmong is the number of entries among which [Log.DeletedNotes] looks for notes.
const deletedAmong = 1000

// DeletedNotes returns the notes whose text was deleted, among the last 1,000 entries up to
// the seq upto, in order. A page that had no connection when a note was deleted still shows its
// text. It does not check permissions: only staff may get the entries.
func (s *Log) DeletedNotes(ctx context.Context, ticketID, upto int64) ([]Event, error) {
	seqs, err := s.q.ListDeletedNotes(ctx, db.ListDeletedNotesParams{TicketID: ticketID, Upto: upto, Max: deletedAmong})
	if err != nil {
		return nil, fmt.Errorf("list deleted notes: %w", err)
	}
	if len(seqs) == 0 {
		return nil, nil
	}
	positions := make([]Position, len(seqs))
	for i, seq := range seqs {
		positions[i] = Position{TicketID: ticketID, Seq: seq - 1, Upto: seq, Internal: true}
	}
	updates, err := s.readUpdates(ctx, positions)
	if err != nil {
		return nil, err
	}
	var notes []Event
	for _, n := range updates {
		notes = append(notes, n.Entries...)
	}
	return notes, nil
}

// Subscription identifies a user's subscription to live updates and the session that it
// depends on.
type Subscription struct {
	Actor    account.Actor
	Session  string // the hash of the session's token, see [account.SessionName]
	TicketID int64  // 0 for a subscription to ticket lists
}

// SubscriptionState is the current state of a subscription.
type SubscriptionState struct {
	SignedIn    bool  // the session or the credential is valid
	RoleChanged bool  // SignedIn is true and the user's role allows other things than before
	MayRead     bool  // SignedIn is true and the user may read the ticket
	LastSeq     int64 // the last seq of the ticket's log that the user sees, read by the same statement
}

// Readers returns those of the given users who may read one of the given tickets.
func (s *Log) Readers(ctx context.Context, users, tickets []int64) (map[int64]bool, error) {
	ids, err := s.q.ReadersOfTickets(ctx, db.ReadersOfTicketsParams{Users: users, Tickets: tickets})
	if err != nil {
		return nil, fmt.Errorf("read who may read tickets: %w", err)
	}
	out := make(map[int64]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, nil
}

// CheckSubscriptions returns the state of each subscription, in the same order. It reads all of
// them with one statement.
func (s *Log) CheckSubscriptions(ctx context.Context, all []Subscription) ([]SubscriptionState, error) {
	now := s.Now()
	in := db.CheckSubscriptionsParams{Now: now, IdleSince: now.Add(-account.SessionIdle), Tokens: make([]string, len(all)),
		Users: make([]int64, len(all)), RoleKeys: make([]string, len(all)), Tickets: make([]int64, len(all))}
	for i, s := range all {
		in.Tokens[i], in.Users[i], in.RoleKeys[i], in.Tickets[i] = s.Session, s.Actor.ID, s.Actor.RoleKey(), s.TicketID
	}
	rows, err := s.q.CheckSubscriptions(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("check subscriptions: %w", err)
	}
	out := make([]SubscriptionState, len(all))
	for _, r := range rows {
		out[r.Nr-1] = SubscriptionState{SignedIn: r.SignedIn, RoleChanged: r.RoleChanged, MayRead: r.MayRead, LastSeq: r.LastSeq}
	}
	return out, nil
}
