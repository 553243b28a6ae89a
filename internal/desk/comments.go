package desk

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/input"
)

// Input is a comment or a chat message of a user: a [CommentInput] or a [MessageInput].
type Input interface {
	// checked returns the comment to add, or [*fault.Invalid].
	checked() (newComment, error)
}

// CommentInput is a comment on a ticket. Its files are those staged under its submission id.
type CommentInput struct {
	Text         string `form:"text" json:"text" validate:"required,max=20000,text"`
	Then         string `form:"then" json:"-" validate:"omitempty,oneof=resolved keep"` // "resolved": staff's "Send and resolve"; "keep": the requester's "Send, keep it resolved"
	Leaves       bool   `json:"-"`                                                      // staff go on to the next ticket
	Start        bool   `form:"start" json:"-"`                                         // staff set an open ticket to in progress, unless Then is set
	SubmissionID string `form:"submission_id" json:"-" validate:"max=100,line"`         // "" if a repetition need not be recognised
	Seen         int64  `form:"seen" json:"-"`                                          // the seq up to which the log was shown; 0 to skip the check
}

// MessageInput is a chat message on a ticket.
type MessageInput struct {
	Text         string `form:"text" json:"message" validate:"required,max=2000,text"`
	SubmissionID string `form:"submission_id" json:"clientMsgId" validate:"max=100,line" doc:"A key that you choose: a message that is sent again with the same key is stored once."`
}

func (in CommentInput) checked() (newComment, error) {
	err := input.Check(&in)
	return newComment{kind: event.KindComment, text: in.Text, submissionID: in.SubmissionID, resolve: in.Then == "resolved", start: in.Start && in.Then == "", keep: in.Then == "keep", leaves: in.Then == "resolved" || in.Leaves, seen: in.Seen}, err
}

func (in MessageInput) checked() (newComment, error) {
	err := input.Check(&in)
	return newComment{kind: event.KindMessage, text: in.Text, submissionID: in.SubmissionID}, err
}

// newComment is a comment or a chat message to add.
type newComment struct {
	kind         event.Kind
	text         string
	submissionID string
	resolve      bool
	start        bool // an open ticket gets in progress
	keep         bool // a finished ticket stays as it is
	leaves       bool // the author resolves the ticket or goes on to the next one
	seen         int64
}

func (c newComment) hash(files []Attachment) []byte {
	fields := []string{string(c.kind), c.text, fmt.Sprint(c.resolve)}
	if c.keep {
		fields = append(fields, "keep")
	}
	if c.start {
		fields = append(fields, "start")
	}
	return submissionHash(fields, files)
}

// Add adds a comment or a chat message. If the same form was sent before, it returns the
// event that was added then, or [fault.ErrKeyReused] if the text or the files differ. It
// returns [*Unseen] for a comment whose author has not seen newer comments of other staff, or that
// resolves or leaves a ticket on which the requester has written since.
// A comment or message of the requester reopens a resolved or closed ticket, unless the
// requester chose to keep it as it is.
func (s *Comments) Add(ctx context.Context, actor account.Actor, ticketID int64, in Input) (e Event, err error) {
	c, err := in.checked()
	if err != nil {
		return Event{}, err
	}
	if actor.Right.HasExpired(s.Now()) { // WriteComment does not know when a signed token expires
		return Event{}, fault.ErrSignedOut
	}
	if err := s.allowComment(ctx, actor); err != nil {
		return Event{}, err
	}
	defer func() { s.refundComment(actor, err) }()
	if !c.resolve && !c.start {
		// Most comments need nothing else, so one statement writes them, together with
		// those of others. It writes nothing if more is needed, if the form was sent
		// before, if the actor may not comment, or if the ticket is locked. The
		// transaction below handles these cases.
		e, err := s.insertComment(ctx, s.writePlain, actor, ticketID, c, nil)
		if err == nil || !errors.Is(err, pgx.ErrNoRows) && !db.Violates(err, "ticket_events_submission_key") {
			return e, err
		}
	}
	err = s.act(ctx, actor, func(q *db.Queries) (err error) {
		e, err = s.addInTransaction(ctx, q, actor, ticketID, c)
		return err
	})
	return e, err
}

// addInTransaction adds a comment with its files and the change of status that follows from
// it. It must run in a transaction.
func (s *Comments) addInTransaction(ctx context.Context, q *db.Queries, actor account.Actor, ticketID int64, c newComment) (Event, error) {
	t, err := s.lock(ctx, q, actor, ticketID)
	switch {
	case err != nil:
		return Event{}, err
	case !May(actor, ToReply, t), (c.resolve || c.start) && !May(actor, ToTriage, t):
		return Event{}, fault.ErrForbidden
	}
	files, err := s.submitted(ctx, q, actor, c.submissionID)
	if err != nil {
		return Event{}, err
	}
	if e, err := s.sentBefore(ctx, q, actor, ticketID, c, files); !errors.Is(err, pgx.ErrNoRows) {
		return e, err
	}
	if err := s.checkUnseen(ctx, q, actor, t, c); err != nil {
		return Event{}, err
	}
	e, err := s.insertComment(ctx, q.WriteComment, actor, ticketID, c, files)
	if err != nil {
		return Event{}, err
	}
	claimed, err := s.claim(ctx, q, actor, c.submissionID, ticketID, e.Seq)
	if err != nil {
		return Event{}, err
	}
	for _, f := range claimed {
		e.Files = append(e.Files, fileOf(f))
	}
	return e, s.followUp(ctx, q, actor, t, c, e.Seq)
}

// checkUnseen returns [*Unseen] if other staff have commented after the seq that the author has
// seen. For a comment that resolves or leaves the ticket, it also does so if the requester has written,
// because an answered ticket does not wait and its author would not see the new entry. The ticket must be
// locked, so that nothing is added after the check.
func (s *Comments) checkUnseen(ctx context.Context, q *db.Queries, actor account.Actor, t Ticket, c newComment) error {
	if c.seen <= 0 || c.seen >= t.LastSeq {
		return nil
	}
	n, err := q.UnseenEntries(ctx, db.UnseenEntriesParams{TicketID: t.ID, Seen: c.seen, AuthorID: actor.ID, RequesterID: t.RequesterID})
	switch {
	case err != nil:
		return fmt.Errorf("look for unseen entries: %w", err)
	case n.Answers > 0, c.leaves && n.Requester != "":
		return &Unseen{Answers: int(n.Answers), After: c.seen, First: n.First, By: n.Author, Requester: n.Requester, Changed: n.OnlyChanged}
	}
	return nil
}

// followUp reopens a finished ticket after its requester has written, unless they chose to
// keep it. It resolves a ticket, or sets an open one to in progress, if staff chose to.
// seq is that of the comment.
func (s *Comments) followUp(ctx context.Context, q *db.Queries, actor account.Actor, t Ticket, c newComment, seq int64) error {
	done := !t.Status.IsActive()
	switch {
	case c.resolve && !done:
		return s.changeStatus(ctx, q, actor, t, event.StatusChange{To: StatusResolved, Reply: seq})
	case c.start && t.Status == StatusOpen:
		return s.changeStatus(ctx, q, actor, t, event.StatusChange{To: StatusInProgress, Reply: seq})
	case c.keep && done && SideOf(actor, t) == RequesterSide:
		if err := q.StopWaiting(ctx, t.ID); err != nil {
			return fmt.Errorf("stop waiting: %w", err)
		}
	case !c.resolve && done && SideOf(actor, t) == RequesterSide:
		return s.changeStatus(ctx, q, actor, t, event.StatusChange{To: StatusOpen, Why: string(c.kind)})
	}
	return nil
}

// sentBefore returns the event that the same form added before, with its files that were not removed
// since, or [pgx.ErrNoRows] if it was not sent before. files are those that were sent with the form.
func (s *core) sentBefore(ctx context.Context, q *db.Queries, actor account.Actor, ticketID int64, c newComment, files []Attachment) (Event, error) {
	if c.submissionID == "" {
		return Event{}, pgx.ErrNoRows
	}
	was, err := q.GetSentComment(ctx, db.GetSentCommentParams{TicketID: ticketID, AuthorID: actor.ID, SubmissionID: c.submissionID})
	if err != nil {
		return Event{}, fmt.Errorf("look for the same form: %w", err)
	}
	if was.Kind != c.kind || !bytes.Equal(was.SubmissionHash, c.hash(files)) {
		return Event{}, fault.ErrKeyReused
	}
	e := Event{Seq: was.Seq, Kind: was.Kind, AuthorID: actor.ID, Author: actor.Username, AuthorRole: actor.Role,
		Side: Side(was.Side), Internal: was.Internal, Body: was.Body, Data: was.Data, CreatedAt: was.CreatedAt}
	for _, f := range files {
		if f.Seq != nil && *f.Seq == was.Seq && f.RemovedAt == nil {
			e.Files = append(e.Files, fileOf(f))
		}
	}
	return e, nil
}

// insertComment writes the comment, and returns the errors of write.
func (s *Comments) insertComment(ctx context.Context, write commentWriter, actor account.Actor, ticketID int64, c newComment, files []Attachment) (Event, error) {
	reach, author := actor.Scope()
	if !actor.Can(account.ReplyToTickets) {
		reach = string(account.ReachOwn) // as May(actor, ToReply, t)
	}
	e := Event{Kind: c.kind, AuthorID: author, Author: actor.Username, AuthorRole: actor.Role,
		Body: c.text, Data: []byte("{}"), CreatedAt: s.Now()}
	var err error
	e.Seq, err = write(ctx, db.WriteCommentParams{
		TicketID: ticketID, Kind: c.kind, AuthorID: author, Body: c.text, SubmissionID: c.submissionID,
		SubmissionHash: c.hash(files), Now: e.CreatedAt, Reach: reach, Seen: c.seen, Assigns: s.replyAssigns(actor),
		AuthorRole: actor.RoleKey(), RightVersion: actor.Right.Version, RightSession: actor.Right.Session, RightToken: actor.Right.TokenHash(),
	})
	if err != nil {
		return Event{}, fmt.Errorf("write comment: %w", err)
	}
	return e, nil
}

// commentWriter writes a row and returns its seq.
type commentWriter func(context.Context, db.WriteCommentParams) (seq int64, err error)

// allowComment counts one comment, chat message or change of a ticket under Limits.Talk. It
// returns [*fault.Limited] if the rate is exceeded. Callers call refundComment with the
// result of the action.
func (s *core) allowComment(ctx context.Context, actor account.Actor) error {
	return s.commentLeases.Allow(ctx, actor.ID)
}

// refundComment takes back the count of an action that failed with err. It returns the use to
// this replica's lease, because the database has counted the whole lease.
func (s *core) refundComment(actor account.Actor, err error) {
	if err != nil {
		s.commentLeases.GiveBack(actor.ID)
	}
}
