package dbtest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"frontdesk/db"
	"frontdesk/internal/postgres"
)

// Own is a PostgreSQL server for a single test, which the test may stop.
type Own struct {
	t       testing.TB
	cluster *postgres.Cluster
}

// NewOwn starts a server with an empty database named postgres. It ends with the test.
func NewOwn(t testing.TB, settings map[string]string) *Own {
	t.Helper()
	SkipLate(t)
	dir := newFolder(t)
	if made, err := initialised(); err != nil {
		t.Fatal(err)
	} else if out, err := exec.Command("cp", "-a", made.dir, filepath.Join(dir, "postgres")).CombinedOutput(); err != nil {
		t.Fatalf("copy a cluster: %v: %s", err, out)
	}
	cluster, err := postgres.Start(t.Context(), postgres.Options{DataDir: dir, BinDir: os.Getenv("TEST_POSTGRES_BIN"), NoSync: true, Settings: settings})
	if err != nil {
		t.Fatal(err)
	}
	o := &Own{t, cluster}
	t.Cleanup(func() {
		o.Continue()
		if err := cluster.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return o
}

// newFolder returns a folder for a cluster, which is removed after the test.
func newFolder(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(folder(), "frontdesk-own-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { // as root, the server runs as another user
		t.Fatal(err)
	}
	return dir
}

// stopped is a stopped cluster without data.
type stopped struct {
	dir  string
	held *os.File // keeps the folder, see watch
}

// initialised returns a cluster to copy, which takes a tenth of the time of initdb. It is removed
// when this process ends.
var initialised = sync.OnceValues(func() (stopped, error) {
	dir := filepath.Join(folder(), "frontdesk-initialised-"+strconv.Itoa(os.Getpid()))
	held, err := watch(dir)
	if err != nil {
		return stopped{}, err
	}
	cluster, err := postgres.Start(context.Background(), postgres.Options{DataDir: dir, BinDir: os.Getenv("TEST_POSTGRES_BIN"), NoSync: true})
	if err != nil {
		return stopped{}, err
	}
	return stopped{filepath.Join(dir, "postgres"), held}, cluster.Stop(context.Background())
})

// URL returns the connection string of the named database.
func (o *Own) URL(database string) string { return o.cluster.URL(database) }

// Migrate migrates the database named postgres and returns its connection string.
func (o *Own) Migrate() string {
	o.t.Helper()
	pool, err := db.Open(o.t.Context(), o.URL("postgres"), 2)
	if err != nil {
		o.t.Fatal(err)
	}
	defer pool.Close()
	if err := db.Migrate(o.t.Context(), pool); err != nil {
		o.t.Fatal(err)
	}
	return o.URL("postgres")
}

// Stop stops every process of the server (SIGSTOP). Its sockets stay open, and it sends no
// answers.
func (o *Own) Stop() { o.signal(syscall.SIGSTOP) }

// Continue continues a stopped server (SIGCONT).
func (o *Own) Continue() { o.signal(syscall.SIGCONT) }

// signal sends sig to the server's processes.
func (o *Own) signal(sig syscall.Signal) { signal(o.cluster.PID(), sig) }

// signal sends sig to the postmaster first, so that it cannot start another process, and then to
// its children.
func signal(postmaster int, sig syscall.Signal) {
	_ = syscall.Kill(postmaster, sig)
	for _, pid := range children(postmaster) {
		_ = syscall.Kill(pid, sig)
	}
}

// children returns the processes whose parent is pid. They do not share a process group.
func children(pid int) []int {
	var found []int
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, path := range stats {
		raw, _ := os.ReadFile(path) // a process may have ended
		_, rest, _ := strings.Cut(string(raw), ") ")
		fields := strings.Fields(rest)
		if len(fields) > 1 && fields[1] == strconv.Itoa(pid) {
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(path)))
			found = append(found, child)
		}
	}
	return found
}

// Account returns the user that the server runs as.
func (o *Own) Account() syscall.Credential {
	o.t.Helper()
	info, err := os.Stat(filepath.Join("/proc", strconv.Itoa(o.cluster.PID())))
	if err != nil {
		o.t.Fatal(err)
	}
	st := info.Sys().(*syscall.Stat_t)
	return syscall.Credential{Uid: st.Uid, Gid: st.Gid}
}

// Programs returns the folder of the programs of the server.
func (o *Own) Programs() string {
	o.t.Helper()
	program, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(o.cluster.PID()), "exe"))
	if err != nil {
		o.t.Fatal(err)
	}
	return filepath.Dir(program)
}
