// Package postgres runs a private PostgreSQL server. It finds or downloads the binaries,
// initialises a cluster, starts the server on a Unix socket only, restarts it after a
// crash, and stops it.
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

// Options configure a [Cluster].
type Options struct {
	// DataDir is the folder of the cluster, its log and its lock.
	DataDir string
	// BinDir is the folder with initdb and postgres. If empty, it is searched for, and the
	// binaries are downloaded if none are found.
	BinDir string
	// Repository is the Maven repository from which binaries are downloaded. If empty, it
	// is the public one.
	Repository string
	// NoSync makes the server faster, but a crash can lose data. For tests and throw-away desks only.
	NoSync bool
	// Command is recorded for other processes: the program is a command, which ends by itself, so
	// they can wait for it; see [UsedByCommand].
	Command bool
	// Settings has further server settings, such as max_connections.
	Settings map[string]string
	Log      *slog.Logger
}

// Cluster is a running PostgreSQL.
type Cluster struct {
	opts    Options
	bin     string // folder of the binaries
	data    string // PGDATA
	socket  string // folder of the socket
	owner   *owner // nil: the user of this program
	lock    *os.File
	joined  *os.File // see [Cluster.AwaitJoined]; nil before
	server  *server
	tempDir string // folder of the socket if it is outside DataDir, else ""
}

// Start starts the cluster in opts.DataDir and returns when it accepts connections. It
// initialises the cluster if there is none. One process can use the folder at a time;
// others get [ErrInUse]. If a server of an earlier run is still running, Start stops it.
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

// start is Start without the cleanup after an error.
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
	if c.lock, err = lockDir(dir, c.opts.Command); err != nil {
		return err
	}
	if err := c.settleUpgrade(ctx, dir); err != nil {
		return fmt.Errorf("end an interrupted upgrade of the database: %w", err)
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

// URL returns the connection string of the named database. It has no password: access to
// the socket is limited by its folder, which only the server's user and root can enter.
func (c *Cluster) URL(database string) string { return socketURL(c.socket, database) }

func socketURL(socket, database string) string {
	q := url.Values{"host": {socket}, "user": {superuser}, "dbname": {database}, "sslmode": {"disable"}}
	return "postgres:///?" + strings.ReplaceAll(q.Encode(), "+", "%20") // pgx does not decode a plus as a space
}

// PID returns the process id of the postmaster, or 0 while it is not running.
func (c *Cluster) PID() int { return c.server.pid() }

// Stop stops the server and rolls back open transactions. If that takes longer than 20 s,
// it stops the server immediately and returns an error; the server then recovers at the
// next start, without losing committed data.
func (c *Cluster) Stop(ctx context.Context) error {
	defer c.release()
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	return c.server.stop(ctx)
}

// release releases the lock and removes the folder of the socket.
func (c *Cluster) release() {
	for _, f := range []*os.File{c.joined, c.lock} {
		if f != nil {
			f.Close()
		}
	}
	if c.tempDir != "" {
		os.RemoveAll(c.tempDir)
	}
}

// superuser is the only role of the cluster. It has no password: only the server's user
// and root can reach the socket, and they could read a password stored beside the data.
const superuser = "frontdesk"

// ErrInUse is returned if another process uses the same folder.
var ErrInUse = errors.New("another Frontdesk is running on this data folder")

// maxSocketDir is the length limit of a socket's folder in bytes: its address has
// at most 107, of which "/.s.PGSQL.5432.lock" takes the rest.
const maxSocketDir = 85

// socketFits reports whether the socket can be in a folder. The path must be short. It
// must not contain a quotation mark, which ends a name in PostgreSQL's list of folders, or
// a comma, which ends a name in pgx's list of hosts and cannot be escaped there.
func socketFits(dir string) bool {
	return len(dir) <= maxSocketDir && !strings.ContainsAny(dir, "\",\n")
}

// makeSocketDir makes a folder for the socket in dir or, if socketFits refuses that, in a
// folder for temporary files.
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

// refuseName returns an error for a folder name with a line break. PostgreSQL's own files
// cannot contain such a name, because they are read line by line.
func refuseName(dir string) error {
	if strings.ContainsAny(dir, "\n\r") {
		return fmt.Errorf("the name of the data folder %q has a line break: choose a DATA_DIR without", dir)
	}
	return nil
}
