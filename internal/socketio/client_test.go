package socketio

import (
	"bufio"
	"bytes"
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// run is a scenario of testdata/client.mjs.
type run struct {
	t      *testing.T
	cmd    *exec.Cmd
	lines  *bufio.Scanner
	errors bytes.Buffer
}

// startClient starts a scenario with a server. It skips the test if Node 20 or
// socket.io-client is missing.
func startClient(t *testing.T, base, scenario string) *run {
	t.Helper()
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	if exec.Command(node, "-e", `process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)`).Run() != nil {
		t.Skip("node is older than 20")
	}
	modules, err := filepath.Abs("../../static/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "socket.io-client")); err != nil {
		t.Skip("socket.io-client is not installed: run npm install in static")
	}
	r := &run{t: t, cmd: exec.CommandContext(t.Context(), node, "testdata/client.mjs", modules, base, scenario)}
	r.cmd.Stderr = &r.errors
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r.lines = bufio.NewScanner(out)
	return r
}

// prints fails the test if the client does not print a line next.
func (r *run) prints(want string) {
	r.t.Helper()
	r.lines.Scan() // the text is empty at the end
	if got := r.lines.Text(); got != want {
		_ = r.cmd.Wait()
		r.t.Fatalf("the client printed %q, want %q; its errors:\n%s", got, want, r.errors.String())
	}
}

// succeeds fails the test if the client ends with an error.
func (r *run) succeeds() {
	r.t.Helper()
	r.prints("ok")
	if err := r.cmd.Wait(); err != nil {
		r.t.Errorf("the client ended with %v", err)
	}
}

// patient sets timeouts that are long enough for a busy machine.
func patient(o *Options) {
	o.PingInterval, o.PingTimeout, o.ConnectTimeout = time.Second, 20*time.Second, 20*time.Second
}

func TestTheClientInJavaScriptWorks(t *testing.T) {
	t.Parallel()
	for _, scenario := range []string{"polling", "websocket", "upgrade", "upgradeUnderLoad", "namespaces", "refused", "disconnected", "recovered"} {
		t.Run(scenario, func(t *testing.T) {
			t.Parallel()
			server, base := (&echo{}).serve(t, patient)
			startClient(t, base, scenario).succeeds()
			eventually(t, func() bool { return server.Sessions() == 0 })
		})
	}
}

func TestTheClientInJavaScriptReconnectsAfterARestart(t *testing.T) {
	t.Parallel()
	first, listener := serveAt(t, "127.0.0.1:0")
	addr := listener.Addr().String()
	client := startClient(t, "http://"+addr, "restarted")
	client.prints("connected")
	first()
	second, _ := serveAt(t, addr)
	defer second()
	client.succeeds()
}

// serveAt starts the application at an address, and returns a function that stops it.
func serveAt(t *testing.T, addr string) (stop func(), listener net.Listener) {
	t.Helper()
	o := (&echo{}).options()
	patient(&o)
	server := New(o)
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	web := &http.Server{Handler: server, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = web.Serve(listener) }()
	go server.Run(ctx)
	return func() {
		if err := server.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := web.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		cancel()
	}, listener
}
