package ticketquery

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"frontdesk/db"
)

// text is a part of a statement. Go converts untyped constants to it, but not string
// variables, so that user input cannot become SQL by mistake.
type text string

// query is a statement composed of constant parts, with the values of its named
// parameters: @status in the text is args["status"].
type query struct {
	sql  strings.Builder
	args pgx.NamedArgs
}

// newQuery returns a query that begins with the given parts. It begins with a comment that
// has the name, as sqlc writes it, so that the statement can be found in the database's
// statistics.
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

// and appends a condition, and sets the parameter that it uses.
func (q *query) and(condition text, name string, value any) {
	q.add("\n  and ", condition)
	q.args[name] = value
}

// collect runs q and returns its rows, converted by read, such as [db.RowsByName]. The
// statement is planned for the values of its parameters, see [db.Planned].
func collect[T any](ctx context.Context, to db.DBTX, q *query, read func(pgx.Rows) ([]T, error)) ([]T, error) {
	rows, err := db.Planned(to).Query(ctx, q.sql.String(), q.args)
	if err != nil {
		return nil, err
	}
	return read(rows)
}

// one is collect for a statement that returns one row. It returns [pgx.ErrNoRows] for any
// other number of rows.
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

// integers reads rows with one integer column.
func integers(rows pgx.Rows) ([]int64, error) { return pgx.CollectRows(rows, pgx.RowTo[int64]) }
