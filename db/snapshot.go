package db

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Table is a table of this program, with the columns that are stored: those that the
// database computes are left out.
type Table struct {
	Name    string
	Columns []string
	Bytes   int64 // estimated size of its rows; 0 if it is not known
}

// Snapshot reads all tables as they were at one moment, while others write. The caller
// must call Close.
type Snapshot struct {
	lock *pgxpool.Conn // of the primary; it locks the files
	conn *pgxpool.Conn // that reads; the same as lock unless a replica is read
	tx   pgx.Tx
}

// copyLimit is the time limit of a statement that reads or writes a whole table.
const copyLimit = 24 * time.Hour

// backupKey is the key of the advisory lock that every snapshot shares. While it is held, no
// file is deleted, see the query MayDeleteFiles.
const backupKey = 7005

// OpenSnapshot begins a snapshot. It uses one connection of the pool until Close. Files of
// attachments that the snapshot has are not deleted until then.
func OpenSnapshot(ctx context.Context, pool *pgxpool.Pool) (*Snapshot, error) {
	lock, err := lockFiles(ctx, pool)
	if err != nil {
		return nil, err
	}
	s, err := beginSnapshot(ctx, lock, lock)
	if err != nil {
		release(lock)
	}
	return s, err
}

// lockFiles returns a connection whose session locks the files.
func lockFiles(ctx context.Context, pool *pgxpool.Pool) (*pgxpool.Conn, error) {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return nil, unreachable(err)
	}
	// A lock of the session, because the first statement of the transaction takes the snapshot.
	if _, err := conn.Exec(ctx, "select pg_advisory_lock_shared($1)", backupKey); err != nil {
		conn.Release()
		return nil, fmt.Errorf("lock the files: %w", err)
	}
	return conn, nil
}

// beginSnapshot begins the transaction of a snapshot on conn. The caller keeps the connections
// after an error.
func beginSnapshot(ctx context.Context, lock, conn *pgxpool.Conn) (*Snapshot, error) {
	tx, err := conn.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, fmt.Errorf("begin a snapshot: %w", err)
	}
	if err := unlimited(ctx, tx); err != nil {
		_ = tx.Rollback(ctx) // a failed rollback closes the connection
		return nil, err
	}
	return &Snapshot{lock, conn, tx}, nil
}

// unlimited removes the server's time limits for the rest of a transaction.
func unlimited(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0", simple)
	if err != nil {
		return fmt.Errorf("set time limits: %w", err)
	}
	return nil
}

// Close ends the snapshot.
func (s *Snapshot) Close() {
	ctx, stop := context.WithTimeout(context.Background(), acquireTimeout)
	defer stop()
	_ = s.tx.Rollback(ctx) // a failed rollback closes the connection
	if s.conn != s.lock {
		s.conn.Release()
	}
	release(s.lock)
}

// release unlocks the files and returns a connection to its pool, or closes it.
func release(conn *pgxpool.Conn) {
	ctx, stop := context.WithTimeout(context.Background(), acquireTimeout)
	defer stop()
	if _, err := conn.Exec(ctx, "select pg_advisory_unlock_shared($1)", backupKey); err != nil {
		conn.Conn().Close(ctx)
	}
	conn.Release()
}

// Queries returns the queries of the snapshot. Statements may take up to a day.
func (s *Snapshot) Queries() *Queries { return New(s.tx) }

// Context returns ctx with the time limit of the snapshot's statements.
func (s *Snapshot) Context(ctx context.Context) context.Context {
	return WithCallTimeout(ctx, copyLimit)
}

// Schema returns the version of the schema.
func (s *Snapshot) Schema(ctx context.Context) (version int64, err error) {
	err = s.tx.QueryRow(ctx, "select coalesce(max(version_id), 0) from goose_db_version where is_applied").Scan(&version)
	if err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	return version, nil
}

// Server returns the version of PostgreSQL, such as 15.14.
func (s *Snapshot) Server() string { return s.conn.Conn().PgConn().ParameterStatus("server_version") }

// Tables returns the tables of this program, by name.
func (s *Snapshot) Tables(ctx context.Context) ([]Table, error) { return tables(ctx, s.tx) }

func tables(ctx context.Context, tx pgx.Tx) ([]Table, error) {
	rows, err := tx.Query(ctx, `select c.relname::text, array_agg(a.attname::text order by a.attnum), pg_table_size(c.oid)
		from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
		where c.relnamespace = quote_ident(current_schema())::regnamespace and c.relkind = 'r' and c.relname = any($1)
		group by c.oid, c.relname order by c.relname`, ourNames())
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Table])
	if err != nil {
		return nil, fmt.Errorf("list tables: %w", err)
	}
	return all, nil
}

// Copy writes the rows of a table to w in the text format of COPY, and returns their
// number.
func (s *Snapshot) Copy(ctx context.Context, t Table, w io.Writer) (rows int64, err error) {
	tag, err := s.conn.Conn().PgConn().CopyTo(ctx, w, "copy "+t.columns()+" to stdout")
	if err != nil {
		return 0, fmt.Errorf("read table %s: %w", t.Name, err)
	}
	return tag.RowsAffected(), nil
}

// columns returns the table and its columns as COPY takes them.
func (t Table) columns() string {
	list := ""
	for i, c := range t.Columns {
		if i > 0 {
			list += ", "
		}
		list += pgx.Identifier{c}.Sanitize()
	}
	return pgx.Identifier{t.Name}.Sanitize() + " (" + list + ")"
}

// Sequences returns the last value of each sequence that was used.
func (s *Snapshot) Sequences(ctx context.Context) (map[string]int64, error) {
	rows, err := s.tx.Query(ctx, `select q.sequencename::text, q.last_value from pg_sequences q
		join pg_class c on c.relname = q.sequencename and c.relnamespace = quote_ident(current_schema())::regnamespace
		join pg_depend d on d.objid = c.oid and d.deptype in ('a', 'i') join pg_class t on t.oid = d.refobjid and t.relname = any($1)
		where q.schemaname = current_schema() and q.last_value is not null`, ourNames())
	if err != nil {
		return nil, fmt.Errorf("list sequences: %w", err)
	}
	last := map[string]int64{}
	var name string
	var value int64
	_, err = pgx.ForEachRow(rows, []any{&name, &value}, func() error { last[name] = value; return nil })
	if err != nil {
		return nil, fmt.Errorf("list sequences: %w", err)
	}
	return last, nil
}
