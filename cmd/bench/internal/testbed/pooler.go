package testbed

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"frontdesk/internal/process"
)

// StartPooledDesk is [Bed.StartDesk] through a PgBouncer in transaction mode, which it starts
// from the given program. stop stops both.
func (b *Bed) StartPooledDesk(ctx context.Context, program, database, name string) (p *process.Program, stop func(), err error) {
	pooled, end, err := b.startPooler(ctx, program, database)
	if err != nil {
		return nil, nil, err
	}
	p, err = b.StartDesk(ctx, database, name, "DATABASE_URL="+pooled, "DATABASE_DIRECT_URL="+b.Cluster.URL(database))
	if err != nil {
		end()
		return nil, nil, err
	}
	return p, func() { p.Stop(); end() }, nil
}

// poolerPort is the port in the name of PgBouncer's socket, which is beside that of the cluster.
const poolerPort = 6432

// startPooler starts PgBouncer in front of the cluster, and returns the connection string of a
// database through it, and a function that stops it.
func (b *Bed) startPooler(ctx context.Context, program, database string) (address string, end func(), err error) {
	u, err := url.Parse(b.Cluster.URL(database))
	if err != nil {
		return "", nil, err
	}
	user := u.Query().Get("user")
	ini := filepath.Join(b.Dir, "pgbouncer.ini")
	err = os.WriteFile(ini, fmt.Appendf(nil, "[databases]\n* = host=%s user=%s\n[pgbouncer]\nunix_socket_dir = %s\nlisten_port = %d\nauth_type = any\npool_mode = transaction\nlogfile = /dev/null\n",
		u.Query().Get("host"), user, u.Query().Get("host"), poolerPort), 0o644)
	if err != nil {
		return "", nil, err
	}
	cmd := exec.Command(program, ini)
	if cmd.SysProcAttr, err = b.asServer(); err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("start PgBouncer: %w", err)
	}
	end = func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }
	address = fmt.Sprintf("%s&port=%d", b.Cluster.URL(database), poolerPort)
	for range 100 {
		var conn *pgx.Conn
		if conn, err = pgx.Connect(ctx, address); err == nil {
			_ = conn.Close(ctx)
			return address, end, nil
		}
		if ctx.Err() != nil {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	end()
	return "", nil, fmt.Errorf("PgBouncer does not answer: %w", err)
}

// asServer returns attributes that run a command as the user of the cluster, because PgBouncer
// refuses root.
func (b *Bed) asServer() (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	info, err := os.Stat(filepath.Join("/proc", strconv.Itoa(b.Cluster.PID())))
	if err != nil {
		return nil, err
	}
	st := info.Sys().(*syscall.Stat_t)
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: st.Uid, Gid: st.Gid}}, nil
}
