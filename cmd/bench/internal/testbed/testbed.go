// Package testbed builds the program, starts a PostgreSQL of its own, fills
// databases with tickets and starts the program on them.
package testbed

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgxpool"

	"frontdesk/db"
	"frontdesk/db/dbseed"
	"frontdesk/internal/account"
	"frontdesk/internal/postgres"
	"frontdesk/internal/process"
)

// Password is the password of every user of a seeded desk.
const Password = "bench password 2026"

// Database is the name of the database that most works use.
const Database = "postgres"

// Bed is a temporary folder with the program, a PostgreSQL and its databases.
type Bed struct {
	Dir     string
	Cluster *postgres.Cluster
	Pool    *pgxpool.Pool // of Database
	Version string        // of PostgreSQL

	binary   string
	profiled bool
}

// Build creates the folder and builds the program into it, with the build tag for profiles if they
// are requested.
func (b *Bed) Build(ctx context.Context, profiled bool) error {
	var err error
	if b.Dir, err = os.MkdirTemp("", "frontdesk-bench-"); err != nil {
		return err
	}
	if err := os.Chmod(b.Dir, 0o755); err != nil { // PostgreSQL may run as another user
		return err
	}
	b.binary, b.profiled = filepath.Join(b.Dir, "frontdesk"), profiled
	var flags []string
	if profiled {
		flags = []string{"-tags=profile"}
	}
	return process.Build(ctx, b.binary, flags...)
}

// StartCluster starts PostgreSQL if it is not running yet.
func (b *Bed) StartCluster(ctx context.Context) error {
	var err error
	if b.Cluster != nil {
		return nil
	}
	if b.Cluster, err = postgres.Start(ctx, postgres.Options{DataDir: filepath.Join(b.Dir, "seeded")}); err != nil {
		return err
	}
	if b.Pool, err = db.Open(ctx, b.Cluster.URL(Database), 10); err != nil {
		return err
	}
	conn, err := b.Pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()
	b.Version = conn.Conn().PgConn().ParameterStatus("server_version")
	return nil
}

// Seed fills an empty database with the given number of tickets. It calls progress with the number
// of tickets that are written so far.
func (b *Bed) Seed(ctx context.Context, database string, tickets int, progress func(done int)) error {
	pool, err := db.Open(ctx, b.Cluster.URL(database), 2)
	if err != nil {
		return err
	}
	defer pool.Close()
	if err := db.Migrate(ctx, pool); err != nil {
		return err
	}
	return dbseed.Fill(ctx, b.Cluster.URL(database), dbseed.Options{Tickets: tickets, PasswordHash: account.HashPassword(Password), Progress: progress})
}

// StartDesk starts the program on a seeded database, with name as the name of its
// data folder. Rate limits are off or too high to be reached, except those of sockets. more has
// settings that replace others.
func (b *Bed) StartDesk(ctx context.Context, database, name string, more ...string) (*process.Program, error) {
	env := []string{"DATABASE_URL=" + b.Cluster.URL(database),
		"LIMIT_SIGNIN=0", "LIMIT_TICKETS=0", "LIMIT_UPLOADS=0", "LIMIT_REGISTER=0",
		"LIMIT_TALK=1000000/1m", "LIMIT_ACTIONS=1000000/1m"} // never reached, but counted: counting is part of the measured cost
	env = append(env, more...)
	if !b.profiled {
		return b.StartProgram(ctx, name, env...)
	}
	socket := filepath.Join(b.Dir, name+".pprof")
	p, err := b.StartProgram(ctx, name, append(env, "PROFILE_SOCKET="+socket)...)
	if err == nil {
		p.Profiler = socket
	}
	return p, err
}

// StartProgram starts the program with the data folder of that name in b.Dir.
// Without a DATABASE_URL in env it starts a PostgreSQL of its own there.
func (b *Bed) StartProgram(ctx context.Context, name string, env ...string) (*process.Program, error) {
	return process.Start(exec.CommandContext(ctx, b.binary), append(env, "DATA_DIR="+filepath.Join(b.Dir, name))...)
}

// Close stops PostgreSQL and removes the folder. Stop the programs before.
func (b *Bed) Close() {
	if b.Pool != nil {
		b.Pool.Close()
	}
	if b.Cluster != nil {
		_ = b.Cluster.Stop(context.Background())
	}
	if b.Dir != "" {
		os.RemoveAll(b.Dir)
	}
}

// SignIn signs in as a seeded user and returns the Cookie header of the session.
func SignIn(p *process.Program, user int) (string, error) {
	form := url.Values{"email": {dbseed.Email(user)}, "password": {Password}}
	req, err := http.NewRequest(http.MethodPost, "http://"+p.Addr+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		if strings.Contains(c.Name, "frontdesk_session") {
			return c.Name + "=" + c.Value, nil
		}
	}
	return "", fmt.Errorf("sign in: %s", resp.Status)
}
