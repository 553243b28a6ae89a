package postgres

import (
	"os"
	"path/filepath"
	"strings"
)

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
