package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"frontdesk/db/dbtest"
)

// socketIOScripts returns a folder with the scripts of testdata/socketio, for a desk at base.
// Modules of npm are found there. A missing Node or socket.io-client skips the test.
func socketIOScripts(t *testing.T, base string) (node, dir string) {
	t.Helper()
	node, dir = findNode(t), t.TempDir()
	if err := os.Symlink(socketIOClient(t), filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	scripts, err := filepath.Glob("testdata/socketio/*.mjs")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		text = bytes.ReplaceAll(text, []byte("http://localhost:4000"), []byte(base))
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(script)), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return node, dir
}

// socketIOClient returns the folder of npm's modules with socket.io-client.
func socketIOClient(t *testing.T) string {
	t.Helper()
	modules, err := filepath.Abs("../../static/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "socket.io-client")); err != nil {
		t.Skip("socket.io-client is not in static/node_modules: run npm install in static")
	}
	return modules
}

// runSocketIO runs cases of testdata/socketio against a desk. The script asks for what is in
// do by its name.
func runSocketIO(t *testing.T, base string, do map[string]func(), cases ...string) {
	t.Helper()
	node, dir := socketIOScripts(t, base)
	cmd := exec.CommandContext(t.Context(), node, append([]string{filepath.Join(dir, "cases.mjs"), base, adminEmail, password}, cases...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	var passed []string
	for lines := bufio.NewScanner(out); lines.Scan(); {
		verb, what, _ := strings.Cut(lines.Text(), " ")
		switch verb {
		case "ok":
			passed = append(passed, what)
		case "do":
			do[what]()
			fmt.Fprintln(in, "done")
		}
	}
	if err := cmd.Wait(); err != nil || !slices.Equal(passed, cases) {
		t.Errorf("%v after %q, want %q:\n%s", err, passed, cases, &stderr)
	}
}

// unlimited is the settings of a desk with an admin and without limits.
func unlimited(settings ...string) []string {
	return append(settings, "ADMIN_EMAIL="+adminEmail, "ADMIN_PASSWORD="+password, "LIMIT_TALK=0", "LIMIT_ACTIONS=0", "LIMIT_REGISTER=0", "LIMIT_SIGNIN=0", "LIMIT_TICKETS=0")
}

func TestTheClientLibraryOfSocketIOChatsWithTheDesk(t *testing.T) {
	t.Parallel()
	r := serve(t, unlimited("DATABASE_URL="+dbtest.NewURL(t), "DATA_DIR="+dataDir(t))...)
	runSocketIO(t, r.url, nil, "polling only", "websocket only", "upgrade", "acknowledgements", "wrong tokens", "recovery", "the sample of the first system")
	r.end(t, syscall.SIGTERM)
}

func TestClientsOfSocketIOGetEachMessageOnceAcrossRestarts(t *testing.T) {
	t.Parallel()
	dir := migratedDir(t)
	settings := unlimited("DATA_DIR=" + dir)
	r := serve(t, settings...)
	w := newWire(t, r.url)
	restart := func(sig syscall.Signal) func() {
		return func() { r.end(t, sig); r = serve(t, settings...); w.leadTo(r.url) }
	}
	runSocketIO(t, w.base, map[string]func(){
		"stop": restart(syscall.SIGTERM), "kill": restart(syscall.SIGKILL),
		"kill the database": func() {
			if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
				t.Error(err)
			}
		},
	}, "restarts, websocket", "restarts, polling")
	r.end(t, syscall.SIGTERM)
}
