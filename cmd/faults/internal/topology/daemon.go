package topology

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// daemon is a program of the cluster, which can be started again after it was killed.
type daemon struct {
	name    string
	log     string                          // path of its log
	command func() *exec.Cmd                // returns a command for the next start
	ready   func(ctx context.Context) error // returns nil if the program serves
	launch  launcher

	mu       sync.Mutex
	cmd      *exec.Cmd
	expected bool          // the end of cmd is caused by this package
	ended    chan struct{} // closed when cmd has ended
}

// startTimeout is the time that a program has until it serves.
const startTimeout = 30 * time.Second

// start starts the program and returns when it serves.
func (p *daemon) start(ctx context.Context) error {
	if err := p.run(); err != nil {
		return fmt.Errorf("start %s: %w", p.name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		err := p.ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.ended:
			return fmt.Errorf("start %s: it ended: %s", p.name, tail(p.log))
		case <-ctx.Done():
			return fmt.Errorf("start %s: it does not serve (%w): %s", p.name, err, tail(p.log))
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// run starts the program. It does not wait until the program serves.
func (p *daemon) run() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := p.command()
	cmd.Stdout, cmd.Stderr = log, log
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = &syscall.SysProcAttr{}
	}
	cmd.SysProcAttr.Setpgid = true // an interrupt of the terminal is for this program alone
	setParentDeathSignal(cmd.SysProcAttr)
	if err := p.launch.start(cmd); err != nil {
		return err
	}
	ended := make(chan struct{})
	p.cmd, p.ended, p.expected = cmd, ended, false
	go p.wait(cmd, ended)
	return nil
}

// wait closes ended when the program has ended, and reports an end that this package has not caused.
func (p *daemon) wait(cmd *exec.Cmd, ended chan struct{}) {
	err := cmd.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	close(ended)
	if !p.expected {
		fmt.Fprintf(os.Stderr, "%s has ended by itself (%v): %s\n", p.name, err, tail(p.log))
	}
}

// kill ends the program and its children with SIGKILL and waits until it has ended.
func (p *daemon) kill() {
	if !p.expectEnd() {
		return
	}
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// stop sends SIGTERM to the program, and SIGKILL after some seconds.
func (p *daemon) stop(sig syscall.Signal) {
	if !p.expectEnd() {
		return
	}
	_ = p.cmd.Process.Signal(sig)
	select {
	case <-p.ended:
	case <-time.After(10 * time.Second):
		p.kill()
	}
}

// expectEnd records that the program will be ended. It returns false if the program does not run.
func (p *daemon) expectEnd() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.expected = true
	return p.cmd != nil && !isClosed(p.ended)
}

// freeze stops the program and its children with SIGSTOP: connections stay open and nothing answers.
func (p *daemon) freeze() { p.signal(syscall.SIGSTOP) }

// thaw continues a frozen program.
func (p *daemon) thaw() { p.signal(syscall.SIGCONT) }

// signal sends a signal to the program first, so that it cannot start another process, and then to its
// children. They are not in one process group: each process of PostgreSQL has a session of its own.
func (p *daemon) signal(sig syscall.Signal) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.cmd == nil || isClosed(p.ended) {
		return
	}
	pid := p.cmd.Process.Pid
	family := append([]int{pid}, children(pid)...)
	if sig == syscall.SIGKILL {
		_ = syscall.Kill(pid, syscall.SIGSTOP)
		family = append([]int{pid}, children(pid)...)
	}
	for _, member := range family {
		_ = syscall.Kill(member, sig)
	}
}

// children returns the processes whose parent is pid.
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

// isClosed reports whether c is closed.
func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// tail returns the end of a log.
func tail(path string) string {
	raw, err := os.ReadFile(path)
	if err != nil {
		return "it has no log"
	}
	lines := strings.Split(strings.TrimSpace(string(raw)), "\n")
	return strings.Join(lines[max(0, len(lines)-5):], "\n")
}

// errNoProgram is returned for a program that is not installed.
var errNoProgram = errors.New("it is not installed")
