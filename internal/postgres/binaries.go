package postgres

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// findBinaries returns the folder of a server's binaries: of the cluster's own
// major version where there is a cluster (version), else of the newest. Where
// none is installed, they are fetched.
func findBinaries(ctx context.Context, opts Options, o *owner, version string) (string, error) {
	if opts.BinDir != "" {
		return opts.BinDir, nil
	}
	var best string
	var bestMajor int
	for _, dir := range candidates() {
		major := majorOf(ctx, dir)
		if major > bestMajor && (version == "" || version == strconv.Itoa(major)) {
			best, bestMajor = dir, major
		}
	}
	if best != "" {
		return best, nil
	}
	dir, err := fetch(ctx, opts, o, version)
	if err != nil {
		return "", fmt.Errorf("no PostgreSQL server was found%s, and none could be fetched (%w): install one (on Debian: apt-get install postgresql%s), or set DATABASE_URL",
			ofVersion(version), err, suffix(version))
	}
	return dir, nil
}

func ofVersion(version string) string {
	if version == "" {
		return ""
	}
	return " of version " + version + ", which the data folder needs"
}

func suffix(version string) string {
	if version == "" {
		return ""
	}
	return "-" + version
}

// candidates are the folders that hold a server, PATH first, then where
// Debian, Red Hat, Homebrew and the vendor's installers put it.
func candidates() []string {
	dirs := filepath.SplitList(os.Getenv("PATH"))
	for _, pattern := range []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/opt/homebrew/opt/postgresql@*/bin",
		"/usr/local/opt/postgresql@*/bin", "/Library/PostgreSQL/*/bin"} {
		found, _ := filepath.Glob(pattern)
		dirs = append(dirs, found...)
	}
	return slices.DeleteFunc(dirs, func(dir string) bool {
		return !isProgram(filepath.Join(dir, "postgres")) || !isProgram(filepath.Join(dir, "initdb"))
	})
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorOf is the major version of the server in dir, 0 where it does not run
// here or is too old.
func majorOf(ctx context.Context, dir string) int {
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	m := versionPattern.FindSubmatch(out)
	if err != nil || m == nil {
		return 0
	}
	major, _ := strconv.Atoi(string(m[1]))
	if major < minMajor {
		return 0
	}
	return major
}

// minMajor is the oldest server a new cluster is made with.
const minMajor = 14
