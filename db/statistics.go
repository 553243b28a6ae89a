package db

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// This file reads PostgreSQL's own statistics, which sqlc does not know.

// Slot is a replication slot of the server.
type Slot struct {
	Name     string
	Active   bool
	Retained int64 // bytes of WAL that the server keeps for it
	NoLimit  bool  // max_slot_wal_keep_size is not set
}

// Slots returns the replication slots, those that retain most first.
func (q *Queries) Slots(ctx context.Context) ([]Slot, error) {
	return rowsOf[Slot](ctx, q, `select slot_name::text, active,
		coalesce(pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end, restart_lsn), 0)::bigint,
		current_setting('max_slot_wal_keep_size') = '-1'
		from pg_replication_slots order by 3 desc limit 20`)
}

// WAL is the state of the write-ahead log of the server.
type WAL struct {
	Bytes   int64 // size of its folder
	Usual   int64 // the size that the settings allow
	Unsaved bool  // the last try to archive a segment has failed
}

// WAL returns the state of the write-ahead log, or no row if the role may not read it.
func (q *Queries) WAL(ctx context.Context) ([]WAL, error) {
	var mayRead bool
	err := q.db.QueryRow(ctx, "select has_function_privilege('pg_ls_waldir()', 'execute')").Scan(&mayRead)
	if err != nil || !mayRead {
		return nil, err
	}
	return rowsOf[WAL](ctx, q, `select (select coalesce(sum(size), 0) from pg_ls_waldir())::bigint,
		greatest(pg_size_bytes(current_setting('max_wal_size')), pg_size_bytes(current_setting('wal_keep_size'))),
		coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false)
		from pg_stat_archiver`)
}

// Standbys describes the standbys of a server.
type Standbys struct {
	Wanted string // synchronous_standby_names; "" if no commit waits for a standby
	Now    int64  // standbys that are connected
	Sync   int64  // of these, synchronous ones
	Hidden int64  // of these, those of which the role may not read the state
}

// Standbys returns the standbys of the server.
func (q *Queries) Standbys(ctx context.Context) ([]Standbys, error) {
	return rowsOf[Standbys](ctx, q, `select current_setting('synchronous_standby_names'), count(*),
		count(*) filter (where sync_state in ('sync', 'quorum')), count(*) filter (where sync_state is null) from pg_stat_replication`)
}

// LongTransaction is an open transaction of a client.
type LongTransaction struct {
	PID                  int32
	Role, Program, State string
	Seconds              float64
}

// LongTransactions returns transactions that are open for longer than d, the oldest first.
// They keep VACUUM from removing dead rows.
func (q *Queries) LongTransactions(ctx context.Context, d time.Duration) ([]LongTransaction, error) {
	return rowsOf[LongTransaction](ctx, q, `select pid, coalesce(usename, '')::text, coalesce(application_name, ''), coalesce(state, ''),
		extract(epoch from clock_timestamp() - xact_start)::float8 from pg_stat_activity
		where xact_start < clock_timestamp() - make_interval(secs => $1) and backend_type = 'client backend' and pid <> pg_backend_pid()
		order by xact_start limit 10`, d.Seconds())
}

// BloatedTable is a table with many dead rows.
type BloatedTable struct {
	Name       string
	Live, Dead int64      // estimated numbers of rows
	VacuumedAt *time.Time // nil if never
}

// BloatedTables returns the tables with at least min dead rows that are more than a fifth
// of all rows.
func (q *Queries) BloatedTables(ctx context.Context, min int64) ([]BloatedTable, error) {
	return rowsOf[BloatedTable](ctx, q, `select relname::text, n_live_tup, n_dead_tup, greatest(last_vacuum, last_autovacuum) from pg_stat_user_tables
		where schemaname = current_schema() and n_dead_tup >= $1 and n_dead_tup > (n_live_tup + n_dead_tup) / 5
		order by n_dead_tup desc limit 10`, min)
}

// rowsOf returns the rows of a query as structs with one field for each column.
func rowsOf[T any](ctx context.Context, q *Queries, sql string, args ...any) ([]T, error) {
	rows, err := q.db.Query(ctx, sql, args...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowToStructByPos[T])
}
