package db

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrInUse is returned if a database that has to be empty has accounts or tickets.
var ErrInUse = errors.New("the desk has data")

// Load fills the tables of an empty desk in one transaction. The caller must call either
// Commit or Close.
type Load struct {
	conn   *pgxpool.Conn
	tx     pgx.Tx
	tables []Table
	after  []string // statements that restore what BeginLoad has removed for speed
}

// BeginLoad prepares a database for the rows of a snapshot of the schema's version: it
// migrates an empty database to that version, removes the rows that migrations have added,
// and drops indexes and foreign keys until Commit. It returns [ErrInUse] for a database
// with accounts or tickets, [ErrNewer] for a version that this program does not know, and
// an error for an empty database whose schema is newer than version.
func BeginLoad(ctx context.Context, pool *pgxpool.Pool, version int64) (*Load, error) {
	if err := migrateTo(ctx, pool, version); err != nil {
		return nil, err
	}
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, unreachable(err)
	}
	tx, err := conn.BeginTx(ctx, readCommitted)
	if err != nil {
		conn.Release()
		return nil, fmt.Errorf("begin: %w", err)
	}
	l := &Load{conn: conn, tx: tx}
	if err := l.prepare(WithCallTimeout(ctx, copyLimit)); err != nil {
		l.Close()
		return nil, err
	}
	return l, nil
}

// prepare empties the tables, and drops the indexes and foreign keys that slow down the load.
func (l *Load) prepare(ctx context.Context) error {
	if err := unlimited(ctx, l.tx); err != nil {
		return err
	}
	var err error
	if l.tables, err = tables(ctx, l.tx); err != nil {
		return err
	}
	names := make([]string, len(l.tables))
	quoted := make([]string, len(l.tables))
	for i, t := range l.tables {
		names[i], quoted[i] = t.Name, pgx.Identifier{t.Name}.Sanitize()
	}
	if _, err := l.tx.Exec(ctx, "lock table "+strings.Join(quoted, ", ")+" in access exclusive mode"); err != nil {
		return fmt.Errorf("lock tables: %w", err)
	}
	if err := refuseUsed(ctx, l.tx); err != nil {
		return err
	}
	statements, err := l.dropped(ctx, names)
	if err != nil {
		return err
	}
	for _, table := range quoted {
		statements = append(statements, "alter table "+table+" disable trigger user")
		l.after = append(l.after, "alter table "+table+" enable trigger user")
	}
	statements = append(statements, "truncate "+strings.Join(quoted, ", "), "set local maintenance_work_mem = '256MB'")
	return l.exec(ctx, statements)
}

// HasData reports whether the desk has accounts or tickets. A database without our tables
// has none.
func HasData(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	schema, _, err := SchemaVersions(ctx, pool)
	if err != nil || schema == 0 {
		return false, err
	}
	for _, table := range []string{"users", "tickets"} { // one may be missing after an interrupted migration
		var there, used bool
		if err = pool.QueryRow(ctx, "select to_regclass($1) is not null", table).Scan(&there); err == nil && there {
			err = pool.QueryRow(ctx, "select exists (select from "+table+")").Scan(&used)
		}
		switch {
		case err != nil:
			return false, fmt.Errorf("look for data: %w", err)
		case used:
			return true, nil
		}
	}
	return false, nil
}

// refuseUsed returns [ErrInUse] if there are accounts or tickets.
func refuseUsed(ctx context.Context, tx pgx.Tx) error {
	var users, tickets int64
	err := tx.QueryRow(ctx, "select (select count(*) from users), (select count(*) from tickets)").Scan(&users, &tickets)
	switch {
	case err != nil:
		return fmt.Errorf("look for data: %w", err)
	case users+tickets > 0:
		return fmt.Errorf("%w: accounts: %d, tickets: %d", ErrInUse, users, tickets)
	}
	return nil
}

// dropped returns statements that drop the foreign keys and the indexes of tables, and
// adds those that create them again to after. Indexes of constraints stay.
func (l *Load) dropped(ctx context.Context, tables []string) (drop []string, err error) {
	rows, err := l.tx.Query(ctx, `
		select format('drop index %I', i.relname), pg_get_indexdef(i.oid), 1 as nr from pg_index x
			join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
			where t.relnamespace = quote_ident(current_schema())::regnamespace and t.relname = any($1)
			and not exists (select from pg_constraint c where c.conindid = i.oid and c.contype in ('p', 'u', 'x'))
		union all
		select format('alter table %I drop constraint %I', t.relname, c.conname), format('alter table %I add constraint %I %s', t.relname, c.conname, pg_get_constraintdef(c.oid)), 0
			from pg_constraint c join pg_class t on t.oid = c.conrelid
			where t.relnamespace = quote_ident(current_schema())::regnamespace and t.relname = any($1) and c.contype = 'f'
		order by 3, 1`, tables)
	if err != nil {
		return nil, fmt.Errorf("list indexes: %w", err)
	}
	var gone, back string
	var nr int
	_, err = pgx.ForEachRow(rows, []any{&gone, &back, &nr}, func() error {
		drop, l.after = append(drop, gone), append(l.after, back)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("list indexes: %w", err)
	}
	slices.Reverse(l.after) // indexes first: foreign keys are checked with them
	return drop, nil
}

// exec runs statements one after another.
func (l *Load) exec(ctx context.Context, statements []string) error {
	for _, sql := range statements {
		if _, err := l.tx.Exec(ctx, sql, simple); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// Copy adds the rows that r has, in the text format of COPY, and returns their number. It
// returns an error for a table or a column that the schema does not have.
func (l *Load) Copy(ctx context.Context, t Table, r io.Reader) (rows int64, err error) {
	have := slices.IndexFunc(l.tables, func(h Table) bool { return h.Name == t.Name })
	if have < 0 {
		return 0, fmt.Errorf("the schema has no table %q", t.Name)
	}
	for _, c := range t.Columns {
		if !slices.Contains(l.tables[have].Columns, c) {
			return 0, fmt.Errorf("the table %s has no column %q", t.Name, c)
		}
	}
	tag, err := l.conn.Conn().PgConn().CopyFrom(ctx, r, "copy "+t.columns()+" from stdin")
	if err != nil {
		return 0, fmt.Errorf("write table %s: %w", t.Name, err)
	}
	return tag.RowsAffected(), nil
}

// EndMails marks the mails that were not sent as failed for a reason, and removes the events and
// jobs of others, if the schema has mails.
func (l *Load) EndMails(ctx context.Context, reason string) error {
	if !slices.ContainsFunc(l.tables, func(t Table) bool { return t.Name == "mail_out" }) {
		return nil
	}
	if err := New(l.tx).EndRestoredMails(ctx, reason); err != nil {
		return fmt.Errorf("end mails: %w", err)
	}
	return nil
}

// Index creates the indexes and foreign keys again. No rows can be added afterwards.
func (l *Load) Index(ctx context.Context) error {
	for _, t := range l.tables { // for the planner
		l.after = append(l.after, "analyze "+pgx.Identifier{t.Name}.Sanitize())
	}
	statements := l.after
	l.tables, l.after = nil, nil
	return l.exec(WithCallTimeout(ctx, copyLimit), statements)
}

// Commit calls Index, unless that was done, sets the sequences to their last values, and
// commits.
func (l *Load) Commit(ctx context.Context, sequences map[string]int64) error {
	ctx = WithCallTimeout(ctx, copyLimit)
	if err := l.Index(ctx); err != nil {
		return err
	}
	for name, last := range sequences {
		if _, err := l.tx.Exec(ctx, "select setval(quote_ident($1)::regclass, $2)", name, last); err != nil {
			return fmt.Errorf("set sequence %s: %w", name, err)
		}
	}
	if err := l.tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Close rolls back what was not committed.
func (l *Load) Close() {
	ctx, stop := context.WithTimeout(context.Background(), acquireTimeout)
	defer stop()
	if err := l.tx.Rollback(ctx); err != nil && !errors.Is(err, pgx.ErrTxClosed) {
		l.conn.Conn().Close(ctx)
	}
	l.conn.Release()
}
