package importer

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5"
)

// This file has all SQL that reads tables of the source. It is not in queries/, because the
// names of tables and columns are those of another program. They are quoted with
// [pgx.Identifier], and values are parameters.

// readLayout reads which tables and columns there are.
func (s *source) readLayout(ctx context.Context, mapping Mapping) error {
	rows, err := s.txs[0].Query(ctx, "select table_name::text, column_name::text, data_type::text from information_schema.columns where table_schema = $1 order by table_name, ordinal_position", s.schema)
	if err != nil {
		return err
	}
	found := map[string][]column{}
	var name string
	var c column
	_, err = pgx.ForEachRow(rows, []any{&name, &c.name, &c.kind}, func() error {
		found[name] = append(found[name], c)
		return nil
	})
	if err != nil {
		return err
	}
	s.layout, err = newLayout(found, mapping)
	return err
}

// readTotals reads the numbers of rows, and whether ids can be kept.
func (s *source) readTotals(ctx context.Context) (err error) {
	if s.userIDs, err = s.readIDs(ctx, "User", &s.totals.Users); err != nil {
		return err
	}
	if s.ticketIDs, err = s.readIDs(ctx, "Ticket", &s.totals.Tickets); err != nil {
		return err
	}
	for name, n := range map[string]*int64{"Comment": &s.totals.Comments, "Message": &s.totals.Messages} {
		if err := s.txs[0].QueryRow(ctx, "select count(*) from "+s.from(name)).Scan(n); err != nil {
			return err
		}
	}
	return nil
}

// largest is the largest id that is kept. Larger ones would not be exact in JSON.
const largest = 1 << 53

// readIDs counts the rows of a table and reads the range of its ids.
func (s *source) readIDs(ctx context.Context, name string, n *int64) (ids, error) {
	if !s.layout[name].columns["id"].isNumber() {
		err := s.txs[0].QueryRow(ctx, "select count(*) from "+s.from(name)).Scan(n)
		return ids{last: *n}, err
	}
	id := s.layout[name].column("id")
	var first, last int64
	err := s.txs[0].QueryRow(ctx, "select count(*), coalesce(min("+id+"), 1)::bigint, coalesce(max("+id+"), 0)::bigint from "+s.from(name)).Scan(n, &first, &last)
	if first < 1 || last > largest {
		return ids{last: *n}, err
	}
	return ids{kept: true, last: last}, err
}

// from returns the quoted name of a model's table, as t.
func (s *source) from(name string) string {
	return pgx.Identifier{s.schema, s.layout[name].name}.Sanitize() + " t"
}

// column returns the quoted name of a field's column.
func (t table) column(field string) string {
	return "t." + pgx.Identifier{t.columns[field].name}.Sanitize()
}

// text returns the expression of a field as a text. A missing or null value is an empty
// text.
func (t table) text(field string) string {
	if _, ok := t.columns[field]; !ok {
		return "''::text"
	}
	return "coalesce(" + t.column(field) + "::text, '')"
}

// time returns the expression of a field as a time. Prisma stores UTC without a zone. A
// missing or infinite value is null.
func (t table) time(field string) string {
	c, ok := t.columns[field]
	if !ok {
		return "null::timestamptz"
	}
	value := t.column(field)
	if c.kind != "timestamp with time zone" {
		value = "(" + value + "::timestamp at time zone 'UTC')"
	}
	return "case when isfinite(" + value + ") then " + value + " end"
}

// numbered returns a model's table as t, and the expression of the numbers of its rows. The
// numbers of ids that are not kept are counted over the whole table.
func (s *source) numbered(name string, of ids) (from, number string) {
	if of.kept {
		return s.from(name), s.layout[name].column("id") + "::bigint"
	}
	t := s.layout[name]
	return "(select t.*, row_number() over (order by " + t.time("createdAt") + " nulls first, " + s.order(t, "id", of) + ") as frontdesk_number from " + s.from(name) + ") t", "t.frontdesk_number"
}

// order returns the expression by which the rows of a table are ordered by an id.
func (s *source) order(t table, field string, of ids) string {
	if of.kept {
		return t.column(field)
	}
	return t.column(field) + `::text collate "C"`
}

// parameter returns the first parameter of a query, which is an id.
func (i ids) parameter() string {
	if i.kept {
		return "$1::bigint"
	}
	return "$1::text"
}

// eachUser returns all users in the order of their numbers.
func (s *source) eachUser(ctx context.Context) iter.Seq2[sourceUser, error] {
	t := s.layout["User"]
	from, number := s.numbered("User", s.userIDs)
	sql := "select " + strings.Join([]string{t.text("id"), number, t.text("username"), t.text("email"), t.text("password"), t.text("role"), t.time("createdAt")}, ", ") +
		" from " + from + " order by 2"
	return each(ctx, s.txs[0], sql, nil, func(u *sourceUser) []any {
		return []any{&u.ID, &u.Number, &u.Name, &u.Email, &u.Password, &u.Role, &u.CreatedAt}
	})
}

// eachCategory returns all categories of tickets.
func (s *source) eachCategory(ctx context.Context) iter.Seq2[string, error] {
	return each(ctx, s.txs[0], "select distinct "+s.layout["Ticket"].text("category")+" from "+s.from("Ticket")+" order by 1", nil, func(name *string) []any { return []any{name} })
}

// eachTicket returns the tickets after an id, in the order of ids, without their entries.
func (s *source) eachTicket(ctx context.Context, after string) iter.Seq2[sourceTicket, error] {
	t := s.layout["Ticket"]
	from, number := s.numbered("Ticket", s.ticketIDs)
	order := s.order(t, "id", s.ticketIDs)
	sql := "select " + strings.Join([]string{t.text("id"), number, t.text("userId"), t.text("subject"), t.text("description"), t.text("category"), t.text("priority"),
		t.text("status"), t.text("attachment"), t.time("createdAt"), t.time("updatedAt")}, ", ") + " from " + from + " where " + order + " > " + s.ticketIDs.parameter() + " order by " + order
	return each(ctx, s.txs[0], sql, []any{s.position(after)}, func(t *sourceTicket) []any {
		return []any{&t.ID, &t.Number, &t.UserID, &t.Subject, &t.Description, &t.Category, &t.Priority, &t.Status, &t.Attachment, &t.CreatedAt, &t.UpdatedAt}
	})
}

// eachEntry returns the comments or messages of the tickets after an id, in the order of
// tickets and then of time. Those without a ticket are last. The source has no index on the
// ticket, so that they cannot be read for each ticket separately.
func (s *source) eachEntry(ctx context.Context, of entryTable, after string) iter.Seq2[sourceEntry, error] {
	t := s.layout[of.model]
	order := s.order(t, "ticketId", s.ticketIDs)
	sql := "select " + strings.Join([]string{t.text("id"), t.text("ticketId"), t.text(of.author), t.text(of.text), t.time("createdAt")}, ", ") +
		" from " + s.from(of.model) + " where " + order + " > " + s.ticketIDs.parameter() + " or " + order + " is null order by " + order + ", " + t.time("createdAt") + ", " + t.column("id")
	return each(ctx, s.txs[of.stream], sql, []any{s.position(after)}, func(e *sourceEntry) []any {
		return []any{&e.ID, &e.TicketID, &e.UserID, &e.Text, &e.CreatedAt}
	})
}

// each returns the rows of a query one by one. The connection cannot be used meanwhile.
func each[T any](ctx context.Context, tx pgx.Tx, sql string, args []any, fields func(*T) []any) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		rows, err := tx.Query(ctx, sql, args...)
		if err != nil {
			var zero T
			yield(zero, fmt.Errorf("read the source: %w", err))
			return
		}
		defer rows.Close()
		for rows.Next() {
			var row T
			if err := rows.Scan(fields(&row)...); err != nil {
				yield(row, fmt.Errorf("read the source: %w", err))
				return
			}
			if !yield(row, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			var zero T
			yield(zero, fmt.Errorf("read the source: %w", err))
		}
	}
}
