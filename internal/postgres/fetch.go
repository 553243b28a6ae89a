package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
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

// fetch returns the bin folder of a server of the given major version ("": any)
// in DataDir/postgres-bin, which it fetches unless that is there. A child unpacks
// it in a folder aside, which gets its name once it is complete and on the disk: a
// fetch that was cut short leaves nothing that looks like a server.
func fetch(ctx context.Context, opts Options, o *owner, version string) (string, error) {
	home, err := filepath.Abs(filepath.Join(opts.DataDir, "postgres-bin"))
	if err != nil {
		return "", err
	}
	if bin := fetched(ctx, home, o, version); bin != "" {
		return bin, nil
	}
	if strings.ContainsAny(home, "\"$`\\") {
		return "", fmt.Errorf("PostgreSQL's programs do not work in a folder with one of \" $ ` \\ in its name, such as %s", home)
	}
	wanted, err := versionToFetch(version)
	if err != nil {
		return "", err
	}
	if err := o.makeDir(home); err != nil {
		return "", err
	}
	removeAll(filepath.Join(home, "new-*"))
	making, err := os.MkdirTemp(home, "new-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(making)
	if err := o.makeDir(making); err != nil {
		return "", err
	}
	if err := unpack(ctx, opts, o, making, wanted); err != nil {
		return "", err
	}
	return keep(making, home, majorIn(wanted))
}

// unpack runs the child that fetches a server into dir/server.
func unpack(ctx context.Context, opts Options, o *owner, dir, version string) error {
	self, err := program()
	if err != nil {
		return err
	}
	opts.Log.Info("fetching PostgreSQL, as none is installed", "version", version)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	cmd := o.command(ctx, dir, self, fetchArg, dir, version, opts.Repository)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, lastLine(out))
	}
	return nil
}

// keep gives the server that was unpacked in making its place below home.
func keep(making, home, major string) (string, error) {
	syscall.Sync() // thousands of files, once
	to := filepath.Join(home, major)
	if err := os.RemoveAll(to); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(making, "server"), to); err != nil {
		return "", err
	}
	return filepath.Join(to, "bin"), syncDir(home)
}

// fetched returns the bin folder of a complete server of the given major version
// ("": the newest) below home, or "".
func fetched(ctx context.Context, home string, o *owner, version string) string {
	for _, v := range fetchable {
		major := majorIn(string(v))
		if bin := filepath.Join(home, major, "bin"); hasPrograms(bin) && (version == "" || version == major) {
			return bin
		}
	}
	// Earlier versions of this program unpacked in place, and removed the archive at the end.
	bin := filepath.Join(home, "server", "bin")
	_, err := os.Stat(filepath.Join(home, "cache"))
	if !hasPrograms(bin) || !errors.Is(err, os.ErrNotExist) {
		return ""
	}
	out, err := o.command(ctx, home, filepath.Join(bin, "postgres"), "--version").Output()
	if m := versionPattern.FindSubmatch(out); err == nil && m != nil && (version == "" || version == string(m[1])) {
		return bin
	}
	return ""
}

func hasPrograms(bin string) bool {
	return isProgram(filepath.Join(bin, "postgres")) && isProgram(filepath.Join(bin, "initdb"))
}

// removeAll removes what matches the pattern, as far as it can.
func removeAll(pattern string) {
	left, _ := filepath.Glob(escapeGlob(filepath.Dir(pattern)) + string(filepath.Separator) + filepath.Base(pattern))
	for _, path := range left {
		_ = os.RemoveAll(path)
	}
}

// escapeGlob returns a path as a pattern that matches it alone.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
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

// fetchable are the servers that the library can fetch, the newest first.
var fetchable = []embedded.PostgresVersion{embedded.V18, embedded.V17, embedded.V16, embedded.V15, embedded.V14}

// versionToFetch returns the version to fetch for a cluster of the given major
// version, or for a new cluster ("").
func versionToFetch(major string) (string, error) {
	if major == "" {
		return string(fetchVersion), nil
	}
	for _, v := range fetchable {
		if majorIn(string(v)) == major {
			return string(v), nil
		}
	}
	return "", fmt.Errorf("version %s cannot be fetched", major)
}

// majorIn returns the major version of a version such as 17.5.0.
func majorIn(version string) string {
	major, _, _ := strings.Cut(version, ".")
	return major
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
	return pg.Stop()
}

func freePort() (uint32, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return uint32(l.Addr().(*net.TCPAddr).Port), nil
}
