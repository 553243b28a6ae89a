// Package testbed builds the program and runs a desk with it, in a folder of its own and with the
// embedded PostgreSQL.
package testbed

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"frontdesk/internal/postgres"
	"frontdesk/internal/process"
)

// The first admin, and the key that signs API tokens.
const (
	Admin         = "admin@faults.example"
	AdminPassword = "the admin of the faults 2026"
	JWTSecret     = "the key of the API tokens of the faults" // so that a trial can forge tokens
)

// settings are the settings of every desk. A rate limit would hide the effect of a fault.
var settings = []string{"ADMIN_EMAIL=" + Admin, "ADMIN_PASSWORD=" + AdminPassword, "JWT_SECRET=" + JWTSecret,
	"LIMIT_SIGNIN=0", "LIMIT_REGISTER=0", "LIMIT_TICKETS=0", "LIMIT_UPLOADS=0", "LIMIT_TALK=0", "LIMIT_ACTIONS=0"}

// Bed is a temporary folder with the program.
type Bed struct {
	Dir    string
	binary string
}

// New makes the folder and builds the program into it.
func New(ctx context.Context) (*Bed, error) {
	dir, err := os.MkdirTemp("", "frontdesk-faults-")
	if err != nil {
		return nil, err
	}
	b := &Bed{Dir: dir, binary: filepath.Join(dir, "frontdesk")}
	if err := os.Chmod(dir, 0o755); err != nil { // PostgreSQL may run as another user
		return nil, err
	}
	if err := process.Build(ctx, b.binary); err != nil {
		b.Remove()
		return nil, err
	}
	return b, nil
}

// Remove removes the folder. Stop the desks before.
func (b *Bed) Remove() { os.RemoveAll(b.Dir) }

// Desk is a desk with a data folder, at an address that stays the same when it is started again.
type Desk struct {
	Base    string // such as http://127.0.0.1:4000
	DataDir string

	bed     *Bed
	env     []string
	log     *os.File
	program *process.Program // nil while it is stopped
}

// Desk returns a desk with the data folder of that name. It is not started yet.
func (b *Bed) Desk(name string, env ...string) (*Desk, error) {
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(filepath.Join(b.Dir, name+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(b.Dir, name)
	own := append([]string{"PORT=" + port, "DATA_DIR=" + dir}, settings...)
	return &Desk{Base: "http://127.0.0.1:" + port, DataDir: dir, bed: b, env: append(own, env...), log: log}, nil
}

// freePort returns a TCP port that is not in use now.
func freePort() (string, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port), nil
}

// Start starts the desk and returns when it is ready.
func (d *Desk) Start() error {
	cmd := exec.Command(d.bed.binary)
	cmd.Stderr = d.log
	program, err := process.Start(cmd, d.env...)
	if err != nil {
		return fmt.Errorf("%w: %s", err, d.Log())
	}
	d.program = program
	return nil
}

// Kill kills the desk with SIGKILL. Its database may run on.
func (d *Desk) Kill() error {
	err := d.program.End(syscall.SIGKILL)
	d.program = nil
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return nil
	}
	return err
}

// Stop stops the desk with SIGTERM. It returns an error if the desk does not exit with status 0.
func (d *Desk) Stop() error {
	if d.program == nil {
		return nil
	}
	err := d.program.End(syscall.SIGTERM)
	d.program = nil
	return err
}

// Command returns a command of the program that works on the desk.
func (d *Desk) Command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, d.bed.binary, args...)
	cmd.Env = append(os.Environ(), append(d.env, "LOG_LEVEL=ERROR")...)
	return cmd
}

// DatabaseURL returns the connection string of the running desk's database.
func (d *Desk) DatabaseURL() (string, error) {
	url, running := postgres.Running(d.DataDir, "postgres")
	if !running {
		return "", errors.New("the database of the desk is not running")
	}
	return url, nil
}

// Postmaster returns the process id of the desk's database.
func (d *Desk) Postmaster() (int, error) {
	text, err := os.ReadFile(filepath.Join(d.DataDir, "postgres", "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(string(text), "\n")
	return strconv.Atoi(first)
}

// Verify runs "frontdesk verify" on the running desk and returns the number of problems: files
// with other bytes, missing files, logs with gaps, wrong counters.
func (d *Desk) Verify(ctx context.Context) (int, error) {
	out, err := d.Command(ctx, "verify").CombinedOutput()
	found := problems.FindSubmatch(out)
	if found == nil {
		return 0, fmt.Errorf("verify: %w: %s", err, out)
	}
	return strconv.Atoi(string(found[1]))
}

var problems = regexp.MustCompile(`Problems: (\d+)`)

// SignalDatabase sends a signal to the desk's database, its master process before the others.
func (d *Desk) SignalDatabase(sig syscall.Signal) error {
	pid, err := d.Postmaster()
	if err != nil {
		return err
	}
	if err := syscall.Kill(pid, sig); err != nil {
		return err
	}
	all, err := process.Tree(pid)
	if err != nil {
		return err
	}
	for _, child := range all[1:] {
		_ = syscall.Kill(child, sig) // it may have ended
	}
	return nil
}

// IsRunning reports whether the desk is started.
func (d *Desk) IsRunning() bool { return d.program != nil }

// PID returns the process id of the running desk.
func (d *Desk) PID() int { return d.program.PID() }

// Log returns the end of what the desk has logged.
func (d *Desk) Log() string {
	text, _ := os.ReadFile(d.log.Name()) // without a log there is nothing to add
	return string(text[max(0, len(text)-2000):])
}
