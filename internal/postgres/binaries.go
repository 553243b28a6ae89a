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

// findBinaries returns the folder with the binaries of a server. version is the major
// version of the cluster, which the server must have, or "" for the newest. If no such
// server is installed, it is downloaded.
func findBinaries(ctx context.Context, opts Options, o *owner, version string) (string, error) {
	if opts.BinDir != "" {
		return opts.BinDir, nil
	}
	if dir, _ := installed(ctx, version); dir != "" {
		return dir, nil
	}
	dir, err := fetch(ctx, opts, o, version)
	if err != nil {
		return "", fmt.Errorf("no PostgreSQL server was found%s, and none could be fetched (%w): install one (on Debian: apt-get install postgresql%s), or set DATABASE_URL",
			ofVersion(version), err, suffix(version))
	}
	return dir, nil
}

// installed returns the folder of the newest installed server of a major version ("": any),
// and its major version. It returns "" if there is none.
func installed(ctx context.Context, version string) (dir string, major int) {
	for _, candidate := range candidates() {
		m := majorOf(ctx, candidate)
		if m > major && (version == "" || version == strconv.Itoa(m)) {
			dir, major = candidate, m
		}
	}
	return dir, major
}

// ofVersion returns a part of an error message about the version.
func ofVersion(version string) string {
	if version == "" {
		return ""
	}
	return " of version " + version + ", which the data folder needs"
}

// suffix returns the end of the name of Debian's package for a version.
func suffix(version string) string {
	if version == "" {
		return ""
	}
	return "-" + version
}

// candidates returns the folders that contain a server: those in PATH first, then those
// of Debian, Red Hat, Homebrew and the vendor's installers.
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

// isProgram reports whether path is an executable file.
func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Mode().Perm()&0o111 != 0
}

var versionPattern = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// majorOf returns the major version of the server in dir, or 0 if it cannot run on this
// machine or is older than minMajor.
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

// minMajor is the oldest supported major version.
const minMajor = 14

// Installed returns the folder of all programs of the newest installed server, or "" if there is none.
func Installed(ctx context.Context) string {
	dir, _ := installed(ctx, "")
	if program, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); dir != "" && err == nil {
		return filepath.Dir(program) // a folder of links need not have a link to each program
	}
	return dir
}
