package topology

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// syncOn waits until the standby has all WAL, and makes commits wait for it.
func (c *Cluster) syncOn(ctx context.Context) error {
	p := c.pair.primary()
	if err := await(ctx, "the standby follows", func(ctx context.Context) error {
		return p.holds(ctx, "select exists (select from pg_stat_replication where state = 'streaming' and pg_wal_lsn_diff(pg_current_wal_lsn(), flush_lsn) < 65536)")
	}); err != nil {
		return err
	}
	name := strings.ReplaceAll(c.pair.standby().name, "-", "_")
	if err := p.exec(ctx, "alter system set synchronous_standby_names = '"+name+"'", "select pg_reload_conf()"); err != nil {
		return err
	}
	return await(ctx, "the standby is synchronous", func(ctx context.Context) error {
		return p.holds(ctx, "select exists (select from pg_stat_replication where sync_state = 'sync')")
	})
}

// syncOff lets commits continue without the standby, which was lost. Until syncOn, the primary must not be lost.
func (c *Cluster) syncOff(ctx context.Context) error {
	return c.pair.primary().exec(ctx, "alter system set synchronous_standby_names = ''", "select pg_reload_conf()")
}

// failOver stops the machine of the primary, so that it cannot accept another write, and promotes
// the standby.
func (c *Cluster) failOver(ctx context.Context) error {
	old, next := c.pair.primary(), c.pair.standby()
	old.process.kill()
	old.pooler.process.kill()
	if err := next.exec(ctx, "select pg_promote(true, 20)"); err != nil {
		return err
	}
	old.isPrimary, next.isPrimary = false, true
	return nil
}

// rejoin makes a standby of the former primary: pg_rewind removes what the new primary does not have.
func (c *Cluster) rejoin(ctx context.Context) error {
	s := c.pair.standby()
	if err := c.pair.primary().exec(ctx, "checkpoint"); err != nil { // pg_rewind reads the timeline from the control file
		return err
	}
	if err := c.tool(ctx, "pg_rewind", "-D", s.data, "--source-server="+c.conninfo(s.peer), "-R", "--config-file="+s.config); err != nil {
		return err
	}
	if err := c.startServer(ctx, s); err != nil {
		return err
	}
	if err := s.pooler.process.start(ctx); err != nil {
		return err
	}
	return c.syncOn(ctx)
}

// await calls f until it returns nil.
func await(ctx context.Context, what string, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := f(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait until %s: %w", what, err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// errNot is returned by holds for false.
var errNot = errors.New("it is not so")

// holds returns nil if a query returns true.
func (s *server) holds(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, s.local("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	var is bool
	if err := conn.QueryRow(ctx, sql).Scan(&is); err != nil {
		return err
	}
	if !is {
		return errNot
	}
	return nil
}
