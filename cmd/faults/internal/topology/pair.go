package topology

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// server is one PostgreSQL of the pair.
type server struct {
	name      string
	port      int
	data      string // PGDATA
	sockets   string // folder of its Unix socket
	config    string // path of postgresql.conf
	peer      string // address of the other server, through a link
	isPrimary bool
	process   *daemon
	pooler    *service // the PgBouncer in front of it
}

// pair has both servers.
type pair [2]*server

// primary returns the server that accepts writes.
func (p pair) primary() *server {
	if p[1] != nil && p[1].isPrimary {
		return p[1]
	}
	return p[0]
}

// standby returns the other server.
func (p pair) standby() *server {
	if p.primary() == p[0] {
		return p[1]
	}
	return p[0]
}

// local returns a connection string through the Unix socket as the superuser.
func (s *server) local(database string) string {
	return fmt.Sprintf("host=%s port=%d user=postgres dbname=%s connect_timeout=2", s.sockets, s.port, database)
}

// startPair starts the primary, copies it to the standby and waits until the standby is synchronous.
func (c *Cluster) startPair(ctx context.Context) error {
	for i, name := range []string{"postgres-a", "postgres-b"} {
		s, err := c.prepareServer(name)
		if err != nil {
			return err
		}
		c.pair[i] = s
	}
	a, b := c.pair[0], c.pair[1]
	var err error
	if a.peer, err = c.network.connect(a.name, b.name, local(b.port)); err != nil {
		return err
	}
	if b.peer, err = c.network.connect(b.name, a.name, local(a.port)); err != nil {
		return err
	}
	if err := c.initialise(ctx, a); err != nil {
		return err
	}
	if err := c.copyTo(ctx, b); err != nil {
		return err
	}
	return c.syncOn(ctx)
}

// prepareServer makes the folders and configuration files of a server.
func (c *Cluster) prepareServer(name string) (*server, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	dir := c.path(name)
	s := &server{name: name, port: port, data: filepath.Join(dir, "data"), sockets: filepath.Join(dir, "run"), config: c.path(name + ".conf")}
	for _, folder := range []string{dir, s.sockets} {
		if err := c.makeDir(folder); err != nil {
			return nil, err
		}
	}
	hba := c.path(name + ".hba")
	if err := c.fill("pg_hba.conf", hba, map[string]string{"LOCAL_AUTH": "trust", "NETWORK": "127.0.0.0/8"}); err != nil {
		return nil, err
	}
	return s, c.fill("postgresql.conf", s.config, map[string]string{
		"ADDRESS": "127.0.0.1", "PORT": strconv.Itoa(port), "SOCKETS": s.sockets, "NAME": strings.ReplaceAll(name, "-", "_"), "HBA": hba,
	})
}

// initialise makes the cluster of the first primary with its roles and the database of the desk, and starts it.
func (c *Cluster) initialise(ctx context.Context, s *server) error {
	if err := c.tool(ctx, "initdb", "-D", s.data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums"); err != nil {
		return err
	}
	s.isPrimary = true
	if err := c.startServer(ctx, s); err != nil {
		return err
	}
	return s.exec(ctx,
		"create role frontdesk login password '"+c.password+"'",
		"create role replication login replication password '"+c.password+"'",
		`grant execute on function pg_ls_dir(text, boolean, boolean), pg_stat_file(text, boolean),
			pg_read_binary_file(text), pg_read_binary_file(text, bigint, bigint, boolean) to replication`, // pg_rewind
		"create database frontdesk owner frontdesk")
}

// copyTo fills an empty server with a copy of the primary, and starts it as a standby.
func (c *Cluster) copyTo(ctx context.Context, s *server) error {
	if err := c.tool(ctx, "pg_basebackup", "-D", s.data, "-d", c.conninfo(s.peer), "-R", "-c", "fast"); err != nil {
		return err
	}
	return c.startServer(ctx, s)
}

// conninfo returns the connection string of a standby and of pg_rewind for a server.
func (c *Cluster) conninfo(address string) string {
	host, port, _ := strings.Cut(address, ":")
	return fmt.Sprintf("host=%s port=%s user=replication password=%s dbname=postgres", host, port, c.password)
}

// startServer starts a PostgreSQL for the first time or again.
func (c *Cluster) startServer(ctx context.Context, s *server) error {
	if s.process != nil {
		return s.process.start(ctx)
	}
	p, err := c.add(ctx, &daemon{name: s.name, ready: func(ctx context.Context) error { return s.exec(ctx, "select 1") }, command: func() *exec.Cmd {
		return c.asOwner(exec.Command(filepath.Join(c.programs, "postgres"), "-D", s.data, "-c", "config_file="+s.config))
	}})
	s.process = p
	return err
}

// asOwner lets a command run as the user of PostgreSQL.
func (c *Cluster) asOwner(cmd *exec.Cmd) *exec.Cmd {
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: c.owner}
	return cmd
}

// tool runs a program of PostgreSQL that ends by itself.
func (c *Cluster) tool(ctx context.Context, name string, args ...string) error {
	cmd := c.asOwner(exec.CommandContext(ctx, filepath.Join(c.programs, name), args...))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, out)
	}
	return nil
}

// exec runs statements one after another as the superuser.
func (s *server) exec(ctx context.Context, statements ...string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, s.local("postgres"))
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %s: %w", s.name, sql, err)
		}
	}
	return nil
}
