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
)

// defaults suit a small machine; what is kept is kept for good.
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

// noSync are the settings of a cluster that may be lost.
var noSync = map[string]string{"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}

// locales are the arguments that give a new cluster a locale which knows the
// letters of every language, the best first. Not every system has each.
var locales = [][]string{
	{"--locale=C.UTF-8"},
	{"--locale=en_US.UTF-8"},
	{"--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"}, // from PostgreSQL 17 on
	{"--locale=C", "--locale-provider=icu", "--icu-locale=und"},             // from 15 on, where it is built with ICU
}

// initdb makes the cluster in a folder beside its own, and then moves it there,
// so that a first run which is cut short leaves nothing that looks like a cluster.
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
		return fmt.Errorf("initialise the database: %s", c.withCure(reasonIn(out)))
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
	return syncDir(filepath.Dir(c.data))
}

// removeUnfinished removes what first runs that were cut short left. An initdb
// that outlived one may still be at work there; then a later start removes it.
func (c *Cluster) removeUnfinished() { removeAll(c.data + ".new-*") }

// initdbWith makes a cluster in a new folder and returns that folder and the
// output of initdb.
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

// syncDir makes a rename within dir last.
func syncDir(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}

// server is a postmaster under supervision: should it die by itself, it is
// started again.
type server struct {
	c       *Cluster
	mu      sync.Mutex
	process *os.Process
	logFrom int64 // where the log of the last launch begins
	stopped bool
	ended   chan struct{} // closed once it is down for good
}

// run starts the postmaster and waits until it answers.
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

// supervise keeps one thread for as long as the server runs: the kernel sends
// a child its parent-death signal when the *thread* that forked it dies.
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
		s.c.opts.Log.Error("the database ended and is started again", "error", err, "wait", wait)
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

// awaitReady returns once the server takes connections; recovery after a
// crash may take a while.
func (s *server) awaitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	for {
		conn, err := pgx.Connect(ctx, s.c.URL("postgres"))
		if err == nil {
			return conn.Close(ctx)
		}
		if s.pid() == 0 {
			return fmt.Errorf("the database did not start: %s", s.c.withCure(s.reason()))
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("the database does not answer (%w): %s", err, s.c.withCure(s.reason()))
		case <-time.After(15 * time.Millisecond):
		}
	}
}

func (s *server) pid() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process == nil {
		return 0
	}
	return s.process.Pid
}

// stop asks for a fast shutdown (SIGINT), and for an immediate one (SIGQUIT)
// when ctx ends first.
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

func (s *server) signal(sig syscall.Signal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = true
	if s.process != nil {
		_ = s.process.Signal(sig)
	}
}
