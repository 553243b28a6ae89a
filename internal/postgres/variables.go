package postgres

import (
	"os"
	"slices"
	"strings"
)

// ClientVariables returns the names of the environment variables that clients of
// PostgreSQL read (libpq, "Environment Variables") and that are set, such as PGOPTIONS.
func ClientVariables() []string {
	var names []string
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if after, ok := strings.CutPrefix(name, "PG"); ok && value != "" && after != "" && strings.Trim(after, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == "" {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// DropClientVariables unsets [ClientVariables] in this process and returns their names.
// Otherwise they would also apply to connections to the embedded database.
func DropClientVariables() []string {
	names := ClientVariables()
	for _, name := range names {
		_ = os.Unsetenv(name) // fails only for an empty name
	}
	return names
}
