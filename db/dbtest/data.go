package dbtest

import (
	"os"
	"testing"

	"frontdesk/internal/testdir"
)

// folder returns the folder in which the servers keep their data.
func folder() string { return testdir.Parent() }

// DataFolder returns a folder for the data of a program that starts its own server. It is removed
// when the test ends.
func DataFolder(t testing.TB) string {
	t.Helper()
	SkipLate(t)
	return newFolder(t)
}

// MakeFolder makes a folder for data that several tests copy. The caller removes it.
func MakeFolder() (string, error) {
	dir, err := os.MkdirTemp(folder(), "frontdesk-data-")
	if err != nil {
		return "", err
	}
	return dir, os.Chmod(dir, 0o755) // as root, the server runs as another user
}
