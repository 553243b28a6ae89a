// Package db has the generated queries, the migrations and the pool of connections, and runs
// transactions. It classifies the errors of PostgreSQL, and passes messages between replicas.
package db

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/internal/pgenv"
)

// MinServer is the oldest PostgreSQL this program runs on.
const MinServer = 14

// session has the settings of every connection, unless the URL sets them. They are sent
// with SET after connecting, because a pooler refuses them as startup parameters.
var session = map[string]string{
	"statement_timeout":                   "4s",
	"lock_timeout":                        "2s",
	"idle_in_transaction_session_timeout": "10s",
	// Queries are frequent and short: compiling a plan or starting parallel workers would
	// cost more than it saves.
	"jit":                             "off",
	"max_parallel_workers_per_gather": "0",
}

// always has the settings that our statements depend on. They override those of the URL,
// the role and the database.
var always = map[string]string{
	"default_transaction_isolation": "read committed", // see readCommitted; this is for single statements
}

// Open returns a pool of connections. It returns an error if the database does not answer
// or is older than [MinServer]; [Fitness] checks the rest. The server ends a statement
// after 4 s, a wait for a lock after 2 s and an idle transaction after 10 s, unless the URL
// sets other limits. If the server does not answer, every wait ends within 5 s. The pool
// has at most maxConns connections, or pool_max_conns of the URL. The options are [Observer],
// [Committed] and [OnDemand]. If the URL names several hosts, the pool connects to the one that
// accepts changes.
func Open(ctx context.Context, url string, maxConns int32, options ...Option) (*pgxpool.Pool, error) {
	cfg, err := parse(url, maxConns, options...)
	if err != nil {
		return nil, err
	}
	if s := sessionsIn(cfg.ConnConfig); s.several {
		s.learn(ctx, cfg.ConnConfig) // before the pool connects
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := checkServer(ctx, pool); err != nil {
		go pool.Close() // it waits until all attempts to connect have ended
		return nil, err
	}
	return pool, nil
}

// parse returns the configuration of a pool of at most maxConns connections for a URL.
func parse(url string, maxConns int32, options ...Option) (*pgxpool.Config, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if plain, noPool := pgconn.ParseConfig(url); err != nil && noPool == nil {
		return nil, poolError(plain.RuntimeParams)
	}
	if err != nil {
		return nil, fmt.Errorf("the database URL cannot be read: %w", withVariables(withoutURL(err)))
	}
	if !strings.Contains(url, "pool_max_conns=") {
		cfg.MaxConns = maxConns
	}
	cfg.MinIdleConns = min(2, cfg.MaxConns)
	c := cfg.ConnConfig
	several := len(hosts(c)) > 1
	if !strings.Contains(url, "connect_timeout=") {
		c.ConnectTimeout = 3 * time.Second
		if several {
			c.ConnectTimeout = hostTimeout
		}
	}
	// Settings of the role must not change the meaning of texts and times.
	c.RuntimeParams["client_encoding"] = "UTF8"
	c.RuntimeParams["timezone"] = "UTC"
	c.RuntimeParams["standard_conforming_strings"] = "on"
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "frontdesk"
	}
	waits := &callTimeouts{statement: statementTimeout, sessions: &sessions{asked: c.ValidateConnect, several: several, settings: settings(c.RuntimeParams)}}
	if d, ok := duration(c.RuntimeParams["statement_timeout"]); ok {
		waits.statement = max(waits.statement, d+500*time.Millisecond)
	}
	c.Tracer = waits
	for _, o := range options {
		o.apply(cfg, waits)
	}
	c.ValidateConnect = waits.sessions.begin
	cfg.AfterRelease = waits.sessions.mayReuse
	return cfg, nil
}

// sessionsIn returns the sessions of a configuration that parse has made.
func sessionsIn(cfg *pgx.ConnConfig) *sessions { return cfg.Tracer.(*callTimeouts).sessions }

// poolError returns the error for a URL whose settings of the pool cannot be used.
func poolError(params map[string]string) error {
	var given []string
	for name, value := range params {
		if strings.HasPrefix(name, "pool_") {
			given = append(given, name+"="+value)
		}
	}
	slices.Sort(given)
	return fmt.Errorf("the database URL has settings of the pool that cannot be used (%s): pool_max_conns is a number from 1, and times are such as 30s or 1h: correct them, or remove them", strings.Join(given, ", "))
}

// settings returns the statements that a new connection begins with: those of session that
// the URL has not set (set), and then those of always.
func settings(set map[string]string) string {
	var sql strings.Builder
	for name, value := range session {
		if _, given := set[name]; !given {
			fmt.Fprintf(&sql, "set %s = %s;", name, literal(value))
		}
	}
	for name, value := range always {
		fmt.Fprintf(&sql, "set %s = %s;", name, literal(value))
	}
	return sql.String()
}

// literal returns value as an SQL string.
func literal(value string) string { return "'" + strings.ReplaceAll(value, "'", "''") + "'" }

// duration parses a time in the form of postgresql.conf: 30s, 2min, or milliseconds
// without a unit. It returns false for any other form.
func duration(value string) (time.Duration, bool) {
	value = strings.ReplaceAll(strings.TrimSpace(value), " ", "")
	if strings.HasSuffix(value, "min") {
		value = strings.TrimSuffix(value, "in")
	} else if strings.Trim(value, "0123456789") == "" {
		value += "ms"
	}
	d, err := time.ParseDuration(value)
	return d, err == nil
}

// checkServer returns an error if the server cannot be reached or is too old.
func checkServer(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(WithCallTimeout(ctx, connectTimeout))
	if err != nil {
		return unreachable(err)
	}
	defer conn.Release()
	return oldServer(conn.Conn().PgConn())
}

// oldServer returns an error if the server is older than [MinServer].
func oldServer(conn *pgconn.PgConn) error {
	version := conn.ParameterStatus("server_version")
	var major int
	if _, err := fmt.Sscanf(version, "%d", &major); err != nil || major < MinServer {
		return fmt.Errorf("the database is PostgreSQL %s; Frontdesk needs %d or later: set DATABASE_URL to such a server, or unset it", version, MinServer)
	}
	return nil
}

var errForm = errors.New("it is not of the form postgres://user:password@host:5432/name?sslmode=require, with special characters of the password as %XX")

// withoutURL drops the URL, and with it a password, from a parse error.
func withoutURL(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errForm
	}
	return err
}

// withVariables adds to err the environment variables that change a connection.
func withVariables(err error) error {
	if names := pgenv.Names(); len(names) > 0 {
		return fmt.Errorf("%w; these environment variables are used as well: %s: unset those that do not belong to this database", err, strings.Join(names, ", "))
	}
	return err
}

// unreachable returns the error of a failed connect as a sentence that says what to do.
func unreachable(err error) error { return withVariables(whyUnreachable(err)) }

// whyUnreachable is unreachable without the names of environment variables.
func whyUnreachable(err error) error {
	var pg *pgconn.PgError
	var op *net.OpError
	var dns *net.DNSError
	switch {
	case errors.As(err, &pg):
		return refused(pg)
	case errors.As(err, &dns):
		return fmt.Errorf("the database cannot be reached: its host %q is not known (%s): correct DATABASE_URL", dns.Name, dns.Err)
	case errors.As(err, &op):
		return fmt.Errorf("the database cannot be reached at %s (%w): start it, or correct DATABASE_URL", op.Addr, op.Err)
	case errors.Is(err, context.DeadlineExceeded):
		return errors.New("the database cannot be reached: it does not answer: start it, or correct DATABASE_URL")
	}
	return fmt.Errorf("the database cannot be reached (%w): start it, or correct DATABASE_URL", err)
}

// refused returns a sentence that says what to do about an error that the server returned
// for a connection.
func refused(pg *pgconn.PgError) error {
	const says = "the database refuses the connection"
	switch pg.Code {
	case "28P01", "28000":
		return fmt.Errorf("%s (%s): correct the user and the password in DATABASE_URL", says, pg.Message)
	case "3D000":
		return fmt.Errorf("%s (%s): run createdb -E UTF8 -T template0 with that name, or correct DATABASE_URL", says, pg.Message)
	case "42704":
		return fmt.Errorf("%s (%s): remove that parameter from DATABASE_URL", says, pg.Message)
	case "53300":
		return fmt.Errorf("%s (%s): end other programs, or raise max_connections", says, pg.Message)
	}
	if name, ok := strings.CutPrefix(pg.Message, "unsupported startup parameter: "); ok {
		return fmt.Errorf("the pooler before the database refuses the setting %s: remove it from DATABASE_URL, or add it to ignore_startup_parameters in pgbouncer.ini", name)
	}
	return fmt.Errorf("%s (%s): correct DATABASE_URL", says, pg.Message)
}
