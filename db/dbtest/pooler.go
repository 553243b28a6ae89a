package dbtest

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Pooler is a PgBouncer in front of a server. It ends with the test.
type Pooler struct {
	t        testing.TB
	program  string
	dir      string
	port     int
	user     string
	account  syscall.Credential
	settings []string
	cmd      *exec.Cmd
}

// NewPooler starts PgBouncer in front of a server, with settings of pgbouncer.ini such as
// "pool_mode = transaction". If TEST_PGBOUNCER is set to a program, that is used. The test is
// skipped if PgBouncer is not installed.
func NewPooler(t testing.TB, own *Own, settings ...string) *Pooler {
	t.Helper()
	p := &Pooler{t: t, program: pgbouncer(t), port: freePort(t), account: own.Account(), settings: settings}
	var err error
	if p.dir, err = os.MkdirTemp("", "frontdesk-pooler-"); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p.dir, 0o755); err != nil { // as root, PgBouncer runs as another user
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.Kill()
		os.RemoveAll(p.dir)
	})
	p.Lead(own)
	p.Start()
	return p
}

// pgbouncer returns the path of the program.
func pgbouncer(t testing.TB) string {
	if given := os.Getenv("TEST_PGBOUNCER"); given != "" {
		return given
	}
	for _, name := range []string{"pgbouncer", "/usr/sbin/pgbouncer"} { // the latter is often not in PATH
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("PgBouncer is not installed")
	return ""
}

// freePort returns a TCP port that is not in use now.
func freePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// Lead writes a configuration that leads to a server. A running PgBouncer reads it at RELOAD.
func (p *Pooler) Lead(own *Own) {
	p.t.Helper()
	u, err := url.Parse(own.URL("postgres"))
	if err != nil {
		p.t.Fatal(err)
	}
	p.user = u.Query().Get("user")
	ini := fmt.Sprintf("[databases]\n* = host=%s user=%s\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = %d\nunix_socket_dir =\nauth_type = any\nadmin_users = %s\n%s\n",
		u.Query().Get("host"), p.user, p.port, p.user, strings.Join(p.settings, "\n"))
	if err := os.WriteFile(filepath.Join(p.dir, "pgbouncer.ini"), []byte(ini), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

// Start starts PgBouncer, and waits until it answers. It was killed before.
func (p *Pooler) Start() {
	p.t.Helper()
	p.cmd = exec.Command(p.program, filepath.Join(p.dir, "pgbouncer.ini"))
	p.cmd.SysProcAttr = &syscall.SysProcAttr{}
	if os.Geteuid() == 0 { // PgBouncer refuses root
		p.cmd.SysProcAttr.Credential = &p.account
	}
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		conn, err := pgx.Connect(context.Background(), p.URL("postgres"))
		if err == nil {
			conn.Close(context.Background())
			return
		}
		if time.Now().After(end) {
			p.t.Fatalf("PgBouncer does not answer: %v", err)
		}
	}
}

// Kill ends PgBouncer with SIGKILL.
func (p *Pooler) Kill() {
	if p.cmd != nil {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait()
		p.cmd = nil
	}
}

// Console runs a command of PgBouncer's console, such as PAUSE or RELOAD.
func (p *Pooler) Console(command string) {
	p.t.Helper()
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	conn, err := pgx.Connect(ctx, p.URL("pgbouncer"))
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, command, pgx.QueryExecModeSimpleProtocol); err != nil {
		p.t.Fatalf("%s: %v", command, err)
	}
}

// URL returns the connection string of the named database through PgBouncer.
func (p *Pooler) URL(database string) string {
	return fmt.Sprintf("postgres://%s@127.0.0.1:%d/%s?sslmode=disable", p.user, p.port, database)
}
