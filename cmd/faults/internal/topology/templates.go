package topology

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// fill writes a file of deploy/cluster to path, with each ${NAME} replaced by its value. It returns an error for a
// name without a value.
func (c *Cluster) fill(file, path string, values map[string]string) error {
	raw, err := os.ReadFile(filepath.Join(c.opts.Files, file))
	if err != nil {
		return err
	}
	var missing []string
	filled := os.Expand(string(raw), func(name string) string {
		value, ok := values[name]
		if !ok {
			missing = append(missing, name)
		}
		return value
	})
	if missing != nil {
		return fmt.Errorf("%s needs %s", file, strings.Join(missing, ", "))
	}
	return os.WriteFile(path, []byte(filled), 0o644)
}

// environment returns the variables that a filled file sets, as NAME=value. A shell reads the file, like that of an
// operator who follows docs/cluster.md.
func environment(path string) ([]string, error) {
	sh := exec.Command("/bin/sh", "-c", `set -a; . "$1"; env -0`, "sh", path)
	sh.Env = []string{}
	out, err := sh.Output()
	if err != nil {
		return nil, fmt.Errorf("read %s by a shell: %w", path, err)
	}
	var variables []string
	for line := range strings.SplitSeq(string(out), "\x00") {
		if _, value, _ := strings.Cut(line, "="); value != "" {
			variables = append(variables, line)
		}
	}
	return variables, nil
}
