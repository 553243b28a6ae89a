package postgres

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/testdir"
)

var discard = slog.New(slog.DiscardHandler)

func TestMain(m *testing.M) {
	RunFetchChild()
	os.Exit(m.Run())
}

// folder returns a data folder that an unprivileged user can enter. t.TempDir is below a folder
// that only the user of the test can enter.
func folder(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp(testdir.Parent(), "frontdesk-pg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// start starts a cluster that does not wait for the disk.
func start(t *testing.T, opts Options) *Cluster {
	t.Helper()
	opts.NoSync = true
	c, err := Start(t.Context(), opts)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// stop stops a cluster.
func stop(t *testing.T, c *Cluster) {
	t.Helper()
	if err := c.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

// query returns the text that a query selects, or "" if it selects no row.
func query(t *testing.T, c *Cluster, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), c.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	var out string
	if err := conn.QueryRow(t.Context(), sql).Scan(&out); err != nil && !errors.Is(err, pgx.ErrNoRows) {
		t.Fatal(err)
	}
	return out
}

func TestASecondRunFindsTheDataOfTheFirst(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c := start(t, Options{DataDir: dir})
	query(t, c, "create table kept as select 'here' as word")
	stop(t, c)
	c = start(t, Options{DataDir: dir})
	defer stop(t, c)
	if got := query(t, c, "select word from kept"); got != "here" {
		t.Errorf("got %q", got)
	}
}

func TestAClusterUsesFsyncAndDoesNotListenOnTheNetwork(t *testing.T) {
	t.Parallel()
	c, err := Start(t.Context(), Options{DataDir: folder(t)})
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, c)
	for setting, want := range map[string]string{"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "listen_addresses": "", "server_encoding": "UTF8"} {
		if got := query(t, c, "select current_setting('"+setting+"')"); got != want {
			t.Errorf("%s is %q, want %q", setting, got, want)
		}
	}
	info, err := os.Stat(c.socket)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the socket's folder: %v, %v", info.Mode(), err)
	}
}

func TestAnInterruptedFirstRunIsRepeated(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	ctx, cancel := context.WithTimeout(t.Context(), 150*time.Millisecond) // ends during initdb
	defer cancel()
	if _, err := Start(ctx, Options{DataDir: dir, NoSync: true}); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("got %v", err)
	}
	stop(t, start(t, Options{DataDir: dir}))
}

func TestAFolderBelongsToOneProcessAtATime(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	c := start(t, Options{DataDir: dir})
	defer stop(t, c)
	if _, err := Start(t.Context(), Options{DataDir: dir, NoSync: true}); !errors.Is(err, ErrInUse) {
		t.Errorf("got %v, want ErrInUse", err)
	}
}

func TestAStalePidFileIsIgnored(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	stop(t, start(t, Options{DataDir: dir}))
	// The process of the test is running and is not the postmaster of this folder.
	pid := filepath.Join(dir, "postgres", "postmaster.pid")
	if err := os.WriteFile(pid, []byte(strconv.Itoa(os.Getpid())+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	stop(t, start(t, Options{DataDir: dir}))
}

func TestAPostmasterLeftBehindIsStoppedFirst(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	first := start(t, Options{DataDir: dir})
	query(t, first, "create table kept as select 'here' as word")
	left := first.PID()
	first.lock.Close() // as if only the program had been killed, not the server
	first.server.mu.Lock()
	first.server.stopped = true // without supervision
	first.server.mu.Unlock()
	second := start(t, Options{DataDir: dir})
	defer stop(t, second)
	if isPostmaster(left, second.data) {
		t.Error("the old postmaster still runs")
	}
	if got := query(t, second, "select word from kept"); got != "here" {
		t.Errorf("got %q", got)
	}
}

func TestACrashedDatabaseIsRestarted(t *testing.T) {
	t.Parallel()
	c := start(t, Options{DataDir: folder(t)})
	defer stop(t, c)
	died := c.PID()
	if err := syscall.Kill(died, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if conn, err := pgx.Connect(t.Context(), c.URL("postgres")); err == nil {
			conn.Close(t.Context())
			if c.PID() != died {
				return
			}
		}
	}
	t.Fatal("the database was not restarted")
}

func TestADeepFolderHasAShortSocketPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(folder(t), strings.Repeat("deep/", 30))
	c := start(t, Options{DataDir: dir})
	stop(t, c)
	if len(c.socket) > maxSocketDir {
		t.Errorf("the path of the socket's folder has %d bytes", len(c.socket))
	}
	if _, err := os.Stat(c.socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket's folder was not removed: %v", err)
	}
}

func TestAnOrdinaryUserRunsTheServerAsThemselves(t *testing.T) {
	t.Parallel()
	o, err := findOwner()
	if err != nil {
		t.Fatal(err)
	}
	if o == nil {
		t.Skip("the test already runs as an ordinary user")
	}
	self, err := program()
	if err != nil {
		t.Fatal(err)
	}
	cmd := o.command(t.Context(), "/", self, "-test.run", "TestASecondRun|TestAPostmasterLeftBehind", "-test.v")
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(out), "--- PASS") != 2 {
		t.Errorf("%v: %s", err, out)
	}
}
