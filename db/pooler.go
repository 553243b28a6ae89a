package db

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Pooler describes the pooler between a pool and the server, if there is one.
type Pooler struct {
	// Shared is true if there is a pooler, such as PgBouncer. It may give each transaction
	// another server session, so that settings, locks and LISTEN of a session are lost.
	Shared bool
	// Prepares is true if prepared statements can be used: the pooler prepares them in each
	// server session that needs them (PgBouncer 1.21 and later, with max_prepared_statements), or
	// there is no pooler.
	Prepares bool
}

// String returns a description for the log and for people.
func (p Pooler) String() string {
	switch {
	case !p.Shared:
		return "there is no pooler before the database"
	case p.Prepares:
		return "there is a pooler in front of the database, and it keeps prepared statements"
	}
	return "there is a pooler in front of the database, and it keeps no prepared statements: each statement is planned anew"
}

// tracked are the parameters of a session that PgBouncer restores before each transaction. It
// refuses other parameters when a client connects.
var tracked = []string{"client_encoding", "timezone", "standard_conforming_strings", "application_name", "options"}

// OpenPooled is [Open] for a URL of a pooler in transaction mode, such as PgBouncer. direct is a
// pool to the same database without a pooler.
//
// The settings of our sessions are stored for the role in this database (ALTER ROLE), so that
// the server sessions of the pooler begin with them. The caller must use direct for what
// needs a session: LISTEN, advisory locks of a session, migrations and backups.
func OpenPooled(ctx context.Context, url string, direct *pgxpool.Pool, maxConns int32, options ...Option) (*pgxpool.Pool, Pooler, error) {
	cfg, params, err := parsePooled(url, maxConns, options...)
	if err != nil {
		return nil, Pooler{}, err
	}
	found, err := findPooler(ctx, cfg.ConnConfig, direct)
	if err != nil {
		return nil, Pooler{}, err
	}
	if !found.Shared {
		pool, err := Open(ctx, url, maxConns, options...)
		return pool, found, err
	}
	if err := storeSettings(ctx, cfg.ConnConfig, params); err != nil {
		return nil, Pooler{}, err
	}
	if !found.Prepares {
		// The types of a statement are queried once for each connection. This needs no state of the
		// server session.
		cfg.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err == nil {
		err = checkServer(ctx, pool)
	}
	if err != nil && pool != nil {
		go pool.Close() // it waits until all attempts to connect have ended
		pool = nil
	}
	return pool, found, err
}

// parsePooled is [parse] for the URL of a pooler. It also returns the settings of all sessions,
// those of the URL included, which are no startup parameters any more.
func parsePooled(url string, maxConns int32, options ...Option) (*pgxpool.Config, map[string]string, error) {
	cfg, err := parse(url, maxConns, options...)
	if err != nil {
		return nil, nil, err
	}
	params := maps.Clone(session)
	for name, value := range cfg.ConnConfig.RuntimeParams {
		if !slices.Contains(tracked, strings.ToLower(name)) {
			params[name] = value
			delete(cfg.ConnConfig.RuntimeParams, name)
		}
	}
	maps.Copy(params, always)
	// Server sessions that the pooler opened before storeSettings do not have the settings. They
	// get them from here when a new connection uses them first; all our connections have the same settings.
	var sql strings.Builder
	for _, name := range slices.Sorted(maps.Keys(params)) {
		fmt.Fprintf(&sql, "set %s;", assignment(name, params[name]))
	}
	sessionsIn(cfg.ConnConfig).settings = sql.String()
	return cfg, params, nil
}

// assignment returns a setting as SET and ALTER ROLE take it.
func assignment(name, value string) string {
	if name != "search_path" {
		return name + " = " + literal(value)
	}
	var schemas []string
	for schema := range strings.SplitSeq(value, ",") {
		schemas = append(schemas, literal(strings.Trim(strings.TrimSpace(schema), `"`)))
	}
	return name + " = " + strings.Join(schemas, ", ")
}

// connectBare connects without sending settings.
func connectBare(ctx context.Context, cfg *pgx.ConnConfig) (*pgx.Conn, error) {
	cfg = cfg.Copy()
	cfg.ValidateConnect = sessionsIn(cfg).check
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return nil, unreachable(err)
	}
	return conn, nil
}

// errStatementMode is returned for a pooler that allows no transactions.
var errStatementMode = errors.New("there is a pooler in front of the database in statement mode, which allows no transactions: set pool_mode = transaction in pgbouncer.ini")

// errTwoDatabases is returned if the two URLs do not lead to the same database.
var errTwoDatabases = errors.New("DATABASE_URL and DATABASE_DIRECT_URL do not lead to the same database of the same server: correct one of them, or the pooler's configuration")

// findPooler finds the pooler between the URL of cfg and the server of direct, if there is one. It
// returns errStatementMode, errTwoDatabases or a sentence that says why the pooler cannot be used.
func findPooler(ctx context.Context, cfg *pgx.ConnConfig, direct *pgxpool.Pool) (p Pooler, err error) {
	sessionsIn(cfg).follow(sessionsIn(direct.Config().ConnConfig))
	conn, err := connectBare(ctx, cfg)
	if err != nil {
		return Pooler{}, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "begin", simple); err != nil {
		var pg *pgconn.PgError
		if errors.As(err, &pg) && pg.Code == "08P01" {
			return Pooler{}, errStatementMode // PgBouncer ends a connection that begins a transaction
		}
		return Pooler{}, fmt.Errorf("check the pooler: %w", err)
	}
	defer conn.Exec(context.WithoutCancel(ctx), "rollback", simple)
	if err := checkSameDatabase(ctx, conn, direct); err != nil {
		return Pooler{}, err
	}
	var pid uint32
	if err := conn.QueryRow(ctx, "select pg_backend_pid()", simple).Scan(&pid); err != nil {
		return Pooler{}, fmt.Errorf("check the pooler: %w", err)
	}
	if pid == conn.PgConn().PID() { // PostgreSQL itself names the process of the connection
		return Pooler{Prepares: true}, nil
	}
	prepares, err := keepsPrepared(ctx, conn)
	if err != nil {
		return Pooler{}, fmt.Errorf("check the pooler: %w", err)
	}
	return Pooler{Shared: true, Prepares: prepares}, nil
}

// checkSameDatabase returns errTwoDatabases unless a lock of the open transaction on conn, in its
// database, is seen by direct.
func checkSameDatabase(ctx context.Context, conn *pgx.Conn, direct *pgxpool.Pool) error {
	var random [8]byte
	_, _ = rand.Read(random[:]) // never fails
	key := int64(binary.BigEndian.Uint64(random[:]))
	if _, err := conn.Exec(ctx, "select pg_advisory_xact_lock($1)", simple, key); err != nil {
		return fmt.Errorf("check the pooler: %w", err)
	}
	var free bool
	if err := direct.QueryRow(ctx, "select pg_try_advisory_xact_lock($1)", key).Scan(&free); err != nil {
		return fmt.Errorf("check DATABASE_DIRECT_URL: %w", err)
	}
	if free {
		return errTwoDatabases
	}
	return nil
}

// keepsPrepared reports whether a pooler keeps prepared statements when it changes the server
// session of a client. Such a pooler gives them names of its own. If the server knows a
// statement by our name, the pooler only passes it on. conn has an open transaction.
func keepsPrepared(ctx context.Context, conn *pgx.Conn) (bool, error) {
	name := "frontdesk_" + rand.Text()
	if _, err := conn.PgConn().Prepare(ctx, name, "select 1", nil); err != nil {
		return false, err
	}
	defer conn.PgConn().Deallocate(context.WithoutCancel(ctx), name)
	var passed bool
	err := conn.QueryRow(ctx, "select exists (select from pg_prepared_statements where name = $1)", simple, name).Scan(&passed)
	return !passed, err
}

// roleKey is the key of the advisory lock under which replicas change the settings of the role.
const roleKey = 7006

// storeSettings stores settings for the role in this database, unless they are stored already.
func storeSettings(ctx context.Context, cfg *pgx.ConnConfig, params map[string]string) error {
	conn, err := connectBare(ctx, cfg)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	err = InTx(ctx, conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "select pg_advisory_xact_lock($1)", simple, roleKey); err != nil {
			return err
		}
		var database, have string
		err := tx.QueryRow(ctx, `select current_database(), coalesce((select array_to_string(s.setconfig, chr(10)) from pg_db_role_setting s
			where s.setdatabase = (select oid from pg_database where datname = current_database()) and s.setrole = current_user::regrole), '')`, simple).Scan(&database, &have)
		if err != nil {
			return err
		}
		stored := strings.Split(have, "\n")
		for _, name := range slices.Sorted(maps.Keys(params)) {
			if slices.Contains(stored, name+"="+params[name]) {
				continue
			}
			if _, err := tx.Exec(ctx, "alter role current_user in database "+identifier(database)+" set "+assignment(name, params[name]), simple); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store the settings of the pooler's sessions: %w", err)
	}
	return nil
}

// DirectFitness is [Fitness] for the URL of DATABASE_DIRECT_URL.
func DirectFitness(ctx context.Context, directURL string, conns int32) ([]Finding, error) {
	found, err := Fitness(ctx, directURL, conns)
	for i := range found {
		found[i].Sentence = strings.ReplaceAll(found[i].Sentence, "DATABASE_URL", "DATABASE_DIRECT_URL")
	}
	if err != nil {
		err = errors.New(strings.ReplaceAll(err.Error(), "DATABASE_URL", "DATABASE_DIRECT_URL"))
	}
	return found, err
}

// PoolerFitness is [Fitness] for the URL of a pooler and the one of the server itself. conns and
// directConns are the sizes of the two pools. It changes nothing.
func PoolerFitness(ctx context.Context, url, directURL string, conns, directConns int32) (Pooler, []Finding, error) {
	found, err := DirectFitness(ctx, directURL, directConns)
	if err != nil {
		return Pooler{}, found, err
	}
	direct, err := Open(ctx, directURL, 1)
	if err != nil {
		return Pooler{}, found, err
	}
	defer direct.Close()
	cfg, _, err := parsePooled(url, conns)
	if err != nil {
		return Pooler{}, found, err
	}
	p, err := findPooler(ctx, cfg.ConnConfig, direct)
	switch {
	case errors.Is(err, errStatementMode), errors.Is(err, errTwoDatabases):
		return p, append(found, Finding{Name: "pooling", Sentence: err.Error()}), nil
	case err != nil || !p.Shared:
		return p, found, err
	}
	e := &examination{cfg: cfg.ConnConfig, conns: int(cfg.MaxConns)}
	e.cfg.ValidateConnect = nil
	err = e.checkPoolerSize(ctx)
	return p, append(found, e.found...), err
}
