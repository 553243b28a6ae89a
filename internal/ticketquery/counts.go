package ticketquery

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
	"frontdesk/internal/account"
	"frontdesk/internal/listing"
)

// Limits of [Service.Counts].
const (
	// ViewCap is the number up to which the tickets of a view are counted.
	ViewCap = 500
	// countTime is the maximum time of the statements of one call.
	countTime = 200 * time.Millisecond
	// countWait limits the whole call, also if the server does not end its statements.
	countWait = 500 * time.Millisecond
	// countAge is how long a count is used again.
	countAge = 10 * time.Second
)

// Count is the number of tickets of a view.
type Count struct {
	listing.Capped
	TimedOut bool // the tickets were not counted in time
	None     bool // the tickets are not counted: a search takes too long
}

// String returns "42", "500+", "–" for a count that has timed out, or "" if there is none.
func (c Count) String() string {
	switch {
	case c.None:
		return ""
	case c.TimedOut:
		return "–"
	}
	return c.Capped.String()
}

// Counts returns the number of tickets of each filter that the actor may read, each up to
// [ViewCap] and up to 10 s old. It takes at most 200 ms of the database's time. What is not
// counted by then has timed out, and is counted apart from the others the next time.
func (s *Service) Counts(ctx context.Context, actor account.Actor, filters []Filter) ([]Count, error) {
	counts, due := make([]Count, len(filters)), []countQuery{}
	for i, f := range filters {
		sel, err := s.selection(ctx, actor, f)
		if err != nil {
			return nil, err
		}
		if sel.Q != "" {
			counts[i].None = true
			continue
		}
		sel.waitingBefore = sel.waitingBefore.Truncate(countAge) // so that the statement is the same for a while
		due = append(due, countQuery{index: i, query: countTickets(sel)})
	}
	err := s.count(ctx, due, counts)
	return counts, err
}

// countQuery is the statement of the count with an index.
type countQuery struct {
	*query
	index int
}

// key identifies the statement, with the values of its parameters. They include the scope
// of the actor, so that users with the same scope share a count, unless the filter selects an
// assignee or team, see byOthers.
func (q countQuery) key() string { return fmt.Sprint(q.sql.String(), q.args) }

// countTickets returns the statement that counts the tickets of a selection, up to one more
// than [ViewCap].
func countTickets(s selection) *query {
	q := newQuery("CountTickets", "select count(*) from (select from tickets t where ").where(s)
	q.add("\nlimit @max::int) n")
	q.args["max"] = ViewCap + 1
	return q
}

// count sets the due counts: from the cache, or from the database.
func (s *Service) count(ctx context.Context, due []countQuery, counts []Count) error {
	if due = s.countCache.read(due, counts, s.now()); len(due) == 0 {
		return nil
	}
	for _, q := range due {
		counts[q.index].TimedOut = true
	}
	waiting, cancel := context.WithTimeout(ctx, countWait)
	defer cancel()
	end, err := s.counting.Take(waiting, "")
	if err != nil {
		return ctx.Err() // what is due stays timed out
	}
	defer end()
	due = s.countCache.read(due, counts, s.now()) // another request may have counted it meanwhile
	err = s.countDue(waiting, due, counts)
	if waiting.Err() != nil {
		err = ctx.Err()
	}
	return err
}

// countDue counts in the database: what was in time before in one statement, and the rest
// one by one while there is time.
func (s *Service) countDue(ctx context.Context, due []countQuery, counts []Count) error {
	start := time.Now()
	prompt, slow := divide(due, func(q countQuery) bool { return !s.countCache.hasTimedOut(q) })
	parts := [][]countQuery{prompt}
	for _, q := range slow {
		parts = append(parts, []countQuery{q})
	}
	for _, part := range parts {
		left := countTime - time.Since(start)
		if len(part) == 0 || left <= 0 {
			continue
		}
		if err := s.countTogether(ctx, left, part, counts); err != nil {
			return err
		}
	}
	for _, q := range due {
		s.countCache.write(q, counts[q.index], s.now())
	}
	return nil
}

// countTogether counts in one statement that may take some time. If it takes longer, the
// counts stay timed out.
func (s *Service) countTogether(ctx context.Context, most time.Duration, part []countQuery, counts []Count) error {
	all := newQuery("CountViews")
	for i, q := range part {
		if i > 0 {
			all.add("\nunion all\n")
		}
		all.addCount(i, q.query)
	}
	var rows []numbered
	err := db.InTx(ctx, s.pool, func(tx pgx.Tx) (err error) {
		if _, err := tx.Exec(ctx, "select set_config('statement_timeout', $1, true)", strconv.FormatInt(max(1, most.Milliseconds()), 10)); err != nil {
			return err
		}
		rows, err = collect(ctx, tx, all, db.RowsByName[numbered])
		return err
	})
	if db.IsCanceled(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("count tickets of views: %w", err)
	}
	for _, r := range rows {
		counts[part[r.I].index] = Count{Capped: listing.Cap(r.N, ViewCap)}
	}
	return nil
}

// numbered is a row of the statement of several counts.
type numbered struct {
	I int32
	N int64
}

// addCount appends a counting statement as the row with a number. Its parameters get the
// number at the end of their names.
func (q *query) addCount(number int, count *query) {
	suffix := "_" + strconv.Itoa(number)
	q.add("select @number")
	q.sql.WriteString(suffix + "::int as i, (" + parameterName.ReplaceAllString(count.sql.String(), "${0}"+suffix) + ") as n")
	q.args["number"+suffix] = number
	for name, value := range count.args {
		q.args[name+suffix] = value
	}
}
