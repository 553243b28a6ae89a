package postgres

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/durable"
)

// defaults has the server settings. They suit a small machine and lose no committed data.
var defaults = map[string]string{
	"listen_addresses":        "",
	"synchronous_commit":      "on",
	"max_connections":         "60",
	"shared_buffers":          "128MB",
	"max_wal_size":            "1GB",
	"wal_compression":         "on",
	"random_page_cost":        "1.1",
	"log_min_messages":        "warning",
	"unix_socket_permissions": "0700",
}

// noSync has the settings for Options.NoSync. Compression of the WAL would make each
// CREATE DATABASE of a test five times as slow.
var noSync = map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_compression": "off"}

// locales has arguments of initdb for a locale that supports the letters of all languages,
// in order of preference. Not every system supports each of them.
var locales = [][]string{
	{"--locale=C.UTF-8"},
	{"--locale=en_US.UTF-8"},
	{"--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"}, // from PostgreSQL 17 on
	{"--locale=C", "--locale-provider=icu", "--icu-locale=und"},             // from 15 on, where it is built with ICU
}

// initdb initialises the cluster in a temporary folder, which it then renames, so that an
// interrupted first run leaves no incomplete cluster.
func (c *Cluster) initdb(ctx context.Context) error {
	making, out, err := c.initdbWith(ctx, locales[0])
	for _, locale := range locales[1:] {
		if err == nil || !bytes.Contains(out, []byte("locale")) {
			break
		}
		if dir, _, again := c.initdbWith(ctx, locale); again == nil {
			making, err = dir, nil
		}
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return fmt.Errorf("initialise the database: %s", c.withRemedy(reasonIn(out)))
	} else if err != nil {
		return fmt.Errorf("initialise the database: %w", err)
	}
	if err := os.Remove(c.data); errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST) {
		return fmt.Errorf("the folder %s holds files, but no database: move them away, or set DATA_DIR to another folder", c.data)
	} else if err != nil {
		return fmt.Errorf("initialise the database: %w", err)
	}
	if err := os.Rename(making, c.data); err != nil {
		return fmt.Errorf("initialise the database: %w", err)
	}
	return durable.SyncFolder(filepath.Dir(c.data))
}

// removeUnfinished removes the temporary folders of interrupted first runs. If an initdb is
// still running in one of them, a later start removes it.
func (c *Cluster) removeUnfinished() { removeAll(c.data + ".new-*") }

// initdbWith initialises a cluster in a new folder, with the given arguments for the
// locale. It returns the folder and the output of initdb.
func (c *Cluster) initdbWith(ctx context.Context, locale []string) (string, []byte, error) {
	dir, err := os.MkdirTemp(filepath.Dir(c.data), filepath.Base(c.data)+".new-")
	if err != nil {
		return "", nil, err
	}
	if err := c.owner.makeDir(dir); err != nil {
		return "", nil, err
	}
	args := append([]string{"-D", dir, "-U", superuser, "-A", "trust", "-E", "UTF8"}, locale...)
	if c.opts.NoSync {
		args = append(args, "--no-sync")
	}
	cmd := c.owner.command(ctx, dir, filepath.Join(c.bin, "initdb"), args...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		_ = os.RemoveAll(dir)
	}
	return dir, out, cmp.Or(ctx.Err(), err)
}

// server is a postmaster that is started again if it ends unexpectedly.
type server struct {
	c       *Cluster
	mu      sync.Mutex
	process *os.Process
	logFrom int64 // offset in the log at the last launch, in bytes
	stopped bool
	ended   chan struct{} // closed when the postmaster has ended after stop
}

// run starts the postmaster and waits until it accepts connections.
func (c *Cluster) run(ctx context.Context) (*server, error) {
	s := &server{c: c, ended: make(chan struct{})}
	first := make(chan error, 1)
	go s.supervise(first)
	if err := <-first; err != nil {
		_ = s.stop(context.WithoutCancel(ctx))
		return nil, fmt.Errorf("start the database: %w", err)
	}
	if err := s.awaitReady(ctx); err != nil {
		_ = s.stop(context.WithoutCancel(ctx))
		return nil, err
	}
	return s, nil
}

// supervise starts the postmaster, and starts it again when it ends, until it is stopped.
// It sends the result of the first launch to first. It keeps its thread, because the
// kernel sends the parent-death signal when the thread that started the child ends.
func (s *server) supervise(first chan<- error) {
	runtime.LockOSThread()
	defer close(s.ended)
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		cmd, err := s.launch()
		if first != nil {
			first <- err
			first = nil
		}
		if err == nil {
			began := time.Now()
			err = cmd.Wait()
			if time.Since(began) > time.Minute {
				wait = 100 * time.Millisecond
			}
		}
		s.mu.Lock()
		stopped := s.stopped
		s.process = nil
		s.mu.Unlock()
		if stopped {
			return
		}
		s.c.opts.Log.Error("database ended, restarting", "error", err, "wait", wait)
		time.Sleep(wait)
	}
}

// launch starts the postmaster once.
func (s *server) launch() (*exec.Cmd, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return nil, errors.New("stopped")
	}
	log, err := os.OpenFile(s.c.logFile(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	info, err := log.Stat()
	if err != nil {
		return nil, err
	}
	s.logFrom = info.Size()
	cmd := s.c.owner.command(context.Background(), s.c.data, filepath.Join(s.c.bin, "postgres"), s.c.args()...)
	cmd.Stdout, cmd.Stderr = log, log
	setParentDeathSignal(cmd.SysProcAttr)
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s.process = cmd.Process
	return cmd, nil
}

// args returns the arguments of the postmaster.
func (c *Cluster) args() []string {
	settings := map[string]string{"unix_socket_directories": `"` + c.socket + `"`} // a list; see [socketFits]
	for _, m := range []map[string]string{defaults, c.opts.Settings} {
		for k, v := range m {
			settings[k] = v
		}
	}
	if c.opts.NoSync {
		for k, v := range noSync {
			settings[k] = v
		}
	}
	args := []string{"-D", c.data}
	for k, v := range settings {
		args = append(args, "-c", k+"="+v)
	}
	return args
}

// awaitReady waits until the server accepts connections, for at most 2 minutes: recovery
// after a crash takes time.
func (s *server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.c.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		if s.pid() == 0 {
			return fmt.Errorf("the database did not start: %s", s.c.withRemedy(s.reason()))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the database does not answer (%w): %s", err, s.c.withRemedy(s.reason()))
		case <-time.After(15 * time.Millisecond):
		}
	}
}

// pid returns the process id of the postmaster, or 0 while it is not running.
func (s *server) pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return 0
	}
	return s.process.Pid
}

// stop requests a fast shutdown (SIGINT), and an immediate one (SIGQUIT) if ctx ends
// first. After the latter it returns an error.
func (s *server) stop(ctx context.Context) error {
	s.signal(syscall.SIGINT)
	select {
	case <-s.ended:
		return nil
	case <-ctx.Done():
	}
	s.signal(syscall.SIGQUIT)
	<-s.ended
	return errors.New("the database had to be stopped at once; it recovers at the next start")
}

// signal sends a signal to the postmaster, which is not started again afterwards.
func (s *server) signal(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	if s.process != nil {
		_ = s.process.Signal(sig)
	}
}
