package desk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// Notes adds and deletes internal notes: entries of a ticket's log that only staff see.
type Notes struct{ *core }

// NoteInput is an internal note on a ticket. Its files are those staged under its
// submission id.
type NoteInput struct {
	Text         string `form:"text" json:"text" validate:"required,max=20000,text"`
	SubmissionID string `form:"submission_id" json:"-" validate:"max=100,line"`
}

// Note is a note that was just added.
type Note struct {
	Event
	Unmentioned []Unmentioned // names in it that mention no colleague
}

// Note returns the data of a note, or the zero value for other entries.
func (e Event) Note() event.NoteData { return event.Decode[event.NoteData](e.Data) }

// NoteDeletable is how long an author may delete their own note.
const NoteDeletable = 10 * time.Minute

// Add adds an internal note. A colleague whom it mentions becomes a follower of the ticket.
// If the same form was sent before, it returns the note that was added then, or
// [fault.ErrKeyReused] if the text or the files differ. It returns [fault.ErrForbidden] if
// the actor may read the ticket, but not write notes on it.
func (s *Notes) Add(ctx context.Context, actor account.Actor, ticketID int64, in NoteInput) (n Note, err error) {
	invalid := input.Check(&in)
	if err := s.allowComment(ctx, actor); err != nil {
		return Note{}, err
	}
	defer func() { s.refundComment(actor, err) }()
	err = s.act(ctx, actor, func(q *db.Queries) error {
		t, err := s.lock(ctx, q, actor, ticketID)
		switch {
		case err != nil:
			return err
		case !May(actor, ToNote, t):
			return fault.ErrForbidden
		case invalid != nil:
			return invalid
		}
		n, err = s.add(ctx, q, actor, ticketID, in)
		return err
	})
	return n, err
}

// add writes the note with its files and mentions, unless the same form was sent before. The
// ticket must be locked.
func (s *Notes) add(ctx context.Context, q *db.Queries, actor account.Actor, ticketID int64, in NoteInput) (Note, error) {
	files, err := s.submitted(ctx, q, actor, in.SubmissionID)
	if err != nil {
		return Note{}, err
	}
	c := newComment{kind: event.KindNote, text: in.Text, submissionID: in.SubmissionID}
	e, err := s.sentBefore(ctx, q, actor, ticketID, c, files)
	if err == nil {
		_, unmentioned, err := s.mentions(ctx, q, ticketID, e.Body) // a note stores only whom it mentions
		return Note{e, unmentioned}, err
	}
	if !errors.Is(err, pgx.ErrNoRows) {
		return Note{}, err
	}
	mentions, unmentioned, err := s.mentions(ctx, q, ticketID, in.Text)
	if err != nil {
		return Note{}, err
	}
	e = Event{Kind: event.KindNote, AuthorID: actor.ID, Author: actor.Username, AuthorRole: actor.Role, Side: StaffSide, Internal: true, Body: in.Text, CreatedAt: s.Now()}
	if e.Data, err = json.Marshal(event.NoteData{Mentions: mentions}); err != nil {
		return Note{}, fmt.Errorf("encode note: %w", err)
	}
	e.Seq, err = q.RecordInternalEvent(ctx, db.RecordInternalEventParams{TicketID: ticketID, Kind: event.KindNote, AuthorID: actor.ID, Body: in.Text,
		Data: e.Data, SubmissionID: in.SubmissionID, SubmissionHash: c.hash(files), Now: e.CreatedAt})
	if err != nil {
		return Note{}, fmt.Errorf("write note: %w", err)
	}
	if e.Files, err = s.claimForNote(ctx, q, actor, in.SubmissionID, ticketID, e.Seq); err != nil {
		return Note{}, err
	}
	for _, m := range mentions {
		if err := s.follow(ctx, q, ticketID, m.ID, followMentioned); err != nil {
			return Note{}, err
		}
	}
	return Note{e, unmentioned}, nil
}

// claimForNote attaches the files staged for the actor's form to a note.
func (s *Notes) claimForNote(ctx context.Context, q *db.Queries, actor account.Actor, submissionID string, ticketID, seq int64) (files []File, err error) {
	if submissionID == "" {
		return nil, nil
	}
	rows, err := q.ClaimNoteFiles(ctx, db.ClaimNoteFilesParams{UserID: actor.ID, SubmissionID: submissionID, TicketID: ticketID, Seq: seq})
	if err != nil {
		return nil, fmt.Errorf("claim files of a note: %w", err)
	}
	claimed := make([]Attachment, len(rows))
	for i, row := range rows {
		claimed[i] = Attachment(row)
		files = append(files, fileOf(claimed[i]))
	}
	return files, checkTicket(ticketID, claimed)
}

// MayDeleteNote reports whether the actor may delete the text of a note, an entry of a
// ticket that they may read.
func MayDeleteNote(actor account.Actor, e Event, now time.Time) bool {
	return e.Kind == event.KindNote && e.AuthorID == actor.ID && !e.Note().Deleted && now.Sub(e.CreatedAt) < NoteDeletable
}

// Delete deletes the text and the files of the actor's own note, up to [NoteDeletable] after it
// was written. Its entry stays in the log. It returns [fault.ErrForbidden] for a note of
// another author, [fault.ErrNoteTooOld] for an older note, and [fault.ErrNotFound] if there is
// no such note. A note that is deleted already stays as it is.
func (s *Notes) Delete(ctx context.Context, actor account.Actor, ticketID, seq int64) error {
	return s.act(ctx, actor, func(q *db.Queries) error {
		t, err := s.lock(ctx, q, actor, ticketID)
		switch {
		case err != nil:
			return err
		case !SeesInternal(actor, t):
			return fault.ErrForbidden
		}
		now := s.Now()
		_, err = q.DeleteNote(ctx, db.DeleteNoteParams{TicketID: ticketID, Seq: seq, AuthorID: actor.ID, Since: now.Add(-NoteDeletable), Now: now})
		if err == nil {
			err = q.WakeNoteDeleted(ctx, db.WakeNoteDeletedParams{TicketID: ticketID, Seq: seq})
		}
		if err == nil || !errors.Is(err, pgx.ErrNoRows) {
			return db.Found(err, "delete note")
		}
		was, err := q.GetNote(ctx, db.GetNoteParams{TicketID: ticketID, Seq: seq})
		switch {
		case err != nil:
			return db.Found(err, "read note")
		case was.AuthorID == actor.ID && was.Deleted:
			return nil
		case was.AuthorID == actor.ID:
			return fault.ErrNoteTooOld
		}
		return fault.ErrForbidden
	})
}
