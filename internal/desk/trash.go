package desk

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/event"
	"frontdesk/internal/fault"
	"frontdesk/internal/ticketquery"
)

// Grace is how long a deleted ticket can be restored.
const Grace = 30 * 24 * time.Hour

// Deletion is a ticket with the numbers of the comments, messages and files that are
// deleted with it.
type Deletion struct {
	Ticket   Ticket
	Comments int
	Messages int // chat messages; 1000 means that many or more
	Files    int
}

// DeletionOf returns what deleting the ticket would delete. It returns [fault.ErrForbidden] if
// the actor may not delete the ticket.
func (s *Tickets) DeletionOf(ctx context.Context, actor account.Actor, id int64) (Deletion, error) {
	t, err := s.ticket(ctx, s.q, actor, id)
	if err != nil {
		return Deletion{}, err
	}
	if !May(actor, ToDelete, t) {
		return Deletion{}, fault.ErrForbidden
	}
	n, err := s.q.CountDeletion(ctx, id)
	if err != nil {
		return Deletion{}, db.Found(err, "count the entries of a deletion")
	}
	return Deletion{t, int(n.CommentCount), int(n.MessageCount), int(n.FileCount)}, nil
}

// Delete deletes the ticket with its entries and files. A user with [account.ManageTrash] can
// restore it for [Grace]; then [Upkeep.Sweep] removes it. Delete returns [fault.ErrForbidden] if the actor may
// not delete the ticket.
func (s *Tickets) Delete(ctx context.Context, actor account.Actor, id int64) error {
	return s.act(ctx, actor, func(q *db.Queries) error {
		t, err := s.lock(ctx, q, actor, id)
		if err != nil {
			return err
		}
		if !May(actor, ToDelete, t) {
			return fault.ErrForbidden
		}
		if _, err := s.record(ctx, q, actor, id, entry{kind: event.KindDeletion, data: event.Deletion{}}); err != nil {
			return err
		}
		if err := q.DeleteTicket(ctx, db.DeleteTicketParams{ID: id, DeletedBy: actor.ID, Now: s.Now()}); err != nil {
			return fmt.Errorf("delete ticket: %w", err)
		}
		return nil
	})
}

// TrashRow is one deleted ticket.
type TrashRow = db.ListTrashRow

// TrashPage is a page of deleted tickets, the last deleted first.
type TrashPage struct {
	Rows  []TrashRow
	After string // the cursor of the next page; "" on the last page
}

// PageTrash is the maximum number of deleted tickets on a page.
const PageTrash = 50

// Trash returns the page of deleted tickets after a cursor. An invalid cursor is the
// first page. Trash returns [fault.ErrForbidden] without [account.ManageTrash].
func (s *Tickets) Trash(ctx context.Context, actor account.Actor, after string) (TrashPage, error) {
	if !actor.Can(account.ManageTrash) {
		return TrashPage{}, fault.ErrForbidden
	}
	before, id := parseTrashCursor(after)
	reach, viewer := actor.Scope()
	rows, err := s.q.ListTrash(ctx, db.ListTrashParams{Reach: reach, Viewer: viewer, Before: before, BeforeID: id, Max: PageTrash + 1})
	if err != nil {
		return TrashPage{}, fmt.Errorf("list trash: %w", err)
	}
	if len(rows) <= PageTrash {
		return TrashPage{Rows: rows}, nil
	}
	last := rows[PageTrash-1]
	cursor := strconv.FormatInt(last.DeletedAt.UnixMicro(), 10) + "-" + strconv.FormatInt(last.ID, 10)
	return TrashPage{Rows: rows[:PageTrash], After: cursor}, nil
}

// parseTrashCursor reads a cursor: the time of deletion in microseconds and the ticket's
// id. For invalid text it returns the position before the first ticket.
func parseTrashCursor(text string) (time.Time, int64) {
	at, id, _ := strings.Cut(text, "-")
	micros, err1 := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	if err1 != nil || err2 != nil || micros < 0 || micros >= ticketquery.Never.UnixMicro() {
		return ticketquery.Never, math.MaxInt64
	}
	return time.UnixMicro(micros), n
}

// Restore restores a deleted ticket with its entries and files. An assignee who cannot work on it any
// more is removed, as when a ticket is reopened. It returns
// [fault.ErrNotFound] if there is no such deleted ticket, and [fault.ErrForbidden]
// without [account.ManageTrash].
func (s *Tickets) Restore(ctx context.Context, actor account.Actor, id int64) error {
	if !actor.Can(account.ManageTrash) {
		return fault.ErrForbidden
	}
	return s.act(ctx, actor, func(q *db.Queries) error {
		reach, viewer := actor.Scope()
		status, err := q.RestoreTicket(ctx, db.RestoreTicketParams{ID: id, Reach: reach, Viewer: viewer})
		if err != nil {
			return db.Found(err, "restore ticket")
		}
		if _, err := s.record(ctx, q, actor, id, entry{kind: event.KindDeletion, data: event.Deletion{Restored: true}}); err != nil || !status.IsActive() {
			return err
		}
		return s.releaseAbsent(ctx, q, id)
	})
}
