package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// Input is what a user adds to a ticket's log in their own words: a [CommentInput] or a
// [MessageInput].
type Input interface {
	// checked returns the entry to add, or [*fault.Invalid].
	checked() (line, error)
}

// CommentInput is a comment: the permanent record. Files are those staged under
// its submission id.
type CommentInput struct {
	Text         string `form:"text" json:"text" validate:"required,max=20000,text"`
	Then         string `form:"then" json:"-" validate:"omitempty,oneof=resolved keep"` // "resolved": staff's "Send and resolve"; "keep": the requester's "Send, keep it resolved"
	SubmissionID string `form:"submission_id" json:"-" validate:"max=100,line"`         // "" is a line that cannot be told from another
	Seen         int64  `form:"seen" json:"-"`                                          // the place up to which the log was shown; 0 asks for no check of it
}

// MessageInput is a line of chat: quick talk on the same ticket.
type MessageInput struct {
	Text         string `form:"text" json:"message" validate:"required,max=2000,text"`
	SubmissionID string `form:"submission_id" json:"clientMsgId" validate:"max=100,line" doc:"A name of your own for the line: sent again with the same one it is stored once."`
}

func (in CommentInput) checked() (line, error) {
	err := input.Check(&in)
	return line{kind: KindComment, text: in.Text, submissionID: in.SubmissionID, resolve: in.Then == "resolved", keep: in.Then == "keep", seen: in.Seen}, err
}

func (in MessageInput) checked() (line, error) {
	err := input.Check(&in)
	return line{kind: KindMessage, text: in.Text, submissionID: in.SubmissionID}, err
}

// line is what a person says on a ticket, in a comment or in the chat.
type line struct {
	kind         EventKind
	text         string
	submissionID string
	resolve      bool
	keep         bool // a finished ticket stays as it is
	seen         int64
}

func (l line) hash(files []Attachment) []byte {
	fields := []string{string(l.kind), l.text, fmt.Sprint(l.resolve)}
	if l.keep {
		fields = append(fields, "keep")
	}
	return submissionHash(fields, files)
}

// Add adds a comment or a chat message. The same form sent again returns the entry it
// made before; with another text or other files it is [fault.ErrKeyReused]. A comment
// whose author has not seen what others of staff answered meanwhile is [*Unseen]. A
// requester's entry on a resolved or closed ticket opens it again, unless the
// requester says to keep it.
func (s *Comments) Add(ctx context.Context, actor account.Actor, ticketID int64, in Input) (e Event, err error) {
	l, err := in.checked()
	if err != nil {
		return Event{}, err
	}
	if actor.Right.HasExpired(s.Now()) { // the statement of a plain line does not know when a signed token ends
		return Event{}, fault.ErrSignedOut
	}
	if err := s.allowTalk(ctx, actor); err != nil {
		return Event{}, err
	}
	defer func() { s.refundTalk(actor, err) }()
	if !l.resolve {
		// Nearly every line is plain talk, and one statement writes it, together with
		// others. What is more than that, was sent before, may not be, or would have to
		// wait for its ticket, is left to the transaction below.
		e, err := s.insertLine(ctx, s.writePlain, actor, ticketID, l, nil, true)
		if err == nil || !errors.Is(err, pgx.ErrNoRows) && !db.Violates(err, "ticket_events_submission_key") {
			return e, err
		}
	}
	err = s.act(ctx, actor, func(q *db.Queries) (err error) {
		e, err = s.writeLineWithRest(ctx, q, actor, ticketID, l)
		return err
	})
	return e, err
}

// writeLineWithRest is a step: the line, its files, and the change of status that follows from it.
func (s *Comments) writeLineWithRest(ctx context.Context, q *db.Queries, actor account.Actor, ticketID int64, l line) (Event, error) {
	t, err := s.lock(ctx, q, actor, ticketID)
	switch {
	case err != nil:
		return Event{}, err
	case l.resolve && !actor.Can(account.TriageTickets):
		return Event{}, fault.ErrForbidden
	}
	files, err := s.submitted(ctx, q, actor, l.submissionID)
	if err != nil {
		return Event{}, err
	}
	if e, err := s.sentLine(ctx, q, actor, ticketID, l, files); !errors.Is(err, pgx.ErrNoRows) {
		return e, err
	}
	if err := s.seenAnswers(ctx, q, actor, t, l.seen); err != nil {
		return Event{}, err
	}
	e, err := s.insertLine(ctx, q.WriteLine, actor, ticketID, l, files, false)
	if err != nil {
		return Event{}, err
	}
	claimed, err := s.claim(ctx, q, actor, l.submissionID, ticketID, e.Seq)
	if err != nil {
		return Event{}, err
	}
	for _, f := range claimed {
		e.Files = append(e.Files, File{Name: f.Name, Filename: f.Filename, ContentType: f.ContentType, Size: f.Size})
	}
	return e, s.followUp(ctx, q, actor, t, l)
}

// seenAnswers is a step: [*Unseen] where others of staff have commented after
// the place seen. On the locked ticket nothing can come in between.
func (s *Comments) seenAnswers(ctx context.Context, q *db.Queries, actor account.Actor, t Ticket, seen int64) error {
	if seen <= 0 || seen >= t.LastSeq {
		return nil
	}
	n, err := q.UnseenAnswers(ctx, db.UnseenAnswersParams{TicketID: t.ID, Seen: seen, AuthorID: actor.ID, RequesterID: t.RequesterID})
	switch {
	case err != nil:
		return fmt.Errorf("look for unseen answers: %w", err)
	case n.Answers > 0:
		return &Unseen{Comments: int(n.Answers), After: seen, First: n.First}
	}
	return nil
}

// followUp reopens a finished ticket on which its requester has written, unless
// they said to keep it, and resolves a ticket when staff said so.
func (s *Comments) followUp(ctx context.Context, q *db.Queries, actor account.Actor, t Ticket, l line) error {
	done := t.Status == StatusResolved || t.Status == StatusClosed
	switch {
	case l.resolve && !done:
		return s.changeStatus(ctx, q, actor, t, StatusResolved, "")
	case l.keep && done && SideOf(actor, t) == RequesterSide:
		if err := q.StopWaiting(ctx, t.ID); err != nil {
			return fmt.Errorf("stop waiting: %w", err)
		}
	case !l.resolve && done && SideOf(actor, t) == RequesterSide:
		return s.changeStatus(ctx, q, actor, t, StatusOpen, string(l.kind))
	}
	return nil
}

// sentLine finds what the same form made before; no rows where it made nothing yet.
func (s *Comments) sentLine(ctx context.Context, q *db.Queries, actor account.Actor, ticketID int64, l line, files []Attachment) (Event, error) {
	if l.submissionID == "" {
		return Event{}, pgx.ErrNoRows
	}
	was, err := q.GetSentLine(ctx, db.GetSentLineParams{TicketID: ticketID, AuthorID: actor.ID, SubmissionID: l.submissionID})
	if err != nil {
		return Event{}, fmt.Errorf("look for the same form: %w", err)
	}
	if was.Kind != l.kind || !bytes.Equal(was.SubmissionHash, l.hash(files)) {
		return Event{}, fault.ErrKeyReused
	}
	return Event{Seq: was.Seq, Kind: was.Kind, AuthorID: actor.ID, Author: actor.Username, AuthorRole: actor.Role,
		Body: was.Body, Data: []byte("{}"), CreatedAt: was.CreatedAt}, nil
}

// insertLine writes the line. With plain it returns pgx.ErrNoRows if more would
// have to happen, if the actor may not see the ticket, or if their right may have ended.
func (s *Comments) insertLine(ctx context.Context, write lineWriter, actor account.Actor, ticketID int64, l line, files []Attachment, plain bool) (Event, error) {
	seesAll, author := actor.Scope()
	e := Event{Kind: l.kind, AuthorID: author, Author: actor.Username, AuthorRole: actor.Role,
		Body: l.text, Data: []byte("{}"), CreatedAt: s.Now()}
	var err error
	e.Seq, err = write(ctx, db.WriteLineParams{
		TicketID: ticketID, Kind: l.kind, AuthorID: author, Body: l.text, SubmissionID: l.submissionID,
		SubmissionHash: l.hash(files), Now: e.CreatedAt, SeesAll: seesAll, Plain: plain, Seen: l.seen,
		AuthorRole: string(actor.Role), RightVersion: actor.Right.Version, RightSession: actor.Right.Session, RightToken: actor.Right.TokenHash(),
	})
	if err != nil {
		return Event{}, fmt.Errorf("write line: %w", err)
	}
	return e, nil
}

type lineWriter func(context.Context, db.WriteLineParams) (seq int64, err error)
