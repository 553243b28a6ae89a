package blobtest

import (
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// gatewayProgram returns the path of versitygw: TEST_VERSITYGW, or the one that is installed; ""
// if there is none. The module in internal/blob/s3test builds it.
func gatewayProgram() string {
	if path := os.Getenv("TEST_VERSITYGW"); path != "" {
		return path
	}
	path, _ := exec.LookPath("versitygw")
	return path
}

// New starts versitygw or, if it is not installed, a server that keeps objects in memory.
func New(t testing.TB) *Server {
	if gatewayProgram() == "" {
		return Fake(t)
	}
	return Gateway(t)
}

// Gateway starts versitygw with an empty bucket. It skips the test if there is none.
func Gateway(t testing.TB) *Server {
	t.Helper()
	program := gatewayProgram()
	if program == "" {
		t.Skip("versitygw is not installed: build it with internal/blob/s3test and set TEST_VERSITYGW to its path")
	}
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, Bucket), 0o755); err != nil {
		t.Fatal(err)
	}
	address := freeAddress(t)
	log, err := os.Create(filepath.Join(t.TempDir(), "versitygw.log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "--port", address, "--access", key, "--secret", secret, "--keep-alive", "--quiet", "posix", root)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		_ = log.Close()
	})
	await(t, address, log.Name())
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: address})
	proxy.Transport = &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}
	s := serve(t, proxy)
	s.address = address
	return s
}

// freeAddress returns an address of this machine at which no program listens.
func freeAddress(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// await returns when a program listens at an address.
func await(t testing.TB, address, log string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if conn, err := net.Dial("tcp", address); err == nil {
			conn.Close()
			return
		}
	}
	output, _ := os.ReadFile(log)
	t.Fatalf("versitygw does not listen: %s", output)
}
