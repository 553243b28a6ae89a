// Package process starts programs and measures the CPU time and memory that
// processes use. It reads /proc and therefore works on Linux only.
package process

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"time"
)

// Program is a server that was started: a desk or the server of a limit.
type Program struct {
	Addr string        // host:port
	Took time.Duration // from its start to the line that says it is ready
	// Profiler is the path of the Unix socket that serves its profiles, or "".
	Profiler string

	cmd *exec.Cmd
}

// Build builds the desk's program with flags of go build into the file at path.
func Build(ctx context.Context, path string, flags ...string) error {
	args := append(append([]string{"build", "-o", path}, flags...), "frontdesk/cmd/frontdesk")
	if out, err := exec.CommandContext(ctx, "go", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	return nil
}

var readyLine = regexp.MustCompile(`ready at http://(\S+)`)

// Start starts a server on a free port with env added to the environment and
// waits until it prints "ready at http://HOST:PORT". What it logs goes to cmd.Stderr, or to
// standard error if that is nil.
func Start(cmd *exec.Cmd, env ...string) (*Program, error) {
	cmd.Env = append(os.Environ(), append([]string{"PORT=0", "HOST=127.0.0.1", "LOG_LEVEL=WARN"}, env...)...)
	if cmd.Stderr == nil {
		cmd.Stderr = os.Stderr
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if m := readyLine.FindStringSubmatch(lines.Text()); m != nil {
			p := &Program{cmd: cmd, Addr: m[1], Took: time.Since(start)}
			go func() {
				for lines.Scan() { // so that the program never waits for its output to be read
				}
			}()
			return p, nil
		}
	}
	_ = cmd.Wait()
	return nil, errors.New("the program did not start")
}

// PID returns the process id.
func (p *Program) PID() int { return p.cmd.Process.Pid }

// Stop sends SIGTERM and waits until the program has ended.
func (p *Program) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// End sends a signal and waits until the program has ended. It returns an error if the program
// did not exit with status 0.
func (p *Program) End(sig os.Signal) error {
	if err := p.cmd.Process.Signal(sig); err != nil {
		return err
	}
	return p.cmd.Wait()
}

// Profile takes a profile of the given kind, "profile" for CPU or "allocs", for the given number of
// seconds, and writes it to a file. The program must have a Profiler.
func (p *Program) Profile(kind string, seconds int, file string) error {
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", p.Profiler)
	}}}
	resp, err := c.Get(fmt.Sprintf("http://profiler/debug/pprof/%s?seconds=%d", kind, seconds))
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("profile: %s: %s", resp.Status, body)
	}
	return cmp.Or(err, os.WriteFile(file, body, 0o644))
}
