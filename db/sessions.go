package db

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// hostTimeout is the time limit of a connection attempt to one of several hosts, unless the
// URL has connect_timeout. It is short, because the other hosts are tried after it.
const hostTimeout = 1500 * time.Millisecond

// sessions prepares the sessions of new connections, and refuses servers that must not be
// written to. The connections of a pool share one.
type sessions struct {
	settings string                     // the statements that set session and always
	several  bool                       // the URL names several hosts, of which the primary is used
	asked    pgconn.ValidateConnectFunc // checks target_session_attrs of the URL; nil without it

	mu       sync.Mutex
	cluster  string // the system identifier of the server that was connected to last
	timeline int64  // the highest timeline of that cluster that was seen
}

// server describes the server of a connection.
type server struct {
	readOnly bool
	cluster  string // system identifier; "" if the role may not read it
	timeline int64  // 0 on a standby, and if the role may not read it
	started  string // when the server was started
}

// errOldPrimary is returned for a server that was primary before another was promoted.
var errOldPrimary = errors.New("the server was the primary before another one was promoted, and must be stopped: changes on it would be lost")

// begin sends the settings to a new connection. It implements [pgconn.ValidateConnectFunc]: after
// an error, the next host of the URL is tried. If the URL has several hosts, a server with
// read-only transactions is refused. A server is also refused if its standby was promoted and this
// process has used the new primary.
func (s *sessions) begin(ctx context.Context, conn *pgconn.PgConn) error {
	if s.asked != nil {
		if err := s.asked(ctx, conn); err != nil {
			return err
		}
	}
	if err := conn.Exec(ctx, s.settings).Close(); err != nil {
		return err
	}
	return s.check(ctx, conn)
}

// check is begin without sending the settings.
func (s *sessions) check(ctx context.Context, conn *pgconn.PgConn) error {
	to, err := describe(ctx, conn)
	switch {
	case err != nil:
		return err
	case s.several && to.readOnly:
		return errors.New("the server is a standby or read-only")
	case !s.accepts(to):
		return errOldPrimary
	}
	conn.CustomData()[timelineKey] = to.timeline
	return nil
}

// accepts reports whether a server may be used, and stores its timeline. Each promotion of a
// standby begins a timeline with a higher number. The timelines of another cluster, such as one
// that was restored or upgraded, are counted separately.
func (s *sessions) accepts(to server) bool {
	if to.timeline == 0 {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if to.cluster != s.cluster {
		s.cluster, s.timeline = to.cluster, 0
	}
	s.timeline = max(s.timeline, to.timeline)
	return to.timeline == s.timeline
}

// follow takes over the timeline that another pool to the same database has seen.
func (s *sessions) follow(other *sessions) {
	other.mu.Lock()
	cluster, timeline := other.cluster, other.timeline
	other.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cluster, s.timeline = cluster, timeline
}

// describe returns the properties of the server behind a connection.
func describe(ctx context.Context, conn *pgconn.PgConn) (server, error) {
	row, err := textRow(ctx, conn, "select pg_is_in_recovery() or current_setting('transaction_read_only')::bool, pg_postmaster_start_time()::text")
	if err != nil {
		return server{}, err
	}
	to := server{readOnly: row[0] == "t", started: row[1]}
	// The first eight digits of a WAL file's name are the timeline.
	row, err = textRow(ctx, conn, `select system_identifier::text, case when pg_is_in_recovery() then '0' else left(pg_walfile_name(pg_current_wal_lsn()), 8) end
		from pg_control_system()`)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && strings.HasPrefix(pg.Code, "42") {
		return to, nil // some hosted servers do not offer these functions
	}
	if err != nil {
		return server{}, err
	}
	to.cluster = row[0]
	if to.timeline, err = strconv.ParseInt(row[1], 16, 64); err != nil {
		return server{}, fmt.Errorf("read the timeline: %w", err)
	}
	return to, nil
}

// textRow returns the columns of the only row of a query.
func textRow(ctx context.Context, conn *pgconn.PgConn, sql string) ([]string, error) {
	results, err := conn.Exec(ctx, sql).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(results) != 1 || len(results[0].Rows) != 1 {
		return nil, errors.New("the answer of the database has not one row")
	}
	var row []string
	for _, column := range results[0].Rows[0] {
		row = append(row, string(column))
	}
	return row, nil
}

// hosts returns a copy of a configuration for each of its hosts, without a check of the
// server. The fallbacks of pgx have each host twice if TLS is optional.
func hosts(cfg *pgx.ConnConfig) []*pgx.ConnConfig {
	one := func(host string, port uint16) *pgx.ConnConfig {
		c := cfg.Copy()
		c.Host, c.Port, c.TLSConfig, c.Fallbacks = host, port, nil, nil
		c.ValidateConnect, c.AfterConnect = nil, nil
		return c
	}
	all := []*pgx.ConnConfig{one(cfg.Host, cfg.Port)}
	all[0].TLSConfig = cfg.TLSConfig
	for _, f := range cfg.Fallbacks {
		last := all[len(all)-1]
		if f.Host != last.Host || f.Port != last.Port {
			last = one(f.Host, f.Port)
			last.TLSConfig = f.TLSConfig
			all = append(all, last)
			continue
		}
		last.Fallbacks = append(last.Fallbacks, f)
	}
	return all
}

// learn reads the timeline of every host of the URL, so that a primary of an older one is
// refused from the first connection on. Hosts that do not answer are skipped.
func (s *sessions) learn(ctx context.Context, cfg *pgx.ConnConfig) {
	var all sync.WaitGroup
	for _, host := range hosts(cfg) {
		all.Go(func() {
			if to, err := describeHost(ctx, host); err == nil && !to.readOnly {
				s.accepts(to)
			}
		})
	}
	all.Wait()
}

// describeHost connects to the only host of a configuration, and describes its server.
func describeHost(ctx context.Context, cfg *pgx.ConnConfig) (server, error) {
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return server{}, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return describe(ctx, conn.PgConn())
}

// Keys of the data of a connection.
const (
	timelineKey = "frontdesk timeline"  // the timeline of its server when it began
	readOnlyKey = "frontdesk read-only" // set after its server refused a change because it accepts none
)

// isReadOnlyError reports whether a change was refused because the server is a standby, or its
// transactions are read-only.
func isReadOnlyError(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "25006"
}

// mayReuse reports whether a connection may be used again. If the URL has several hosts, it returns
// false for a server that no longer accepts changes, and for a former primary after another one was
// promoted.
func (s *sessions) mayReuse(conn *pgx.Conn) bool {
	if !s.several {
		return true
	}
	data := conn.PgConn().CustomData()
	timeline, _ := data[timelineKey].(int64)
	s.mu.Lock()
	defer s.mu.Unlock()
	return data[readOnlyKey] == nil && (timeline == 0 || timeline >= s.timeline)
}
