package desk

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/mailout"
)

// PageEntries is the maximum number of log entries on one page of a ticket.
const PageEntries = 100

// Event is one entry of a ticket's log.
type Event struct {
	Seq        int64
	Kind       event.Kind
	AuthorID   int64
	Author     string
	AuthorRole account.Role
	Side       Side   // "" if it was written before sides were stored, see [Event.SideIn]
	Internal   bool   // only staff see it
	Body       string // the text of a comment, chat message or note
	Data       []byte // a JSON object, by kind: see package event
	CreatedAt  time.Time
	Files      []File                  // attachments that have not been removed
	Mail       *mailout.DeliveryStatus // the mail to the requester; nil unless [Mail.AddDeliveryStatuses] has set it
}

// File is an attachment of an entry.
type File struct {
	Name        string // the stored name, used in the path /uploads/{name}
	Filename    string // the name that the uploader gave
	ContentType string
	Size        int64 // bytes
}

// fileOf returns the fields of an attachment that pages show.
func fileOf(a Attachment) File {
	return File{Name: a.Name, Filename: a.Filename, ContentType: a.ContentType, Size: a.Size}
}

// SideIn returns the side from which the event's author took part in its ticket.
func (e Event) SideIn(t Ticket) Side {
	switch {
	case e.Side != "":
		return e.Side
	case e.AuthorID == t.RequesterID:
		return RequesterSide
	}
	return StaffSide
}

// Status returns the data of a status entry, or the zero value for other entries.
func (e Event) Status() event.StatusChange { return event.Decode[event.StatusChange](e.Data) }

// Field returns the data of a field entry, or the zero value for other entries.
func (e Event) Field() event.FieldChange { return event.Decode[event.FieldChange](e.Data) }

// File returns the data of an attachment entry, or the zero value for other entries.
func (e Event) File() event.FileChange { return event.Decode[event.FileChange](e.Data) }

// Restored reports whether a deletion entry records that the ticket was restored.
func (e Event) Restored() bool { return event.Decode[event.Deletion](e.Data).Restored }

// TimelineRange selects entries of a log. The zero value selects the newest entries.
type TimelineRange struct {
	After  int64 // if positive, select the entries that follow this seq
	Before int64 // if positive, select the newest entries before this seq
	Limit  int   // the maximum number of entries; 0 or more than PageEntries is PageEntries
}

// Timeline is a ticket with consecutive entries of its log.
type Timeline struct {
	Ticket  Ticket
	Entries []Event                 // ordered by seq, without the "opened" entry
	Files   []File                  // files attached when the ticket was opened
	Entered string                  // who opened the ticket for its requester, if the entry "opened" is in the range; "" if the requester did
	Mail    *mailout.DeliveryStatus // of the mail to the requester about a ticket that Entered opened, see [Mail.AddDeliveryStatuses]
	Earlier bool                    // there are entries before these
	Later   bool                    // there are entries after these
	Read    Reading                 // the actor's read position before this request
	Seen    int64                   // the last of these entries that the other side has read; 0 unless the actor wrote the last chat message and it is read
}

// Reading is a user's read position in a ticket. It is the zero value if the user has
// never opened the ticket.
type Reading struct {
	Seq      int64 // the seq of the last entry that was read
	Unread   int32 // how many later entries other users wrote
	Notified bool  // the user has an unread notification of the ticket
}

// Last returns the seq of the newest entry of the timeline, or the last seq of the
// ticket's log if the timeline has no entries.
func (t Timeline) Last() int64 {
	if len(t.Entries) == 0 {
		return t.Ticket.LastSeq
	}
	return t.Entries[len(t.Entries)-1].Seq
}

// Get returns a ticket without its log. A ticket that the actor may not read is
// [fault.ErrNotFound].
func (s *Tickets) Get(ctx context.Context, actor account.Actor, id int64) (Ticket, error) {
	return s.ticket(ctx, s.q, actor, id)
}

// Timeline returns a ticket with the entries of its log that r selects. A ticket that the
// actor may not read is [fault.ErrNotFound].
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
	reach, viewer := actor.Scope()
	page, err := db.ReadTicketPage(ctx, s.pool,
		db.GetTicketParams{ID: ticketID, Reach: reach, Viewer: viewer, IsStaff: isStaff(actor)},
		db.TimelineEntriesParams{TicketID: ticketID, Before: before, Max: int32(limit + 1), IsStaff: isStaff(actor), Viewer: viewer})
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
		t.Earlier = page.Entries[limit].Kind != event.KindOpened // which is not shown
		page.Entries = page.Entries[:limit]
	}
	t.fill(page.Entries, page.Files)
	slices.Reverse(t.Entries)
	seenMessage(actor, &t, page.Reads)
	return t, nil
}

// timelineAfter returns a ticket with at most limit entries that follow a seq.
func (s *Log) timelineAfter(ctx context.Context, actor account.Actor, ticketID, after int64, limit int) (Timeline, error) {
	ticket, err := s.ticket(ctx, s.q, actor, ticketID)
	if err != nil {
		return Timeline{}, err
	}
	rows, err := s.q.TimelineEntriesAfter(ctx, db.TimelineEntriesAfterParams{TicketID: ticketID, After: after, Max: int32(limit + 1), Internal: SeesInternal(actor, ticket)})
	if err != nil {
		return Timeline{}, fmt.Errorf("read entries: %w", err)
	}
	files, err := s.q.TimelineFiles(ctx, db.TimelineFilesParams{TicketID: ticketID, IsStaff: isStaff(actor), Viewer: actor.ID})
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

// fill sets the entries and their files from database rows.
func (t *Timeline) fill(rows []db.TimelineEntriesRow, files []db.TimelineFilesRow) {
	of := filesBySeq(files)
	t.Files = of[1]
	t.Entries = make([]Event, 0, len(rows))
	for _, row := range rows {
		if row.Kind == event.KindOpened {
			if row.AuthorID != t.Ticket.RequesterID {
				t.Entered = row.Author
			}
			continue
		}
		t.Entries = append(t.Entries, Event{Seq: row.Seq, Kind: row.Kind, AuthorID: row.AuthorID, Author: row.Author,
			AuthorRole: row.AuthorRole, Side: Side(row.Side), Internal: row.Internal, Body: row.Body, Data: row.Data, CreatedAt: row.CreatedAt, Files: of[row.Seq]})
	}
}

// filesBySeq groups files by the seq of their entry.
func filesBySeq[R db.TimelineFilesRow | db.UpdatedFilesRow | db.FilesOfEntriesRow](rows []R) map[int64][]File {
	of := map[int64][]File{}
	for _, row := range rows {
		f := db.TimelineFilesRow(row)
		of[f.Seq] = append(of[f.Seq], File{Name: f.Name, Filename: f.Filename, ContentType: f.ContentType, Size: f.Size})
	}
	return of
}

// MarkRead stores that the actor has read the ticket up to seq, and marks the actor's
// notification of it as read. The value of was is the read position when the page was
// loaded. MarkRead writes nothing if the position has not changed, or if an entry was
// added since then.
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
