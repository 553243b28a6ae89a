package desk

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// Place is where somebody stands in a ticket's log: they have seen all up to Seq.
type Place struct {
	TicketID int64
	Seq      int64
	Upto     int64 // nothing beyond it is read
}

// News is what followed a place in a ticket's log.
type News struct {
	From, To int64   // the places before and after it; the same where nothing followed
	Entries  []Event // at most [PageEntries], and few where their texts are long, in their order
	Previous Event   // the entry at From, without its text; the zero value where there is none
	More     bool    // there is more after To
	// Ticket is as it is by now. It is not read where only chat lines followed:
	// they change nothing that is shown of it.
	Ticket *Ticket
	Gone   bool // the ticket is deleted
}

// newsBytes bounds the text of one [News]: it ends with the entry that reaches it.
// One ticket with many long entries then costs a reading no more than any other.
const newsBytes = 64 << 10

// News reads what followed each place. It asks for nobody's rights: those who
// follow a ticket were let in by [Tickets.Get], and [Log.Standings] tells
// whether they still are.
func (s *Log) News(ctx context.Context, places []Place) ([]News, error) {
	in := db.ListNewsParams{MaxBytes: newsBytes, Max: PageEntries + 2} // the one before, and the one that tells of more
	for _, p := range places {
		in.Tickets, in.After, in.Upto = append(in.Tickets, p.TicketID), append(in.After, p.Seq), append(in.Upto, p.Upto)
	}
	rows, err := s.q.ListNews(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("read news: %w", err)
	}
	news := make([]News, len(places))
	for i, p := range places {
		news[i].From, news[i].To = p.Seq, p.Seq
	}
	for _, r := range rows {
		news[r.Nr-1].add(r)
	}
	for i, p := range places {
		if err := s.completeNews(ctx, &news[i], p.TicketID); err != nil {
			return nil, err
		}
	}
	return news, nil
}

func (n *News) add(r db.ListNewsRow) {
	e := Event{Seq: r.Seq, Kind: r.Kind, AuthorID: r.AuthorID, Author: r.Author, AuthorRole: r.AuthorRole,
		Body: r.Body, Data: r.Data, CreatedAt: r.CreatedAt}
	switch {
	case e.Seq == n.From:
		n.Previous = e
	case r.Cut || len(n.Entries) == PageEntries:
		n.More = true
	default:
		n.To = e.Seq
		if e.Kind != KindOpened {
			n.Entries = append(n.Entries, e)
		}
	}
}

// completeNews reads the ticket and the files of its entries, where the news is
// more than chat lines.
func (s *Log) completeNews(ctx context.Context, n *News, ticketID int64) error {
	if n.onlyLines() {
		return nil
	}
	t, err := s.q.GetTicket(ctx, db.GetTicketParams{ID: ticketID, SeesAll: true})
	if errors.Is(err, pgx.ErrNoRows) {
		n.Gone = true
		return nil
	}
	if err != nil {
		return fmt.Errorf("read ticket: %w", err)
	}
	n.Ticket = &t
	files, err := s.q.NewsFiles(ctx, db.NewsFilesParams{TicketID: &ticketID, After: &n.From, Upto: &n.To})
	if err != nil {
		return fmt.Errorf("read files of entries: %w", err)
	}
	of := filesBySeq(files)
	for i := range n.Entries {
		n.Entries[i].Files = of[n.Entries[i].Seq]
	}
	return nil
}

func (n *News) onlyLines() bool {
	for _, e := range n.Entries {
		if e.Kind != KindMessage {
			return false
		}
	}
	return true
}

// Standing is what somebody's following of a ticket rests on.
type Standing struct {
	Actor    account.Actor
	Session  string // the hash of the session's token, see [account.SessionName]
	TicketID int64  // 0 for their lists
}

// Verdict is what became of a standing.
type Verdict struct {
	SignedIn bool  // the session is open, and its account on the same side as it was
	MayRead  bool  // and the ticket is one they may read
	LastSeq  int64 // how far the ticket's log goes, read in the same moment
}

// Standings tells who of those that follow something may still, in one round trip.
func (s *Log) Standings(ctx context.Context, all []Standing) ([]Verdict, error) {
	now := s.Now()
	in := db.CheckStandingsParams{Now: now, IdleSince: now.Add(-account.SessionIdle), Tokens: make([]string, len(all)),
		Users: make([]int64, len(all)), Staff: make([]bool, len(all)), Tickets: make([]int64, len(all))}
	for i, s := range all {
		in.Tokens[i], in.Users[i], in.Staff[i], in.Tickets[i] = s.Session, s.Actor.ID, s.Actor.Can(account.SeeAllTickets), s.TicketID
	}
	rows, err := s.q.CheckStandings(ctx, in)
	if err != nil {
		return nil, fmt.Errorf("check who may still: %w", err)
	}
	out := make([]Verdict, len(all))
	for _, r := range rows {
		out[r.Nr-1] = Verdict{SignedIn: r.SignedIn, MayRead: r.MayRead, LastSeq: r.LastSeq}
	}
	return out, nil
}
