// Command bench measures the desk beside its limit: it starts its own
// PostgreSQL and the real program, seeds a large desk, loads it, and prints
// one table. It asserts nothing.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/account"
	"frontdesk/internal/postgres"
)

// password is that of everybody on the seeded desk.
const password = "bench password 2026"

// bench is one run of the program.
type bench struct {
	options
	dir      string
	binary   string
	cluster  *postgres.Cluster
	pool     *pgxpool.Pool
	app      *program
	grown    []grown // the desks of P7
	progress *progress
	report   report
}

func main() {
	postgres.RunFetchChild()
	switch {
	case len(os.Args) == 4 && os.Args[1] == limitArg:
		exit(serveLimit(os.Args[2], os.Args[3]))
	case len(os.Args) == 2 && os.Args[1] == bareArg:
		exit(serveBare())
	}
	debug.SetGCPercent(400) // the load's memory is not what is measured, and its time is
	o, err := parse(os.Args[1:])
	if err != nil {
		exit(err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	r, err := measure(ctx, o)
	if err == nil || len(r.Rows) > 0 || r.Growth != nil { // what was measured before a work failed, too
		err = cmp.Or(r.print(os.Stdout, o), err)
	}
	exit(err)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// measure runs the works that o wants.
func measure(ctx context.Context, o options) (report, error) {
	if o.From != "" {
		return readReport(o.From)
	}
	begun := time.Now()
	b := &bench{options: o, report: report{MeasuredAt: begun.UTC().Truncate(time.Second), Machine: thisMachine(), Against: o.Against,
		Tickets: o.Tickets, Seconds: o.Seconds, Runs: o.Runs, Connections: o.Conns}}
	err := b.run(ctx)
	b.close()
	b.report.Took = time.Since(begun).Round(100 * time.Millisecond).Seconds()
	return b.report, err
}

func (b *bench) run(ctx context.Context) error {
	todo := b.todo()
	steps := make([]step, len(todo))
	for i, w := range todo {
		steps[i] = step{strings.TrimSpace(w.name + " " + w.title), w.extra + time.Duration(w.turns*float64(b.Runs)*b.Seconds*float64(time.Second))}
	}
	b.progress = newProgress(os.Stderr, steps)
	defer b.progress.end()
	var failed []error
	for _, w := range todo {
		b.progress.next()
		err := w.measure(b, ctx)
		if err != nil {
			err = fmt.Errorf("%s: %w", w.name, cmp.Or(ctx.Err(), err))
		}
		if err != nil && (w.needed || ctx.Err() != nil) {
			return errors.Join(append(failed, err)...)
		}
		if err != nil { // the others can be measured all the same
			failed = append(failed, err)
			b.add(row{Work: w.name + " " + w.title}.wants("failed: "+err.Error(), false))
		}
	}
	return errors.Join(failed...)
}

// todo is what to do, in order: what was asked for, and before it what it needs.
func (b *bench) todo() []work {
	if b.Against != "" {
		return []work{{name: "API", title: "on " + b.Against, turns: 5, measure: (*bench).others}}
	}
	todo := []work{{name: "building", extra: 15 * time.Second, needed: true, measure: (*bench).build}}
	seeded := false
	for _, w := range works {
		if b.Only != nil && !slices.Contains(b.Only, w.name) {
			continue
		}
		if w.desk && !seeded {
			seeded = true
			todo = append(todo, work{name: "seeding", title: thousands(b.Tickets) + " tickets", extra: seedTime(b.Tickets), needed: true, measure: (*bench).openDesk})
		}
		if w.name == "P7" {
			todo = append(todo, b.growing()...)
			w.extra = b.lookTime()
		}
		todo = append(todo, w)
	}
	return todo
}

// seedTime is about how long that many tickets take.
func seedTime(tickets int) time.Duration {
	return 5*time.Second + time.Duration(tickets)*400*time.Microsecond
}

func (b *bench) build(ctx context.Context) error {
	var err error
	if b.dir, err = os.MkdirTemp("", "frontdesk-bench-"); err != nil {
		return err
	}
	if err := os.Chmod(b.dir, 0o755); err != nil { // the database's user passes through
		return err
	}
	b.binary = filepath.Join(b.dir, "frontdesk")
	return build(ctx, b.binary, b.Profile != "")
}

// startCluster starts PostgreSQL, where it does not run yet.
func (b *bench) startCluster(ctx context.Context) error {
	var err error
	if b.cluster != nil {
		return nil
	}
	if b.cluster, err = postgres.Start(ctx, postgres.Options{DataDir: filepath.Join(b.dir, "seeded")}); err != nil {
		return err
	}
	if b.pool, err = db.Open(ctx, b.cluster.URL("postgres"), 10); err != nil {
		return err
	}
	conn, err := b.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	b.report.Machine.PostgreSQL = conn.Conn().PgConn().ParameterStatus("server_version")
	return nil
}

// openDesk seeds a database of its own and starts the program on it.
func (b *bench) openDesk(ctx context.Context) error {
	if err := b.startCluster(ctx); err != nil {
		return err
	}
	if err := b.seed(ctx, "postgres", b.Tickets); err != nil {
		return err
	}
	var err error
	b.app, err = b.startDesk(ctx, "postgres", "app")
	return err
}

// seed fills an empty database.
func (b *bench) seed(ctx context.Context, database string, tickets int) error {
	pool, err := db.Open(ctx, b.cluster.URL(database), 2)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := db.Migrate(ctx, pool); err != nil {
		return err
	}
	return dbseed.Fill(ctx, b.cluster.URL(database), dbseed.Options{Tickets: tickets, PasswordHash: account.HashPassword(password), Progress: func(done int) {
		b.progress.say(float64(done)/float64(tickets), "seeded %s of %s", thousands(done), thousands(tickets))
	}})
}

// startDesk starts the program on a seeded database. Limits are off, those of
// sockets apart.
func (b *bench) startDesk(ctx context.Context, database, name string) (*program, error) {
	env := []string{"DATABASE_URL=" + b.cluster.URL(database), "DATA_DIR=" + filepath.Join(b.dir, name),
		"LIMIT_SIGNIN=0", "LIMIT_TICKETS=0", "LIMIT_UPLOADS=0", "LIMIT_REGISTER=0",
		"LIMIT_TALK=1000000/1m", "LIMIT_ACTIONS=1000000/1m"} // never reached, and counted: its cost is part of what is measured
	if b.Profile == "" {
		return startProgram(ctx, b.binary, env...)
	}
	socket := filepath.Join(b.dir, name+".pprof")
	p, err := startProgram(ctx, b.binary, append(env, "PROFILE_SOCKET="+socket)...)
	if err == nil {
		p.profiler = socket
	}
	return p, err
}

func (b *bench) close() {
	for _, d := range b.grown {
		d.app.stop()
	}
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
