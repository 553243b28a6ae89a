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

	"frontdesk/internal/durable"
)

// The library that downloads PostgreSQL always starts a server, over TCP and not as root.
// So it runs in a child process, as the owner, which fills a folder with binaries and
// exits. The server of the cluster is started by server.go.

// fetchArg is the first argument of the child process.
const fetchArg = "frontdesk-fetch-postgres"

// fetchVersion is the version that is downloaded for a new cluster.
const fetchVersion = embedded.V17

// RunFetchChild must be called first in main (and in TestMain). In the child process of
// fetch it downloads PostgreSQL and exits; otherwise it returns at once.
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

// fetch returns the bin folder of a server of the given major version ("" for any) in
// DataDir/postgres-bin. It downloads the server if it is missing. The child process
// unpacks it in a temporary folder, which is renamed when it is complete and on the disk,
// so that an interrupted download is not mistaken for a server.
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

// unpack runs the child process, which downloads a server to dir/server. It takes at most
// 10 minutes.
func unpack(ctx context.Context, opts Options, o *owner, dir, version string) error {
	self, err := program()
	if err != nil {
		return err
	}
	opts.Log.Info("fetching PostgreSQL", "version", version)
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	cmd := o.command(ctx, dir, self, fetchArg, dir, version, opts.Repository)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, lastLine(out))
	}
	return nil
}

// keep moves the server from making/server to home/major and returns its bin folder.
func keep(making, home, major string) (string, error) {
	syscall.Sync() // one call for thousands of files
	to := filepath.Join(home, major)
	if err := os.RemoveAll(to); err != nil {
		return "", err
	}
	if err := os.Rename(filepath.Join(making, "server"), to); err != nil {
		return "", err
	}
	return filepath.Join(to, "bin"), durable.SyncFolder(home)
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

// hasPrograms reports whether a folder contains postgres and initdb.
func hasPrograms(bin string) bool {
	return isProgram(filepath.Join(bin, "postgres")) && isProgram(filepath.Join(bin, "initdb"))
}

// removeAll removes the files and folders that match the pattern. It ignores errors.
func removeAll(pattern string) {
	left, _ := filepath.Glob(escapeGlob(filepath.Dir(pattern)) + string(filepath.Separator) + filepath.Base(pattern))
	for _, path := range left {
		_ = os.RemoveAll(path)
	}
}

// escapeGlob returns a pattern that matches only path.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// program returns a path by which a child process can start this program: the kernel's
// link if there is one, because the owner may have no access to the program's folder.
func program() (string, error) {
	const link = "/proc/self/exe"
	if _, err := os.Stat(link); err == nil {
		return link, nil
	}
	return os.Executable()
}

// fetchable has the versions that the library can download, the newest first.
var fetchable = []embedded.PostgresVersion{embedded.V18, embedded.V17, embedded.V16, embedded.V15, embedded.V14}

// versionToFetch returns the version to download for a cluster of the given major version,
// or for a new cluster ("").
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

// fetchInto downloads a server to dir/server, by starting and stopping it once.
func fetchInto(dir, version, repository string) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	temp := filepath.Join(dir, "tmp") // the library writes its log to TMPDIR
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

// freePort returns a TCP port of 127.0.0.1 that is free.
func freePort() (uint32, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return uint32(l.Addr().(*net.TCPAddr).Port), nil
}
