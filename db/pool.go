package db

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// MinServer is the oldest PostgreSQL this program runs on.
const MinServer = 14

// Open connects to the database and proves that it answers and is not too old.
// Its connections bound what one statement may take (5 s), wait for a lock
// (2 s) or idle within a transaction (10 s), unless the URL says otherwise.
func Open(ctx context.Context, url string, maxConns int32) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("the database URL cannot be read: %w", withoutURL(err))
	}
	cfg.MaxConns = maxConns
	cfg.MinIdleConns = min(2, maxConns)
	cfg.ConnConfig.ConnectTimeout = 3 * time.Second
	for name, value := range map[string]string{
		"application_name":                    "frontdesk",
		"statement_timeout":                   "5s",
		"lock_timeout":                        "2s",
		"idle_in_transaction_session_timeout": "10s",
		"timezone":                            "UTC",
		// Pages are many and short: compiling a plan, or calling in further
		// processes for it, costs more than it saves.
		"jit":                             "off",
		"max_parallel_workers_per_gather": "0",
	} {
		if _, set := cfg.ConnConfig.RuntimeParams[name]; !set {
			cfg.ConnConfig.RuntimeParams[name] = value
		}
	}
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return nil, err
	}
	if err := checkServer(ctx, pool); err != nil {
		pool.Close()
		return nil, err
	}
	return pool, nil
}

func checkServer(ctx context.Context, pool *pgxpool.Pool) error {
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return unreachable(err)
	}
	defer conn.Release()
	version := conn.Conn().PgConn().ParameterStatus("server_version")
	var major int
	if _, err := fmt.Sscanf(version, "%d", &major); err != nil || major < MinServer {
		return fmt.Errorf("the database is PostgreSQL %s; Frontdesk needs %d or later: set DATABASE_URL to such a server, or unset it", version, MinServer)
	}
	return nil
}

// withoutURL drops the URL, and with it a password, from a parse error.
func withoutURL(err error) error {
	var parse *pgconn.ParseConfigError
	if errors.As(err, &parse) {
		return errors.New("it is not of the form postgres://user:password@host:5432/name")
	}
	return err
}

func unreachable(err error) error {
	var pg *pgconn.PgError
	var op *net.OpError
	switch {
	case errors.As(err, &pg):
		return fmt.Errorf("the database refuses the connection (%s): mend DATABASE_URL", pg.Message)
	case errors.As(err, &op):
		return fmt.Errorf("the database cannot be reached at %s (%w): start it, or mend DATABASE_URL", op.Addr, op.Err)
	}
	return fmt.Errorf("the database cannot be reached (%w): start it, or mend DATABASE_URL", err)
}
