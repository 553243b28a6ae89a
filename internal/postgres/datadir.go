package postgres

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// systemDir is the folder for persistent state by the Filesystem Hierarchy Standard (5.8).
const systemDir = "/var/lib/frontdesk"

// DataDir returns the absolute path of a folder that can contain a cluster. If this program
// runs as root, PostgreSQL runs as another user. If that user cannot reach dir, the result
// is /var/lib/frontdesk, with moved true, if mayMove is true and dir contains no cluster,
// and otherwise an error that says what to run. /var/lib/frontdesk replaces one folder only.
func DataDir(dir string, mayMove bool) (usable string, moved bool, err error) {
	return dataDir(dir, mayMove, systemDir)
}

// dataDir is DataDir with another folder than systemDir.
func dataDir(dir string, mayMove bool, system string) (usable string, moved bool, err error) {
	abs, err := filepath.Abs(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return "", false, errors.New("the current folder was deleted: change to another folder and start again, or set DATA_DIR to a full path")
	} else if err != nil {
		return "", false, err
	}
	if err := refuseName(abs); err != nil {
		return "", false, err
	}
	o, err := findOwner()
	if err != nil || o == nil {
		return abs, false, err
	}
	barrier := o.barrier(abs)
	if barrier == "" {
		return abs, false, nil
	}
	if !mayMove || clusterVersion(filepath.Join(abs, "postgres")) != "" {
		return "", false, fmt.Errorf("the data folder %s is out of reach of the user %s, as whom PostgreSQL runs because Frontdesk runs as root: run chmod o+x '%s', or set DATA_DIR to a folder that user can reach, such as %s",
			abs, o.name, barrier, system)
	}
	return system, true, replace(abs, system)
}

// replacedFile is the name of the file in the system's folder that has the path of the
// folder that it replaces.
const replacedFile = "replaces"

// replace records that system replaces dir. It returns an error if system replaces another
// folder already, because two desks would then use the same data.
func replace(dir, system string) error {
	if err := os.MkdirAll(system, 0o755); err != nil {
		return err
	}
	file := filepath.Join(system, replacedFile)
	raw, err := os.ReadFile(file)
	was := strings.TrimSuffix(string(raw), "\n")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.WriteFile(file, []byte(dir+"\n"), 0o644)
	case err != nil:
		return err
	case was != dir:
		return fmt.Errorf("%s holds the desk of %s, and the database's user cannot reach %s: set DATA_DIR to %s to use that desk, or to another folder, such as %s-2, for a new one", system, was, dir, system, system)
	}
	return nil
}
