// Package dbseed fills a database with a large desk, for measuring and for
// tests of plans. The same number of tickets and the same end give the same rows.
package dbseed

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"frontdesk/db"
)

// Options say what a desk is seeded with.
type Options struct {
	Tickets int
	// End is when the last ticket came; the first came two years before. Zero
	// is the hour that has begun.
	End time.Time
	// Words is how long texts are: so many words a comment, twice as many a
	// description. Zero is 30; cutting texts into words is most of the time.
	Words int
	// PasswordHash is everybody's.
	PasswordHash string
	// Uploads is the folder of the desk's files. Those of an eighth of the
	// tickets are made there, of 1 KiB to 8 MiB, sparse and thus taking no room;
	// where it is empty their rows are all there is.
	Uploads string
	// Progress, if set, is called with the number of tickets that are there.
	Progress func(done int)
}

const (
	// batch is how many tickets are made from one source of chance: who works
	// off which batch changes nothing.
	batch = 5000
	// workers is how many connections copy at once. Cutting texts into words
	// and indexing these takes a core of the database each.
	workers = 3
	// unread is how many of the last tickets the admin and their requesters have not seen.
	unread = 20
)

// large are the tables whose indexes are dropped and made again: one by one
// their rows would take several times as long.
var large = []string{"tickets", "search_tickets", "search_comments", "ticket_events", "attachments"}

// Fill fills an empty, migrated database. It copies with triggers and foreign
// keys off (the URL's role must be a superuser) and writes itself what they
// would have. Where it fails, the database is of no use: indexes are missing.
func Fill(ctx context.Context, url string, o Options) error {
	if o.End.IsZero() {
		o.End = time.Now().UTC().Truncate(time.Hour)
	}
	if o.Words == 0 {
		o.Words = 30
	}
	if o.Progress == nil {
		o.Progress = func(int) {}
	}
	conns, err := connect(ctx, url, workers)
	defer func() {
		for _, c := range conns {
			c.Close(context.WithoutCancel(ctx))
		}
	}()
	if err != nil {
		return err
	}
	q := db.New(conns[0])
	if err := people(ctx, conns[0], o); err != nil {
		return fmt.Errorf("seed people: %w", err)
	}
	if o.Uploads != "" {
		if err := makeFiles(o); err != nil {
			return fmt.Errorf("make files: %w", err)
		}
	}
	indexes, err := q.PlainIndexes(ctx, large)
	if err != nil {
		return err
	}
	if err := inTurn(ctx, conns[:1], indexes, func(ctx context.Context, c *pgx.Conn, i db.PlainIndexesRow) error {
		return run(ctx, c, "drop index "+i.Name)
	}); err != nil {
		return err
	}
	// Looked at while they grow, they would be looked at again and again.
	if err := autovacuum(ctx, conns[0], "set (autovacuum_enabled = off)"); err != nil {
		return err
	}
	if err := fillTickets(ctx, conns, o); err != nil {
		return fmt.Errorf("seed tickets: %w", err)
	}
	if err := inTurn(ctx, conns, indexes, func(ctx context.Context, c *pgx.Conn, i db.PlainIndexesRow) error {
		return run(ctx, c, i.Definition)
	}); err != nil {
		return err
	}
	if err := q.MoveSequences(ctx, db.MoveSequencesParams{Users: Users + Crew, Tickets: int64(o.Tickets), Files: int64(o.Tickets)}); err != nil {
		return err
	}
	if err := q.SeedNotifications(ctx, db.SeedNotificationsParams{Admin: Admin, Unread: unread}); err != nil {
		return fmt.Errorf("seed notifications: %w", err)
	}
	if err := autovacuum(ctx, conns[0], "reset (autovacuum_enabled)"); err != nil {
		return err
	}
	return run(ctx, conns[0], "vacuum analyze")
}

func autovacuum(ctx context.Context, c *pgx.Conn, change string) error {
	for _, table := range large {
		if err := run(ctx, c, "alter table "+table+" "+change); err != nil {
			return err
		}
	}
	return nil
}

func connect(ctx context.Context, url string, n int) (conns []*pgx.Conn, err error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	cfg.RuntimeParams["session_replication_role"] = "replica"
	cfg.RuntimeParams["synchronous_commit"] = "off"
	cfg.RuntimeParams["maintenance_work_mem"] = "256MB"
	cfg.RuntimeParams["max_parallel_maintenance_workers"] = "0" // all are at work already
	for range n {
		conn, err := pgx.ConnectConfig(ctx, cfg)
		if err != nil {
			return conns, err
		}
		conns = append(conns, conn)
		for _, enum := range []string{"user_role", "ticket_status", "ticket_priority", "event_kind"} {
			t, err := conn.LoadType(ctx, enum) // COPY is binary, so pgx must know them
			if err != nil {
				return conns, err
			}
			conn.TypeMap().RegisterType(t)
		}
	}
	return conns, nil
}

// fillTickets makes batch after batch, and the counters of them all.
func fillTickets(ctx context.Context, conns []*pgx.Conn, o Options) error {
	var firsts []int
	for first := 1; first <= o.Tickets; first += batch {
		firsts = append(firsts, first)
	}
	var done atomic.Int64
	counted := counters{tickets: map[bin]int64{}, hours: map[time.Time][2]int64{}}
	err := inTurn(ctx, conns, firsts, func(ctx context.Context, c *pgx.Conn, first int) error {
		m := newMaker(o, first)
		if err := m.copyTo(ctx, c); err != nil {
			return err
		}
		counted.add(m)
		o.Progress(int(done.Add(int64(m.last - m.first + 1))))
		return nil
	})
	if err != nil {
		return err
	}
	return counted.copyTo(ctx, conns[0])
}

// inTurn does all the work, each connection taking the next piece when it is
// through with one.
func inTurn[T any](ctx context.Context, conns []*pgx.Conn, work []T, do func(context.Context, *pgx.Conn, T) error) error {
	group, ctx := errgroup.WithContext(ctx)
	var next atomic.Int64
	for _, c := range conns {
		group.Go(func() error {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(work) {
					return nil
				}
				if err := do(ctx, c, work[i]); err != nil {
					return err
				}
			}
		})
	}
	return group.Wait()
}

func run(ctx context.Context, c *pgx.Conn, sql string) error {
	_, err := c.Exec(ctx, sql)
	return err
}

func copyRows(ctx context.Context, c *pgx.Conn, table string, rows [][]any, columns ...string) error {
	if _, err := c.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("copy %s: %w", table, err)
	}
	return nil
}
