package ticketquery

import (
	"context"
	"fmt"

	"frontdesk/db"
	"frontdesk/internal/account"
)

// FigureCap is the number up to which [Service.Figures] counts tickets of a kind.
const FigureCap = 5000

// Figures are the figures of the desk over the tickets that an actor may read, for actors from
// whom tickets of private teams are hidden: the counters of the desk include these.
type Figures struct {
	Groups  []FigureGroup
	Overdue int64 // how many wait longer than [LongWait], counted up to one more than [ViewCap]
	Waiting []Row // those that wait longest, at most five
}

// FigureGroup is the number of tickets with the same status, priority and category.
type FigureGroup struct {
	Status     db.TicketStatus
	Priority   db.TicketPriority
	CategoryID int64
	N          int64
}

// SeesWholeDesk reports whether the actor may read every ticket.
func (s *Service) SeesWholeDesk(ctx context.Context, actor account.Actor) (bool, error) {
	of, err := s.scope(ctx, actor)
	return of.seesAll(), err
}

// Figures returns the figures for an actor. Each status is counted up to [FigureCap], the active
// ones together.
func (s *Service) Figures(ctx context.Context, actor account.Actor) (Figures, error) {
	var f Figures
	for _, status := range []string{FilterActive, string(db.TicketStatusRESOLVED), string(db.TicketStatusCLOSED)} {
		sel, err := s.selection(ctx, actor, Filter{Status: status})
		if err != nil {
			return Figures{}, err
		}
		groups, err := collect(ctx, s.pool, groupTickets(sel), db.RowsByName[FigureGroup])
		if err != nil {
			return Figures{}, fmt.Errorf("count tickets: %w", err)
		}
		f.Groups = append(f.Groups, groups...)
	}
	waiting, err := s.selection(ctx, actor, Filter{Status: FilterWaiting, Sort: SortWaiting})
	if err != nil {
		return Figures{}, err
	}
	if f.Overdue, err = one(ctx, s.pool, countTickets(waiting), integers); err != nil {
		return Figures{}, fmt.Errorf("count overdue tickets: %w", err)
	}
	waiting.Status = FilterActive
	if f.Waiting, err = s.readPage(ctx, waiting, span{max: 5}); err != nil {
		return Figures{}, fmt.Errorf("read longest waits: %w", err)
	}
	return f, nil
}

// groupTickets returns the statement that counts the tickets of a selection, up to [FigureCap]. Its columns are the
// fields of [FigureGroup].
func groupTickets(s selection) *query {
	q := newQuery("GroupTickets", "select status, priority, category_id, count(*) as n from (select t.status, t.priority, t.category_id from tickets t where ").where(s)
	q.add("\nlimit @max::int) g\ngroup by status, priority, category_id")
	q.args["max"] = FigureCap
	return q
}
