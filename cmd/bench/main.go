// Command bench measures the desk beside its limit: it starts its own
// PostgreSQL and the real program, seeds a large desk, loads it, and prints
// one table. It asserts nothing.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/alecthomas/kong"
	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/desk"
	"frontdesk/internal/postgres"
)

// password is that of everybody on the seeded desk.
const password = "bench password 2026"

type options struct {
	Tickets int     `default:"100000" help:"Tickets to seed."`
	Seconds float64 `default:"5" help:"Length of one run of a work, at most 60."`
	Runs    int     `default:"3" help:"Runs of a work; the median counts."`
	Conns   int     `default:"20" help:"Connections of the load, at most 200."`
	Only    string  `help:"Works to run, such as P1,P3."`
}

// bench is one run of the program.
type bench struct {
	options
	dir     string
	binary  string
	cluster *postgres.Cluster
	pool    *pgxpool.Pool
	app     *program
	rows    []row
}

func main() {
	postgres.RunFetchChild()
	if len(os.Args) == 4 && os.Args[1] == limitArg {
		exit(serveLimit(os.Args[2], os.Args[3]))
	}
	if len(os.Args) == 2 && os.Args[1] == bareArg {
		exit(serveBare())
	}
	debug.SetGCPercent(400) // the load's memory is not what is measured, and its time is
	var o options
	kong.Parse(&o, kong.Description("Measures the desk beside its limit, on this machine."))
	o.Seconds, o.Conns = min(o.Seconds, 60), min(o.Conns, 200)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	b := &bench{options: o}
	err := b.run(ctx)
	b.close()
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func (b *bench) run(ctx context.Context) error {
	var err error
	if b.dir, err = os.MkdirTemp("", "frontdesk-bench-"); err != nil {
		return err
	}
	if err := os.Chmod(b.dir, 0o755); err != nil { // the database's user passes through
		return err
	}
	b.binary = filepath.Join(b.dir, "frontdesk")
	if err := build(ctx, b.binary); err != nil {
		return err
	}
	if b.wants("P10") {
		if err := b.starts(ctx); err != nil {
			return fmt.Errorf("P10: %w", err)
		}
	}
	if err := b.openDesk(ctx); err != nil {
		return err
	}
	defer func() { printTable(os.Stdout, b.rows) }() // what was measured before a work failed, too
	for _, w := range works {
		if !b.wants(w.name) {
			continue
		}
		if err := w.measure(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", w.name, err)
		}
	}
	return nil
}

func (b *bench) wants(name string) bool {
	if b.Only == "" {
		return true
	}
	for o := range strings.SplitSeq(b.Only, ",") {
		if o == name {
			return true
		}
	}
	return false
}

// openDesk seeds a database of its own and starts the program on it.
func (b *bench) openDesk(ctx context.Context) error {
	var err error
	if b.cluster, err = postgres.Start(ctx, postgres.Options{DataDir: filepath.Join(b.dir, "seeded")}); err != nil {
		return err
	}
	url := b.cluster.URL("postgres")
	if b.pool, err = db.Open(ctx, url, 10); err != nil {
		return err
	}
	if err := db.Migrate(ctx, b.pool); err != nil {
		return err
	}
	start := time.Now()
	err = dbseed.Fill(ctx, url, dbseed.Options{Tickets: b.Tickets, PasswordHash: desk.HashPassword(password), Progress: func(done int) {
		fmt.Fprintf(os.Stderr, "\rseeding %d of %d tickets ", done, b.Tickets)
	}})
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "in %s\n", time.Since(start).Round(time.Second))
	b.app, err = b.startDesk(ctx, "app")
	return err
}

// startDesk starts the program on the seeded database. Limits are off, those of
// sockets apart.
func (b *bench) startDesk(ctx context.Context, name string) (*program, error) {
	return startProgram(ctx, b.binary, "DATABASE_URL="+b.cluster.URL("postgres"), "DATA_DIR="+filepath.Join(b.dir, name),
		"LIMIT_SIGNIN=0", "LIMIT_TICKETS=0", "LIMIT_UPLOADS=0", "LIMIT_REGISTER=0",
		"LIMIT_TALK=100000000/1m") // never reached, and counted: its cost is part of what is measured
}

func (b *bench) close() {
	if b.app != nil {
		b.app.stop()
	}
	if b.pool != nil {
		b.pool.Close()
	}
	if b.cluster != nil {
		_ = b.cluster.Stop(context.Background())
	}
	if b.dir != "" {
		os.RemoveAll(b.dir)
	}
}
