package ticketquery

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
)

// text is a part of a statement. A constant converts to it by itself and a string variable
// does not: what a user sent cannot become SQL by mistake.
type text string

// query is a statement composed of constant parts, with the values of its parameters by
// name: @status in the text is args["status"].
type query struct {
	sql  strings.Builder
	args pgx.NamedArgs
}

// newQuery returns a query that begins with the given parts. The name is written as sqlc
// writes it, for those who look at the statements of the database.
func newQuery(name text, parts ...text) *query {
	q := &query{args: pgx.NamedArgs{}}
	q.sql.Grow(2048)
	return q.add("-- name: ", name, "\n").add(parts...)
}

// add appends parts to the text.
func (q *query) add(parts ...text) *query {
	for _, p := range parts {
		q.sql.WriteString(string(p))
	}
	return q
}

// and appends a condition, and sets the parameter that it reads.
func (q *query) and(condition text, name string, value any) {
	q.add("\n  and ", condition)
	q.args[name] = value
}

// collect runs q and returns what read reads of its rows, such as [db.RowsByName]. The
// statement is planned with its values, see [db.Planned].
func collect[T any](ctx context.Context, to db.DBTX, q *query, read func(pgx.Rows) ([]T, error)) ([]T, error) {
	rows, err := db.Planned(to).Query(ctx, q.sql.String(), q.args)
	if err != nil {
		return nil, err
	}
	return read(rows)
}

// one is collect for a statement that returns one row.
func one[T any](ctx context.Context, to db.DBTX, q *query, read func(pgx.Rows) ([]T, error)) (row T, err error) {
	rows, err := collect(ctx, to, q, read)
	if err == nil && len(rows) != 1 {
		err = pgx.ErrNoRows
	}
	if err != nil {
		return row, err
	}
	return rows[0], nil
}

// integers reads rows of one column.
func integers(rows pgx.Rows) ([]int64, error) { return pgx.CollectRows(rows, pgx.RowTo[int64]) }
