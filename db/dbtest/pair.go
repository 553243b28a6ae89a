package dbtest

import (
	"context"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Pair is a primary server and its synchronous standby. Both end with the test.
type Pair struct {
	First, Second *Node // the primary and the standby, until the standby is promoted
}

// Node is a server that a test starts and kills. Nothing starts it again.
type Node struct {
	t        testing.TB
	programs string
	account  syscall.Credential
	dir      string
	cmd      *exec.Cmd
}

// NewPair starts a primary with an empty database named postgres, and a standby that it waits for
// at each commit. The test is skipped if pg_basebackup is not installed beside the server.
func NewPair(t testing.TB) *Pair {
	t.Helper()
	origin := NewOwn(t, nil)
	p := &Pair{First: newNode(t, origin), Second: newNode(t, origin)}
	p.First.copyOf(origin.URL("postgres"))
	p.First.Start()
	p.Second.copyOf(p.First.URL("postgres"), "-R")
	p.Second.Start()
	p.First.Execute("alter system set synchronous_standby_names = '*'", "select pg_reload_conf()")
	p.First.await("the standby is synchronous", "select exists (select from pg_stat_replication where sync_state = 'sync')")
	return p
}

// URL returns a connection string with both hosts.
func (p *Pair) URL() string {
	return "postgres:///postgres?user=frontdesk&sslmode=disable&host=" + p.First.dir + "," + p.Second.dir
}

// Promote makes the standby the primary, and waits until it is.
func (p *Pair) Promote() {
	p.Second.t.Helper()
	p.Second.Execute("select pg_promote()")
}

// newNode returns a server that has no data yet.
func newNode(t testing.TB, origin *Own) *Node {
	t.Helper()
	n := &Node{t: t, programs: origin.Programs(), account: origin.Account()}
	if _, err := os.Stat(filepath.Join(n.programs, "pg_basebackup")); err != nil {
		t.Skip("pg_basebackup is not installed beside this server")
	}
	var err error
	if n.dir, err = os.MkdirTemp(folder(), "frontdesk-node-"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.Kill()
		os.RemoveAll(n.dir)
	})
	if err := os.Chown(n.dir, int(n.account.Uid), int(n.account.Gid)); err != nil {
		t.Fatal(err)
	}
	return n
}

// copyOf copies the data of a running server.
func (n *Node) copyOf(address string, args ...string) {
	n.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		n.t.Fatal(err)
	}
	args = append(args, "-D", n.data(), "-c", "fast", "-h", u.Query().Get("host"), "-U", u.Query().Get("user"))
	if out, err := n.command("pg_basebackup", args...).CombinedOutput(); err != nil {
		n.t.Fatalf("pg_basebackup: %v: %s", err, out)
	}
}

// command returns a command of PostgreSQL that runs as the server's user.
func (n *Node) command(program string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(n.programs, program), args...)
	cmd.Dir, cmd.SysProcAttr = n.dir, &syscall.SysProcAttr{}
	if os.Geteuid() == 0 { // the server refuses root
		cmd.SysProcAttr.Credential = &n.account
	}
	return cmd
}

// data returns the path of the data folder.
func (n *Node) data() string { return filepath.Join(n.dir, "data") }

// URL returns the connection string of the named database.
func (n *Node) URL(database string) string {
	return "postgres:///" + database + "?user=frontdesk&sslmode=disable&host=" + n.dir
}

// Start starts the server, and waits until it answers. It was killed before, or has not run.
func (n *Node) Start() {
	n.t.Helper()
	n.cmd = n.command("postgres", "-D", n.data(), "-k", n.dir, "-h", "", "-c", "fsync=off", "-c", "logging_collector=off", "-c", "autovacuum=off", "-c", "wal_retrieve_retry_interval=200ms") // the last shortens a promotion
	if err := n.cmd.Start(); err != nil {
		n.t.Fatal(err)
	}
	n.await("the server answers", "select true")
}

// Kill ends the server with SIGKILL. Its other processes then end by themselves, and Kill waits for
// that: the server does not start while one of them uses its memory.
func (n *Node) Kill() {
	n.t.Helper()
	if n.cmd == nil {
		return
	}
	others := children(n.cmd.Process.Pid)
	_ = n.cmd.Process.Kill()
	_ = n.cmd.Wait()
	n.cmd = nil
	for end := time.Now().Add(30 * time.Second); slices.ContainsFunc(others, isRunning); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			n.t.Fatalf("processes of a killed server still run: %v", others)
		}
	}
}

// isRunning reports whether there is a process with the id that has not ended. The entry of a
// process that has ended exists until its parent reads its status.
func isRunning(pid int) bool {
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	_, state, _ := strings.Cut(string(raw), ") ")
	return err == nil && !strings.HasPrefix(state, "Z")
}

// BecomeStandby restarts the server as a standby without a primary.
func (n *Node) BecomeStandby() {
	n.t.Helper()
	n.Kill()
	if err := os.WriteFile(filepath.Join(n.data(), "standby.signal"), nil, 0o644); err != nil {
		n.t.Fatal(err)
	}
	n.Start()
}

// Stop stops every process of the server (SIGSTOP).
func (n *Node) Stop() { signal(n.cmd.Process.Pid, syscall.SIGSTOP) }

// Continue continues a stopped server (SIGCONT).
func (n *Node) Continue() { signal(n.cmd.Process.Pid, syscall.SIGCONT) }

// Execute runs statements.
func (n *Node) Execute(statements ...string) {
	n.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), time.Minute)
	defer stop()
	conn, err := pgx.Connect(ctx, n.URL("postgres"))
	if err != nil {
		n.t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			n.t.Fatalf("%s: %v", sql, err)
		}
	}
}

// await waits until a query returns true.
func (n *Node) await(what, sql string) {
	n.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		is, err := n.Is(sql)
		if is {
			return
		}
		if time.Now().After(end) {
			n.t.Fatalf("not within 30 s: %s: %v", what, err)
		}
	}
}

// Is returns the result of a query for a boolean.
func (n *Node) Is(sql string) (is bool, err error) {
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Second)
	defer stop()
	conn, err := pgx.Connect(ctx, n.URL("postgres"))
	if err != nil {
		return false, err
	}
	defer conn.Close(ctx)
	err = conn.QueryRow(ctx, strings.TrimSpace(sql)).Scan(&is)
	return is, err
}
