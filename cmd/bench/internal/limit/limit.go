// Package limit measures the limit of each work: how fast the same machine performs only the
// necessary part of the work. The limit of a page is a bare Echo handler that runs the page's
// queries on the same database and sends the page's bytes, rendered beforehand; that of the API is
// the same without Echo. The limit of sockets is a bare gorilla server. Both run in separate
// processes, as the desk does. The limit of writes is PostgreSQL storing the same rows.
package limit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/cmd/bench/internal/load"
	"frontdesk/cmd/bench/internal/testbed"
	"frontdesk/internal/process"
)

// The first argument of this program if it is started as the server of a limit.
const (
	pagesArg   = "serve-limit"
	socketsArg = "serve-bare"
)

// Serve runs the server that the program's arguments name. It returns false if they name
// none.
func Serve(args []string) (bool, error) {
	switch {
	case len(args) == 3 && args[0] == pagesArg:
		return true, servePages(args[1], args[2])
	case len(args) == 1 && args[0] == socketsArg:
		return true, serveSockets()
	}
	return false, nil
}

// StartPage starts a bare server that returns the desk's current answer to a GET request of a
// path with one header: "Cookie" with a session, or "Authorization" with a token.
func StartPage(ctx context.Context, bed *testbed.Bed, desk *process.Program, path, header, value string) (*process.Program, error) {
	body, err := load.Body(ctx, desk.Addr, path, header, value)
	if err != nil {
		return nil, err
	}
	file := filepath.Join(bed.Dir, "limit.body")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		return nil, err
	}
	_, token, _ := strings.Cut(value, "=")
	sum := sha256.Sum256([]byte(token))
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, pagesArg, bed.Cluster.URL(testbed.Database), file)
	return process.Start(cmd, "LIMIT_SESSION="+hex.EncodeToString(sum[:]))
}

// StartSockets starts the bare socket server to compare with.
func StartSockets(ctx context.Context) (*process.Program, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return process.Start(exec.CommandContext(ctx, self, socketsArg))
}

// serve listens on a free port and prints the line that [process.Start] waits for.
func serve(h http.Handler) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Printf("ready at http://%s\n", listener.Addr())
	return (&http.Server{Handler: h, ReadHeaderTimeout: time.Second}).Serve(listener)
}
