package postgres

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// Exists reports whether there is a cluster in dataDir, or in the folder of an upgrade there that
// was interrupted. A folder that this user cannot read is taken for one.
func Exists(dataDir string) bool {
	for _, dir := range []string{dataDir, filepath.Join(dataDir, upgradeName)} {
		if _, err := os.Stat(filepath.Join(dir, "postgres", "PG_VERSION")); err == nil || errors.Is(err, os.ErrPermission) {
			return true
		}
	}
	return false
}

// Running returns the connection string of the named database on the cluster that another
// process runs in dataDir. It returns false if there is none. Commands use it to work on
// a desk that is being served.
func Running(dataDir, database string) (string, bool) {
	raw, err := os.ReadFile(filepath.Join(dataDir, "postgres", "postmaster.pid"))
	lines := strings.Split(string(raw), "\n")
	if err != nil || len(lines) <= pidSocketLine || lines[pidSocketLine] == "" {
		return "", false
	}
	return socketURL(lines[pidSocketLine], database), true
}

// pidSocketLine is the index of the line of postmaster.pid with the socket's folder
// (LOCK_FILE_LINE_SOCKET_DIR in PostgreSQL's miscadmin.h, counted from 0).
const pidSocketLine = 4
