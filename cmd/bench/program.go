package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"time"

	"frontdesk/db/dbseed"
)

// build builds the program, with a way to profile it where that is wanted.
func build(ctx context.Context, to string, profiled bool) error {
	args := []string{"build", "-o", to}
	if profiled {
		args = append(args, "-tags=profile")
	}
	out, err := exec.CommandContext(ctx, "go", append(args, "frontdesk/cmd/frontdesk")...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("build: %w: %s", err, out)
	}
	return nil
}

// program is a running frontdesk, or the limit's bare server.
type program struct {
	cmd  *exec.Cmd
	addr string        // host:port
	took time.Duration // from its start to its first line
	// profiler is the socket where its profiles are to be had, or "".
	profiler string
}

func (p *program) pid() int { return p.cmd.Process.Pid }

var readyLine = regexp.MustCompile(`ready at http://(\S+)`)

// startProgram starts a frontdesk and waits until it says that it is ready.
func startProgram(ctx context.Context, path string, env ...string) (*program, error) {
	return startCommand(ctx, exec.CommandContext(ctx, path), env...)
}

func startCommand(_ context.Context, cmd *exec.Cmd, env ...string) (*program, error) {
	cmd.Env = append(os.Environ(), append([]string{"PORT=0", "HOST=127.0.0.1", "LOG_LEVEL=WARN"}, env...)...)
	cmd.Stderr = os.Stderr
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
			p := &program{cmd: cmd, addr: m[1], took: time.Since(start)}
			go func() {
				for lines.Scan() {
				}
			}()
			return p, nil
		}
	}
	_ = cmd.Wait()
	return nil, errors.New("the program did not start")
}

func (p *program) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	_ = p.cmd.Wait()
}

// signIn returns the Cookie header of a new session.
func (p *program) signIn(id int) (string, error) {
	form := url.Values{"email": {dbseed.Email(id)}, "password": {password}}
	req, err := http.NewRequest(http.MethodPost, "http://"+p.addr+"/login", strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	for _, c := range resp.Cookies() {
		if strings.Contains(c.Name, "frontdesk_session") {
			return c.Name + "=" + c.Value, nil
		}
	}
	return "", fmt.Errorf("sign in: %s", resp.Status)
}
