package postgres

import (
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	embedded "github.com/fergusstrange/embedded-postgres"
)

// The library that fetches PostgreSQL can only do so by starting a server,
// over TCP and not as root. So it runs in a child of its own, as the owner,
// that fills a folder with binaries and ends; the server that counts is
// started by us.

// fetchArg, as a program's first argument, makes it that child.
const fetchArg = "frontdesk-fetch-postgres"

// fetchVersion is what is fetched where no cluster asks for another.
const fetchVersion = embedded.V17

// RunFetchChild must be called first in main (and in TestMain): in a child
// made by fetch it does its work and exits; elsewhere it returns at once.
func RunFetchChild() {
	if len(os.Args) != 5 || os.Args[1] != fetchArg {
		return
	}
	if err := fetchInto(os.Args[2], os.Args[3], os.Args[4]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// fetch fills DataDir/postgres-bin in a child process and returns its bin folder.
func fetch(ctx context.Context, opts Options, o *owner, version string) (string, error) {
	dir, err := filepath.Abs(filepath.Join(opts.DataDir, "postgres-bin"))
	if err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "server", "bin")
	if isProgram(filepath.Join(bin, "postgres")) && isProgram(filepath.Join(bin, "initdb")) {
		return bin, nil
	}
	if err := o.makeDir(dir); err != nil {
		return "", err
	}
	self, err := program()
	if err != nil {
		return "", err
	}
	opts.Log.Info("fetching PostgreSQL, as none is installed")
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	cmd := o.command(ctx, dir, self, fetchArg, dir, versionToFetch(version), opts.Repository)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, lastLine(out))
	}
	return bin, nil
}

// program is how a child reaches our own executable: by the kernel's link,
// where there is one, as its folder may be closed to the owner.
func program() (string, error) {
	const link = "/proc/self/exe"
	if _, err := os.Stat(link); err == nil {
		return link, nil
	}
	return os.Executable()
}

func versionToFetch(major string) string {
	for _, v := range []embedded.PostgresVersion{embedded.V18, embedded.V17, embedded.V16, embedded.V15, embedded.V14} {
		if strings.HasPrefix(string(v), major+".") {
			return string(v)
		}
	}
	return string(fetchVersion)
}

func fetchInto(dir, version, repository string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	temp := filepath.Join(dir, "tmp") // the library leaves its log where TMPDIR says
	if err := os.MkdirAll(temp, 0o700); err != nil {
		return err
	}
	os.Setenv("TMPDIR", temp)
	cfg := embedded.DefaultConfig().
		Version(embedded.PostgresVersion(version)).
		Port(port).
		CachePath(filepath.Join(dir, "cache")).
		BinariesPath(filepath.Join(dir, "server")).
		RuntimePath(filepath.Join(dir, "trial")).
		DataPath(filepath.Join(dir, "trial-data")).
		StartTimeout(time.Minute).
		Logger(io.Discard)
	if repository != "" {
		cfg = cfg.BinaryRepositoryURL(repository)
	}
	pg := embedded.NewDatabase(cfg)
	if err := pg.Start(); err != nil {
		return err
	}
	if err := pg.Stop(); err != nil {
		return err
	}
	for _, leftover := range []string{"trial", "trial-data", "cache", "tmp"} {
		_ = os.RemoveAll(filepath.Join(dir, leftover))
	}
	return nil
}

func freePort() (uint32, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return uint32(l.Addr().(*net.TCPAddr).Port), nil
}
