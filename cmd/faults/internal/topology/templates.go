package topology

import (
	"fmt"
	"os"
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

// environment returns the variables of a filled file, one NAME=value on each line.
func environment(path string) ([]string, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var variables []string
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if name, value, _ := strings.Cut(line, "="); value != "" && !strings.HasPrefix(name, "#") {
			variables = append(variables, line)
		}
	}
	return variables, nil
}
