// Package dbseed fills a database with a large desk, for benchmarks and for tests of query
// plans. The same Tickets and End give the same rows.
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

// Options describe the desk.
type Options struct {
	Tickets int
	// End is the time of the last ticket; the first is two years older. The zero value is
	// the beginning of the current hour.
	End time.Time
	// Words is the number of words in a comment; a description has twice as many. 0 means
	// 30. Longer texts take longer, mostly for the search index.
	Words int
	// PasswordHash is the hash of the password of all users.
	PasswordHash string
	// Uploads is the folder of the desk's files. An eighth of the tickets have a file of
	// 1 KiB to 8 MiB; the files are sparse and use no space. If Uploads is empty, only the
	// rows of the files are made.
	Uploads string
	// Progress, if not nil, is called with the number of tickets that are complete.
	Progress func(done int)
}

const (
	// batch is the number of tickets that share a random source. The rows do not depend on
	// which worker makes a batch.
	batch = 5000
	// workers is the number of connections that copy rows at the same time. Each keeps a
	// core of the database busy.
	workers = 3
	// unread is the number of the newest tickets, which the admin and their requesters have not
	// seen.
	unread = 20
)

// large has the tables whose indexes are dropped and created again after copying.
// Updating the indexes for each row would take several times as long.
var large = []string{"tickets", "search_tickets", "search_comments", "ticket_events", "attachments"}

// Fill fills an empty, migrated database. It disables triggers and foreign keys, for which
// the role of the URL must be a superuser, and writes the rows of the triggers itself.
// After an error the database cannot be used: indexes are missing.
func Fill(ctx context.Context, url string, o Options) error {
	o = o.withDefaults()
	conns, err := connect(ctx, url, workers)
	defer func() {
		for _, c := range conns {
			c.Close(context.WithoutCancel(ctx))
		}
	}()
	if err != nil {
		return err
	}
	if err := people(ctx, conns[0], o); err != nil {
		return fmt.Errorf("seed people: %w", err)
	}
	if o.Uploads != "" {
		if err := makeFiles(o); err != nil {
			return fmt.Errorf("make files: %w", err)
		}
	}
	// Otherwise autovacuum would process the growing tables again and again.
	if err := autovacuum(ctx, conns[0], "set (autovacuum_enabled = off)"); err != nil {
		return err
	}
	q := db.New(conns[0])
	if err := fillWithoutIndexes(ctx, q, conns, o); err != nil {
		return err
	}
	if err := q.MoveSequences(ctx, db.MoveSequencesParams{Users: Users + Staff, Tickets: int64(o.Tickets), Files: int64(o.Tickets)}); err != nil {
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

// withDefaults returns the options with a value for each that is not set.
func (o Options) withDefaults() Options {
	if o.End.IsZero() {
		o.End = time.Now().UTC().Truncate(time.Hour)
	}
	if o.Words == 0 {
		o.Words = 30
	}
	if o.Progress == nil {
		o.Progress = func(int) {}
	}
	return o
}

// fillWithoutIndexes adds the tickets while the indexes of the [large] tables are dropped.
func fillWithoutIndexes(ctx context.Context, q *db.Queries, conns []*pgx.Conn, o Options) error {
	indexes, err := q.PlainIndexes(ctx, large)
	if err != nil {
		return err
	}
	if err := inTurn(ctx, conns[:1], indexes, func(ctx context.Context, c *pgx.Conn, i db.PlainIndexesRow) error {
		return run(ctx, c, "drop index "+i.Name)
	}); err != nil {
		return err
	}
	if err := fillTickets(ctx, conns, o); err != nil {
		return fmt.Errorf("seed tickets: %w", err)
	}
	return inTurn(ctx, conns, indexes, func(ctx context.Context, c *pgx.Conn, i db.PlainIndexesRow) error {
		return run(ctx, c, i.Definition)
	})
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
	cfg.RuntimeParams["max_parallel_maintenance_workers"] = "0" // every core is busy already
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

// fillTickets writes all tickets in batches, and their counters.
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

// inTurn calls do for each piece of work. A connection takes the next piece when it has finished
// one. inTurn returns the first error.
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

func run(ctx context.Context, c *pgx.Conn, sql string, args ...any) error {
	_, err := c.Exec(ctx, sql, args...)
	return err
}

func copyRows(ctx context.Context, c *pgx.Conn, table string, rows [][]any, columns ...string) error {
	if _, err := c.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(rows)); err != nil {
		return fmt.Errorf("copy %s: %w", table, err)
	}
	return nil
}
