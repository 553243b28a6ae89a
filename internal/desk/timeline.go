package desk

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// PageEntries is how many entries of the log one page of a ticket shows at most.
const PageEntries = 100

// Event is one entry of a ticket's log as people read it.
type Event struct {
	Seq        int64
	Kind       EventKind
	AuthorID   int64
	Author     string
	AuthorRole account.Role
	Body       string // comments and chat lines
	Data       []byte // a JSON object, by kind: see StatusChange, FieldChange, FileChange
	CreatedAt  time.Time
	Files      []File // those that are still there
}

// File is an attachment as an entry shows it.
type File struct {
	Name        string // under /uploads/
	Filename    string // as its owner called it
	ContentType string
	Size        int64 // bytes
}

// Status reads the data of a status entry; the zero value where it is none.
func (e Event) Status() StatusChange { return decode[StatusChange](e.Data) }

// Field reads the data of a field entry; the zero value where it is none.
func (e Event) Field() FieldChange { return decode[FieldChange](e.Data) }

// File reads the data of an attachment entry; the zero value where it is none.
func (e Event) File() FileChange { return decode[FileChange](e.Data) }

// Restored reports whether a deletion entry tells of the ticket having come back.
func (e Event) Restored() bool { return decode[deletion](e.Data).Restored }

func decode[T any](data []byte) T {
	var v T
	if json.Unmarshal(data, &v) != nil {
		return *new(T)
	}
	return v
}

// TimelineRange says which entries are wanted: the newest; the newest before
// Before; or, when After is set, those that follow it.
type TimelineRange struct {
	After  int64
	Before int64
	Limit  int // at most, and by default, PageEntries
}

// Timeline is a ticket with a stretch of its log.
type Timeline struct {
	Ticket  Ticket
	Entries []Event // in their order; the first of all, "opened", is left out
	Files   []File  // of the ticket itself
	Earlier bool    // there are entries before these
	Later   bool    // there are entries after these
	Read    Reading // how far the actor had read before
	Seen    int64   // how far the other side has read; 0 unless the chat's last line is the actor's own and within it
	SeenBy  string  // who has
}

// Reading is how far a user has read a ticket, and how many entries of others
// came since. The zero value is that of a user who never opened it.
type Reading struct {
	Seq      int64
	Unread   int32
	Notified bool // the user has an unread notification of the ticket
}

// Last is the place of the newest entry of the stretch; where there is none,
// the end of the log.
func (t Timeline) Last() int64 {
	if len(t.Entries) == 0 {
		return t.Ticket.LastSeq
	}
	return t.Entries[len(t.Entries)-1].Seq
}

// Get reads one ticket without its log.
func (s *Tickets) Get(ctx context.Context, actor account.Actor, id int64) (Ticket, error) {
	return s.ticket(ctx, s.q, actor, id)
}

// Timeline reads a ticket and a stretch of its log, in one round trip.
func (s *Log) Timeline(ctx context.Context, actor account.Actor, ticketID int64, r TimelineRange) (Timeline, error) {
	limit := r.Limit
	if limit <= 0 || limit > PageEntries {
		limit = PageEntries
	}
	if r.After > 0 {
		return s.timelineAfter(ctx, actor, ticketID, r.After, limit)
	}
	before := r.Before
	if before <= 0 {
		before = math.MaxInt64
	}
	seesAll, viewer := actor.Scope()
	page, err := db.ReadTicketPage(ctx, s.pool,
		db.GetTicketParams{ID: ticketID, SeesAll: seesAll, Viewer: viewer},
		db.TimelineEntriesParams{TicketID: ticketID, Before: before, Max: int32(limit + 1)})
	if err != nil {
		return Timeline{}, db.Found(err, "read ticket page")
	}
	t := Timeline{Ticket: page.Ticket, Later: r.Before > 0}
	for _, r := range page.Reads {
		if r.UserID == viewer {
			t.Read = Reading{r.Seq, r.Unread, r.Notified}
		}
	}
	if len(page.Entries) > limit {
		page.Entries = page.Entries[:limit]
	}
	t.fill(page.Entries, page.Files)
	slices.Reverse(t.Entries)
	// Nothing but "opened" stands before place 2.
	t.Earlier = len(t.Entries) > 0 && t.Entries[0].Seq > 2
	return t, s.seenLine(ctx, actor, &t, page.Reads)
}

func (s *Log) timelineAfter(ctx context.Context, actor account.Actor, ticketID, after int64, limit int) (Timeline, error) {
	ticket, err := s.ticket(ctx, s.q, actor, ticketID)
	if err != nil {
		return Timeline{}, err
	}
	rows, err := s.q.TimelineEntriesAfter(ctx, db.TimelineEntriesAfterParams{TicketID: ticketID, After: after, Max: int32(limit + 1)})
	if err != nil {
		return Timeline{}, fmt.Errorf("read entries: %w", err)
	}
	files, err := s.q.TimelineFiles(ctx, &ticketID)
	if err != nil {
		return Timeline{}, fmt.Errorf("read files of entries: %w", err)
	}
	t := Timeline{Ticket: ticket, Earlier: after > 1, Later: len(rows) > limit, Read: Reading{Seq: after}}
	entries := make([]db.TimelineEntriesRow, 0, len(rows))
	for _, row := range rows[:min(len(rows), limit)] {
		entries = append(entries, db.TimelineEntriesRow(row))
	}
	t.fill(entries, files)
	return t, nil
}

// fill takes over the rows, each with the files of its place.
func (t *Timeline) fill(rows []db.TimelineEntriesRow, files []db.TimelineFilesRow) {
	of := filesBySeq(files)
	t.Files = of[1]
	t.Entries = make([]Event, 0, len(rows))
	for _, row := range rows {
		if row.Kind == KindOpened {
			continue
		}
		t.Entries = append(t.Entries, Event{Seq: row.Seq, Kind: row.Kind, AuthorID: row.AuthorID, Author: row.Author,
			AuthorRole: row.AuthorRole, Body: row.Body, Data: row.Data, CreatedAt: row.CreatedAt, Files: of[row.Seq]})
	}
}

// filesBySeq groups files by the seq of their entry.
func filesBySeq[R db.TimelineFilesRow | db.NewsFilesRow](rows []R) map[int64][]File {
	of := map[int64][]File{}
	for _, row := range rows {
		f := db.TimelineFilesRow(row)
		of[f.Seq] = append(of[f.Seq], File{Name: f.Name, Filename: f.Filename, ContentType: f.ContentType, Size: f.Size})
	}
	return of
}

// MarkRead stores that the actor has read the ticket up to seq, if it was read up to
// was before, and marks the notification of it as read. Nothing is written if
// nothing changed, or if a new entry came in between.
func (s *Log) MarkRead(ctx context.Context, actor account.Actor, ticketID, seq int64, was Reading) error {
	if seq > was.Seq || was.Unread > 0 {
		err := s.q.MarkRead(ctx, db.MarkReadParams{TicketID: ticketID, UserID: actor.ID, Seq: seq, WasSeq: was.Seq, WasUnread: was.Unread})
		if err != nil {
			return fmt.Errorf("mark read: %w", err)
		}
	}
	if !was.Notified {
		return nil
	}
	return s.readNotification(ctx, actor, ticketID, seq)
}
