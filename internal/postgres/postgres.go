// Package postgres runs a private PostgreSQL for one program: it finds the
// server's binaries or fetches them, initialises a cluster, starts it on a
// Unix socket only, keeps it running, and stops it.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Options say where a cluster lives and how it runs.
type Options struct {
	// DataDir is the folder of everything: the cluster, its log, its lock.
	DataDir string
	// BinDir holds initdb and postgres. Empty: looked for, then fetched.
	BinDir string
	// Repository is a Maven repository to fetch binaries from where none are
	// installed. Empty: the public one.
	Repository string
	// NoSync trades safety for speed: for tests only.
	NoSync bool
	// Settings are further server settings, such as max_connections.
	Settings map[string]string
	Log      *slog.Logger
}

// Cluster is a running PostgreSQL.
type Cluster struct {
	opts    Options
	bin     string // folder of the binaries
	data    string // PGDATA
	socket  string // folder of the socket
	owner   *owner // nil: runs as who we are
	lock    *os.File
	server  *server
	tempDir string // the socket's folder, where it had to be made elsewhere
}

// Start brings the cluster in opts.DataDir up, initialising it where there is
// none, and returns once it answers. The folder belongs to one process at a
// time; another one gets [ErrInUse]. After a crash it stops what is left of
// the last run first, and PostgreSQL recovers from its log.
func Start(ctx context.Context, opts Options) (*Cluster, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	c := &Cluster{opts: opts}
	if err := c.start(ctx); err != nil {
		c.release()
		return nil, err
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context) (err error) {
	if c.owner, err = findOwner(); err != nil {
		return err
	}
	dir, err := filepath.Abs(c.opts.DataDir)
	if err != nil {
		return err
	}
	if err := refuseName(dir); err != nil {
		return err
	}
	c.data = filepath.Join(dir, "postgres")
	if err := c.owner.makeDir(c.data); err != nil {
		return fmt.Errorf("make the database's folder: %w", err)
	}
	if c.lock, err = lockDir(dir); err != nil {
		return err
	}
	if c.bin, err = findBinaries(ctx, c.opts, c.owner, clusterVersion(c.data)); err != nil {
		return err
	}
	if err := stopLeftover(ctx, c.data, c.opts.Log); err != nil {
		return err
	}
	c.removeUnfinished()
	if clusterVersion(c.data) == "" {
		if err := c.initdb(ctx); err != nil {
			return err
		}
	}
	if err := c.makeSocketDir(dir); err != nil {
		return fmt.Errorf("make the socket's folder: %w", err)
	}
	c.server, err = c.run(ctx)
	return err
}

// URL is the connection string of the named database. Who may reach the
// socket is decided by its folder, which only the server's own user may enter.
func (c *Cluster) URL(database string) string { return socketURL(c.socket, database) }

func socketURL(socket, database string) string {
	q := url.Values{"host": {socket}, "user": {superuser}, "dbname": {database}, "sslmode": {"disable"}}
	return "postgres:///?" + strings.ReplaceAll(q.Encode(), "+", "%20") // pgx takes a plus for a plus
}

// PID is the postmaster's process.
func (c *Cluster) PID() int { return c.server.pid() }

// Stop ends the server: open transactions are rolled back, what is committed
// is written. Should that take longer than 20 s, it is ended at once and
// recovers at the next start.
func (c *Cluster) Stop(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	err := c.server.stop(ctx)
	c.release()
	return err
}

func (c *Cluster) release() {
	if c.lock != nil {
		c.lock.Close()
	}
	if c.tempDir != "" {
		os.RemoveAll(c.tempDir)
	}
}

// superuser is the cluster's one role. The socket's folder is 0700, so that
// only the server's own user and root can use it: a password beside the data
// would protect nothing more.
const superuser = "frontdesk"

// ErrInUse says that another process runs on the same folder.
var ErrInUse = errors.New("another Frontdesk is running on this data folder")

// maxSocketDir is the length limit of a socket's folder in bytes: its address has
// at most 107, of which "/.s.PGSQL.5432.lock" takes the rest.
const maxSocketDir = 85

// socketFits reports whether a folder can hold the socket. Its address must be
// short, and its name must pass through PostgreSQL's list of folders, where a
// quotation mark ends a name, and pgx's list of hosts, where a comma does and
// nothing stands for one.
func socketFits(dir string) bool {
	return len(dir) <= maxSocketDir && !strings.ContainsAny(dir, "\",\n")
}

// makeSocketDir makes a folder for the socket beside the cluster or, if that does
// not fit, in a folder for temporary files.
func (c *Cluster) makeSocketDir(dir string) error {
	c.socket = filepath.Join(dir, "run")
	if socketFits(c.socket) {
		return c.owner.makeDir(c.socket)
	}
	for _, parent := range []string{os.TempDir(), "/tmp", "/var/tmp"} {
		if !socketFits(filepath.Join(parent, "frontdesk-4294967295")) {
			continue
		}
		if made, err := os.MkdirTemp(parent, "frontdesk-"); err == nil {
			c.socket, c.tempDir = made, made
			return c.owner.makeDir(made)
		}
	}
	return errors.New("no folder for temporary files has a short and plain name: set TMPDIR to one, such as /tmp")
}

// refuseName returns an error for a folder name that PostgreSQL's own files
// cannot hold: they are read line by line.
func refuseName(dir string) error {
	if strings.ContainsAny(dir, "\n\r") {
		return fmt.Errorf("the name of the data folder %q has a line break: choose a DATA_DIR without", dir)
	}
	return nil
}
