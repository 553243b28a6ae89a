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
	"frontdesk/internal/fault"
	"frontdesk/internal/ticketquery"
)

// Grace is how long a deleted ticket can be brought back.
const Grace = 30 * 24 * time.Hour

// Deletion is a ticket with what goes with it.
type Deletion struct {
	Ticket   Ticket
	Comments int
	Messages int // chat lines; a thousand means that many or more
	Files    int
}

// DeletionOf counts what deleting the ticket would take along.
func (s *Tickets) DeletionOf(ctx context.Context, actor account.Actor, id int64) (Deletion, error) {
	t, err := s.ticket(ctx, s.q, actor, id)
	if err != nil {
		return Deletion{}, err
	}
	n, err := s.q.CountDeletion(ctx, id)
	if err != nil {
		return Deletion{}, db.Found(err, "count what goes")
	}
	return Deletion{t, int(n.CommentCount), int(n.MessageCount), int(n.FileCount)}, nil
}

// deletion is the data of a deletion entry.
type deletion struct {
	Restored bool `json:"restored"`
}

// Delete puts the ticket, with its talk and files, out of everybody's
// sight. Staff can bring it back for [Grace]; then it is gone.
func (s *Tickets) Delete(ctx context.Context, actor account.Actor, id int64) error {
	return s.act(ctx, actor, func(q *db.Queries) error {
		t, err := s.lock(ctx, q, actor, id)
		if err != nil {
			return err
		}
		if !May(actor, ToDelete, t) {
			return fault.ErrForbidden
		}
		if _, err := s.record(ctx, q, actor, id, entry{kind: KindDeletion, data: deletion{}}); err != nil {
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

// TrashPage is a stretch of the trash, the latest first.
type TrashPage struct {
	Rows  []TrashRow
	After string // where the next page begins; "" on the last
}

// PageTrash is how many deleted tickets a page lists.
const PageTrash = 50

// Trash lists deleted tickets from a place on, for staff. A place that is none
// is the beginning.
func (s *Tickets) Trash(ctx context.Context, actor account.Actor, after string) (TrashPage, error) {
	if !actor.Can(account.ManageTrash) {
		return TrashPage{}, fault.ErrForbidden
	}
	before, id := parsePlace(after)
	rows, err := s.q.ListTrash(ctx, db.ListTrashParams{Before: before, BeforeID: id, Max: PageTrash + 1})
	if err != nil {
		return TrashPage{}, fmt.Errorf("list trash: %w", err)
	}
	if len(rows) <= PageTrash {
		return TrashPage{Rows: rows}, nil
	}
	last := rows[PageTrash-1]
	place := strconv.FormatInt(last.DeletedAt.UnixMicro(), 10) + "-" + strconv.FormatInt(last.ID, 10)
	return TrashPage{Rows: rows[:PageTrash], After: place}, nil
}

// parsePlace reads microseconds and an id; what is neither comes before all.
func parsePlace(text string) (time.Time, int64) {
	at, id, _ := strings.Cut(text, "-")
	micros, err1 := strconv.ParseInt(at, 10, 64)
	n, err2 := strconv.ParseInt(id, 10, 64)
	if err1 != nil || err2 != nil || micros < 0 || micros >= ticketquery.Never.UnixMicro() {
		return ticketquery.Never, math.MaxInt64
	}
	return time.UnixMicro(micros), n
}

// Restore brings a deleted ticket back with all that went with it. One that is
// not in the trash is [fault.ErrNotFound].
func (s *Tickets) Restore(ctx context.Context, actor account.Actor, id int64) error {
	if !actor.Can(account.ManageTrash) {
		return fault.ErrForbidden
	}
	return s.act(ctx, actor, func(q *db.Queries) error {
		if _, err := q.RestoreTicket(ctx, id); err != nil {
			return db.Found(err, "restore ticket")
		}
		_, err := s.record(ctx, q, actor, id, entry{kind: KindDeletion, data: deletion{Restored: true}})
		return err
	})
}
